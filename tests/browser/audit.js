// What is wrong with the page as it is shown now. Source: WCAG 2.2 §1.1.1, 1.3.1, 1.4.3, 1.4.10, 2.5.5, 3.1.1, 4.1.2.
() => {
  const findings = []
  const say = (rule, element, more = '') =>
    findings.push(`${rule}: <${element.tagName.toLowerCase()}> "${(element.innerText || element.name || element.id || '').slice(0, 40)}" ${more}`.trim())
  const shown = (element) => {
    const box = element.getBoundingClientRect()
    const style = getComputedStyle(element)
    return box.width > 1 && box.height > 1 && style.visibility !== 'hidden' && box.right > 0 && !style.clipPath.includes('inset(50%)')
  }

  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth) {
    findings.push(`overflow: ${root.scrollWidth} px in ${root.clientWidth}`)
    for (const element of document.querySelectorAll('main *')) {
      if (element.getBoundingClientRect().right > root.clientWidth + 1) { say('overflow', element); break }
    }
  }
  if (!root.lang) findings.push('language: <html> has no lang')
  if (!document.title.trim()) findings.push('title: empty')
  if (document.querySelectorAll('h1').length !== 1) findings.push(`heading: ${document.querySelectorAll('h1').length} h1`)
  if (!document.querySelector('main')) findings.push('landmark: no main')
  if (!document.fonts.check('16px "Be Vietnam Pro"')) findings.push('font: Be Vietnam Pro is not loaded')
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id)
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index))) findings.push(`id: ${id} twice`)
  for (const image of document.images) {
    if (!image.hasAttribute('alt')) say('alt', image)
    if (image.complete && image.naturalWidth === 0) say('broken picture', image, image.src)
  }
  for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    if (!field.labels?.length && !field.getAttribute('aria-label')) say('label', field)
  }
  for (const control of document.querySelectorAll('a[href], button')) {
    if (!(control.textContent.trim() || control.getAttribute('aria-label') || control.querySelector('img[alt]:not([alt=""])'))) say('name', control)
  }

  const inline = (element) => {
    if (getComputedStyle(element).display !== 'inline') return false
    const around = element.parentElement
    return around.innerText.trim() !== element.innerText.trim() || ['P', 'LI', 'DD'].includes(around.tagName) && element.tagName === 'A' && around.childElementCount > 1
  }
  for (const element of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (!shown(element) || inline(element)) continue
    let box = element.getBoundingClientRect()
    let width = box.width
    let height = box.height
    if (['checkbox', 'radio'].includes(element.type) && element.labels.length) {
      const label = element.labels[0].getBoundingClientRect()
      width = Math.max(box.right, label.right) - Math.min(box.left, label.left)
      height = Math.max(box.bottom, label.bottom) - Math.min(box.top, label.top)
    }
    const after = getComputedStyle(element, '::after')
    if (after.position === 'absolute' && after.content !== 'none') continue // the whole card is the target
    if (width < 43.5 || height < 43.5) say('target', element, `${Math.round(width)}×${Math.round(height)}`)
  }

  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
    return [r, g, b, a / 255]
  }
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1)
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const ground = (element) => {
    const layers = []
    for (let one = element; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor)
      if (colour[3] > 0) layers.push(colour)
      if (colour[3] === 1) break
    }
    return layers.reverse().reduce((below, top) => over(top, below), rgba('Canvas'))
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const seen = new Set()
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || seen.has(element) || !shown(element)) continue
    seen.add(element)
    const style = getComputedStyle(element)
    const below = ground(element)
    const [light, dark] = [luminance(over(rgba(style.color), below)), luminance(below)].sort((a, b) => b - a)
    const ratio = (light + 0.05) / (dark + 0.05)
    const size = parseFloat(style.fontSize)
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 600)
    if (ratio < (large ? 3 : 4.5)) say('contrast', element, `${ratio.toFixed(2)}:1`)
    if (size < 14) say('small text', element, `${size} px`)
  }
  return findings
}
