// express-openid-connect, not ours, as a service: sign-in by form_post, logout it asks for, logout it is told of.

import assert from 'node:assert/strict'
import express from 'express'
import oidc from 'express-openid-connect'
import { Browser } from '../openid-client/browser.mjs'

const { ISSUER, BASE_URL, CLIENT_ID, CLIENT_SECRET, ID_TOKEN_ALG, PUSHED, DEMO_USER, DEMO_PASSWORD } = process.env
const done = (what) => console.log(`  ✓ ${what}`)

class Store {
  #held = new Map()
  get = (key, called) => called(null, this.#held.get(key))
  set = (key, value, called) => called(null, this.#held.set(key, value))
  destroy = (key, called) => called(null, this.#held.delete(key))
}

let heard = 0
const app = express()
app.use((request, _response, next) => {
  if (request.path === '/backchannel-logout') heard += 1
  next()
})
app.use(
  oidc.auth({
    issuerBaseURL: ISSUER,
    baseURL: BASE_URL,
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    secret: 'a secret of the service, for its own cookies alone',
    authRequired: false,
    idpLogout: true,
    idTokenSigningAlg: ID_TOKEN_ALG,
    pushedAuthorizationRequests: PUSHED === 'yes',
    authorizationParams: { response_type: 'code', response_mode: 'form_post', scope: 'openid profile email' },
    routes: { postLogoutRedirect: '/bye' },
    session: { store: new Store() },
    backchannelLogout: true,
  }),
)
app.get('/me', async (request, response) => {
  if (!request.oidc.isAuthenticated()) return response.json(null)
  const { name } = await request.oidc.fetchUserInfo()
  return response.json({ ...request.oidc.user, name })
})
app.get('/bye', (_request, response) => response.type('html').send('bye'))
const server = app.listen(Number(new URL(BASE_URL).port), '127.0.0.1')
await new Promise((listening) => server.once('listening', listening))

try {
  const browser = new Browser('never:')
  await signIn(browser)
  const first = await me(browser)
  assert.equal(first.name, 'Nguyễn Thị Lan')
  assert.ok(first.sid)
  done(`code with form_post${PUSHED === 'yes' ? ', pushed' : ''}; ID token by ${ID_TOKEN_ALG}`)

  const goodbye = await browser.open(`${BASE_URL}/logout`)
  assert.equal(goodbye.url.href, `${BASE_URL}/bye`)
  assert.equal(await me(browser), null)
  assert.equal((await browser.open(`${ISSUER}/account`)).url.pathname, '/login')
  done('RP-initiated logout, back at the service, signed out here and there')

  await signIn(browser)
  assert.equal((await me(browser)).sub, first.sub)
  const before = heard
  const account = await browser.open(`${ISSUER}/account`)
  const last = await browser.submit(account, {}) // the first form of the page signs out
  assert.equal(last.url.pathname, '/logout/done')
  assert.equal(heard, before + 1) // it was told before the page came
  assert.equal(await me(browser), null)
  done('back-channel logout: the service took the token, its session is over')

  await signIn(browser)
  assert.equal((await me(browser)).sub, first.sub)
  done('signing in again after it')
  await browser.open(`${BASE_URL}/logout`)
} finally {
  server.close()
  server.closeAllConnections()
}

async function me(through) {
  return JSON.parse((await through.open(`${BASE_URL}/me`)).body)
}

async function signIn(through) {
  let page = await through.open(`${BASE_URL}/login`)
  if (page.url.pathname === '/login' && page.url.origin === new URL(ISSUER).origin) {
    page = await through.submit(page, { username: DEMO_USER, password: DEMO_PASSWORD })
  }
  if (page.url.pathname === '/consent') page = await through.submit(page, { decision: 'allow' })
  assert.match(page.body, /name="code"/, `stopped at ${page.url} (${page.status})`)
  await through.submit(page, {}) // what the script of the form_post page does
}
