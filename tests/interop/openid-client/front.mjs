// openid-client with tokens of the authorization endpoint: hybrid (code id_token, s_hash and c_hash checked) and implicit.

import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { Browser } from './browser.mjs'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, ID_TOKEN_ALG, DEMO_USER, DEMO_PASSWORD } = process.env
const done = (what) => console.log(`  ✓ ${what}`)
const browser = new Browser(REDIRECT_URI)

const hybrid = await discovered(client.useCodeIdTokenResponseType)
client.enableDetachedSignatureResponseChecks(hybrid)
const first = await answered(hybrid, {}, true)
assert.ok(first.url.hash && !first.url.search)
const checks = { expectedState: first.state, expectedNonce: first.nonce, pkceCodeVerifier: first.verifier }
const tokens = await client.authorizationCodeGrant(hybrid, first.url, checks)
const { sub, auth_time } = tokens.claims()
assert.equal((await client.fetchUserInfo(hybrid, tokens.access_token, sub)).name, 'Nguyễn Thị Lan')
done('hybrid: code and ID token in the fragment, tied to each other and to the state, and the code redeemed')

const foreign = new URL(first.url)
foreign.hash = first.url.hash.replace(/code=[^&]+/, 'code=another')
await assert.rejects(client.authorizationCodeGrant(hybrid, foreign, checks))
done('hybrid: a code that was put in its place is found out by c_hash')

const implicit = await discovered(client.useIdTokenResponseType)
const silent = await answered(implicit, { prompt: 'none', scope: 'openid email' })
const claims = await client.implicitAuthentication(implicit, silent.url, silent.nonce, { expectedState: silent.state })
assert.deepEqual([claims.sub, claims.auth_time], [sub, auth_time])
assert.ok(claims.email) // there is no access token to ask userinfo with
done('implicit: an ID token alone, without a page, with the claims of its scope')

await assert.rejects(client.implicitAuthentication(implicit, silent.url, 'another', { expectedState: silent.state }))
const refused = await answered(implicit, { nonce: '', prompt: 'none' })
assert.equal(new URLSearchParams(refused.url.hash.slice(1)).get('error'), 'invalid_request')
done('implicit: without a nonce there is none')

async function discovered(use) {
  const config = await client.discovery(
    new URL(ISSUER),
    CLIENT_ID,
    { client_secret: CLIENT_SECRET, id_token_signed_response_alg: ID_TOKEN_ALG },
    client.ClientSecretBasic(CLIENT_SECRET),
    { execute: [client.allowInsecureRequests] },
  )
  use(config)
  return config
}

async function answered(config, extra, interactive = false) {
  const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()]
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile email',
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...extra,
  })
  let page = await browser.open(address)
  if (interactive) {
    page = await browser.submit(page, { username: DEMO_USER, password: DEMO_PASSWORD })
    if (!page.url.href.startsWith(REDIRECT_URI)) page = await browser.submit(page, { decision: 'allow' })
  }
  assert.ok(page.url.href.startsWith(REDIRECT_URI), `stopped at ${page.url} (${page.status})`)
  return { url: page.url, state, nonce, verifier }
}
