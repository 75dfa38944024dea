// The logged-out page goes on to the service that asked: when all others have been told, at the latest after three
// seconds. Without scripts the page's refresh does the same, and its link always works.
const onward = document.getElementById('onward')
if (onward) {
  const go = () => location.replace(onward.href)
  setTimeout(go, 3000)
  addEventListener('load', () => setTimeout(go, 200))
}
