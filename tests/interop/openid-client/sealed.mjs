// openid-client and jose where everything is signed and encrypted: requests to us, responses, ID token, userinfo and
// introspection to the client. Facts come by the environment.

import assert from 'node:assert/strict'
import * as jose from 'jose'
import * as client from 'openid-client'
import { Browser } from './browser.mjs'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, DEMO_USER, DEMO_PASSWORD, METADATA, SIGNING_KEY, READING_KEY } =
  process.env
const metadata = JSON.parse(METADATA)
const [signing, reading] = [JSON.parse(SIGNING_KEY), JSON.parse(READING_KEY)]
const alg = metadata.id_token_encrypted_response_alg
const enc = metadata.id_token_encrypted_response_enc
const done = (what) => console.log(`  ✓ ${what}`)

const config = await client.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  { ...metadata, client_secret: CLIENT_SECRET },
  client.ClientSecretBasic(CLIENT_SECRET),
  { execute: [client.allowInsecureRequests] },
)
const key = await jose.importJWK(reading, alg)
client.enableDecryptingResponses(config, [enc], { key, alg, kid: reading.kid })
client.enableNonRepudiationChecks(config) // verify what is inside with the keys we publish
client.useJwtResponseMode(config)

const checks = {
  pkceCodeVerifier: client.randomPKCECodeVerifier(),
  expectedState: client.randomState(),
  expectedNonce: client.randomNonce(),
  idTokenExpected: true,
}
const signed = await client.buildAuthorizationUrlWithJAR(
  config,
  {
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile email',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
  },
  { key: await jose.importJWK(signing, 'ES256'), kid: signing.kid },
)
const { keys } = await (await fetch(config.serverMetadata().jwks_uri)).json()
const ours = keys.find((one) => one.use === 'enc' && one.alg === alg)
const sealed = await new jose.CompactEncrypt(new TextEncoder().encode(signed.searchParams.get('request')))
  .setProtectedHeader({ alg, enc, kid: ours.kid, cty: 'JWT' })
  .encrypt(await jose.importJWK(ours, alg))
signed.searchParams.set('request', sealed)

const browser = new Browser(REDIRECT_URI)
let page = await browser.open(signed)
page = await browser.submit(page, { username: DEMO_USER, password: DEMO_PASSWORD })
if (!page.url.href.startsWith(REDIRECT_URI)) page = await browser.submit(page, { decision: 'allow' })
assert.ok(page.url.href.startsWith(REDIRECT_URI), `stopped at ${page.url} (${page.status})`)
assert.deepEqual(protectedBy(page.url.searchParams.get('response')), { alg, enc })
done(`request and response, signed and encrypted by ${alg} with ${enc}`)

const tokens = await client.authorizationCodeGrant(config, page.url, checks)
assert.deepEqual(protectedBy(tokens.id_token), { alg, enc })
const inside = jose.decodeProtectedHeader(client.getDecryptedResponses(tokens).id_token.token_endpoint)
assert.equal(inside.alg, metadata.id_token_signed_response_alg)
done(`ID token, signed by ${inside.alg}`)

const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
assert.equal(person.name, 'Nguyễn Thị Lan')
assert.ok(client.getDecryptedResponses(person))
done('userinfo')

const active = await client.tokenIntrospection(config, tokens.access_token)
assert.equal(active.active, true)
assert.equal(jose.decodeProtectedHeader(client.getDecryptedResponses(active)).typ, 'token-introspection+jwt')
done('introspection')

function protectedBy(token) {
  const header = jose.decodeProtectedHeader(token)
  return { alg: header.alg, enc: header.enc }
}
