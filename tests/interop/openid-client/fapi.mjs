// openid-client as a FAPI 2.0 client: PAR, then DPoP or mutual TLS, signed requests and responses where the client is
// registered for them. It is told by PLAN, a configuration of the official suite (deploy/conformance/prepare.py).

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import https from 'node:https'
import * as client from 'openid-client'
import { Browser } from './browser.mjs'

const { PLAN, ISSUER, REDIRECT_URI, DEMO_USER, DEMO_PASSWORD } = process.env
const plan = JSON.parse(readFileSync(PLAN, 'utf-8'))
const signs = PLAN.includes('-ms-')
const byTls = Boolean(plan.mtls)
const byAssertion = PLAN.includes('private-key-jwt')
const [jwk] = plan.client.jwks.keys
const KINDS = { ES256: { name: 'ECDSA', namedCurve: 'P-256' }, PS256: { name: 'RSA-PSS', hash: 'SHA-256' } }
const key = await crypto.subtle.importKey('jwk', jwk, KINDS[jwk.alg], false, ['sign'])
const signing = { key, kid: jwk.kid }

const config = await client.discovery(
  new URL(ISSUER),
  plan.client.client_id,
  {
    id_token_signed_response_alg: 'ES256',
    authorization_signed_response_alg: 'ES256',
    use_mtls_endpoint_aliases: byTls,
  },
  byAssertion ? client.PrivateKeyJwt(signing) : client.TlsClientAuth(),
  { [client.customFetch]: byTls ? withCertificate(plan.mtls) : undefined },
)
client.enableNonRepudiationChecks(config)
if (signs) client.useJwtResponseMode(config)

const options = {}
if (plan.client.dpop_signing_alg) {
  options.DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
}

const checks = {
  pkceCodeVerifier: client.randomPKCECodeVerifier(),
  expectedState: client.randomState(),
  expectedNonce: client.randomNonce(),
  idTokenExpected: true,
}
let parameters = {
  redirect_uri: REDIRECT_URI,
  scope: plan.client.scope,
  state: checks.expectedState,
  nonce: checks.expectedNonce,
  code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
  code_challenge_method: 'S256',
}
if (signs) parameters = (await client.buildAuthorizationUrlWithJAR(config, parameters, signing)).searchParams
const address = await client.buildAuthorizationUrlWithPAR(config, parameters, options)
assert.deepEqual([...address.searchParams.keys()].sort(), ['client_id', 'request_uri'])

const browser = new Browser(REDIRECT_URI)
let page = await browser.open(address)
page = await browser.submit(page, { username: DEMO_USER, password: DEMO_PASSWORD })
if (!page.url.href.startsWith(REDIRECT_URI)) page = await browser.submit(page, { decision: 'allow' })
assert.ok(page.url.href.startsWith(REDIRECT_URI), `stopped at ${page.url} (${page.status})`)
if (signs) assert.deepEqual([...page.url.searchParams.keys()], ['response'])

const tokens = await client.authorizationCodeGrant(config, page.url, checks, undefined, options)
assert.equal(tokens.token_type, options.DPoP ? 'dpop' : 'bearer')
const subject = tokens.claims().sub
const person = await client.fetchUserInfo(config, tokens.access_token, subject, options)
assert.equal(person.name, 'Nguyễn Thị Lan')
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, options)
assert.equal(renewed.refresh_token, undefined)
await client.fetchUserInfo(config, renewed.access_token, subject, options)
await client.refreshTokenGrant(config, tokens.refresh_token, undefined, options)
await client.tokenRevocation(config, renewed.access_token)
await assert.rejects(client.fetchUserInfo(config, renewed.access_token, subject, options))
console.log(`  ✓ openid-client: ${PLAN.split('/').at(-1)}${options.DPoP ? ', with nonces' : ''}`)

/** fetch() over a connection that shows a certificate, which the built-in one cannot. */
function withCertificate({ cert, key }) {
  const agent = new https.Agent({ cert, key, ca: readFileSync(process.env.NODE_EXTRA_CA_CERTS) })
  return (address, { body, headers, method }) =>
    new Promise((resolve, reject) => {
      const request = https.request(address, { agent, method, headers: Object.fromEntries(new Headers(headers)) })
      request.on('error', reject)
      request.on('response', async (response) => {
        const chunks = []
        for await (const chunk of response) chunks.push(chunk)
        const content = [204, 205, 304].includes(response.statusCode) ? null : Buffer.concat(chunks)
        const found = new Headers()
        for (let at = 0; at < response.rawHeaders.length; at += 2) {
          found.append(response.rawHeaders[at], response.rawHeaders[at + 1])
        }
        resolve(new Response(content, { status: response.statusCode, headers: found }))
      })
      request.end(body === undefined || body === null ? undefined : body.toString())
    })
}
