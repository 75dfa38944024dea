// A browser application with oidc-client-ts and nothing else; the test calls what a person would click.

const ready = (async () => {
  const settings = await (await fetch('/settings.json')).json()
  if (settings.bound) settings.dpop = { bind_authorization_code: true, store: new oidc.IndexedDbDPoPStore() }
  settings.userStore = new oidc.WebStorageStateStore({ store: window.localStorage })
  const manager = new oidc.UserManager(settings)
  manager.events.addUserSignedOut(() => { window.signedOut = true })
  if (location.pathname === '/callback.html') window.user = await manager.signinCallback()
  if (location.pathname === '/silent.html') await manager.signinCallback()
  return manager
})()
