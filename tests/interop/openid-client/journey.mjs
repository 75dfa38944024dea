// openid-client, certified and not ours, through the whole life of an authorization. Facts come by the environment.

import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { Browser } from './browser.mjs'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, LOGOUT_URI, ID_TOKEN_ALG, DEMO_USER, DEMO_PASSWORD } = process.env
const SCOPE = 'openid profile email phone address'
const done = (what) => console.log(`  ✓ ${what}`)

const config = await client.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  { client_secret: CLIENT_SECRET, id_token_signed_response_alg: ID_TOKEN_ALG },
  client.ClientSecretBasic(CLIENT_SECRET),
  { execute: [client.allowInsecureRequests] },
)
client.enableNonRepudiationChecks(config) // also verify the ID token's signature, although it came over our own line
assert.equal(config.serverMetadata().issuer, ISSUER)
done('discovery')

const browser = new Browser(REDIRECT_URI)
const first = await authorize(browser, true)
const tokens = first.tokens
const claims = tokens.claims()
assert.equal(claims.iss, ISSUER)
assert.ok(claims.sub && claims.sid && claims.auth_time)
done(`authorization code with PKCE, state, nonce, iss; ID token by ${ID_TOKEN_ALG}`)

const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
assert.equal(person.name, 'Nguyễn Thị Lan')
assert.ok(person.email && person.phone_number && person.address?.formatted)
done('userinfo')

const active = await client.tokenIntrospection(config, tokens.access_token)
assert.equal(active.active, true)
assert.equal(active.client_id, CLIENT_ID)
done('introspection')

const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)
assert.notEqual(renewed.refresh_token, tokens.refresh_token)
assert.notEqual(renewed.access_token, tokens.access_token)
await client.fetchUserInfo(config, renewed.access_token, claims.sub)
done('refresh, with rotation')

await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' })
await assert.rejects(client.refreshTokenGrant(config, renewed.refresh_token), { error: 'invalid_grant' })
done('a refresh token used twice is refused, and with it the whole family')

const silent = await authorize(browser, false, { prompt: 'none' })
assert.equal(silent.tokens.claims().sub, claims.sub)
done('silent authorization (prompt=none) with the live session')

await client.tokenRevocation(config, silent.tokens.access_token)
assert.equal((await client.tokenIntrospection(config, silent.tokens.access_token)).active, false)
await assert.rejects(client.fetchUserInfo(config, silent.tokens.access_token, claims.sub))
done('revocation, seen by introspection and userinfo')

await assert.rejects(
  client.authorizationCodeGrant(config, silent.callback, silent.checks),
  { error: 'invalid_grant' },
)
done('a code used twice is refused')

const leaving = client.buildEndSessionUrl(config, {
  id_token_hint: silent.tokens.id_token,
  post_logout_redirect_uri: LOGOUT_URI,
  state: 'bye',
})
browser.stopAt = LOGOUT_URI
let page = await browser.open(leaving)
if (!page.url.href.startsWith(LOGOUT_URI)) page = await browser.submit(page, { decision: 'end' })
assert.equal(page.url.searchParams.get('state'), 'bye')
done('RP-initiated logout, back at post_logout_redirect_uri with state')

browser.stopAt = REDIRECT_URI
const after = await authorizationResponse(browser, { prompt: 'none' })
assert.equal(after.callback.searchParams.get('error'), 'login_required')
done('after logout prompt=none answers login_required')

async function authorize(through, interactive, extra = {}) {
  const { callback, checks } = await authorizationResponse(through, extra, interactive)
  const answer = await client.authorizationCodeGrant(config, callback, checks)
  return { tokens: answer, callback, checks }
}

async function authorizationResponse(through, extra, interactive = false) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  }
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...extra,
  })
  let page = await through.open(address)
  if (interactive) {
    page = await through.submit(page, { username: DEMO_USER, password: DEMO_PASSWORD })
    if (!page.url.href.startsWith(REDIRECT_URI)) page = await through.submit(page, { decision: 'allow' })
  }
  assert.ok(page.url.href.startsWith(REDIRECT_URI), `stopped at ${page.url} (${page.status})`)
  return { callback: page.url, checks }
}
