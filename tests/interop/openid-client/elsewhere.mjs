// openid-client where the person answers on another device: the device grant and the backchannel, one with DPoP; then a
// service that exchanges the token it received for one at the next service.

import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { Browser } from './browser.mjs'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, DEMO_USER, DEMO_PASSWORD, CHAIN } = process.env
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
const done = (what) => console.log(`  ✓ ${what}`)

const config = await client.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  { client_secret: CLIENT_SECRET, id_token_signed_response_alg: 'ES256' },
  client.ClientSecretBasic(CLIENT_SECRET),
  { execute: [client.allowInsecureRequests] },
)
client.enableNonRepudiationChecks(config)
const browser = new Browser('http://localhost:9/')

// ── Device grant ──
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
const device = await client.initiateDeviceAuthorization(config, { scope: 'openid profile' })
assert.match(device.user_code, /^[B-Z]{4}-[B-Z]{4}$/)
done('device authorization')

const waiting = client.pollDeviceAuthorizationGrant(config, device, undefined, { DPoP })
let page = await browser.open(device.verification_uri_complete)
page = await browser.submit(page, { username: DEMO_USER, password: DEMO_PASSWORD })
assert.equal(page.status, 200)
page = await browser.submit(page, { user_code: device.user_code })
await browser.submit(page, { decision: 'allow' })
const tokens = await waiting
assert.equal(tokens.token_type, 'dpop')
const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP })
assert.equal(person.name, 'Nguyễn Thị Lan')
done('polled until the person had allowed it; a token bound by DPoP; userinfo')

await assert.rejects(
  client.genericGrantRequest(config, DEVICE_CODE, { device_code: device.device_code }),
  { error: 'invalid_grant' },
)
await assert.rejects(client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP }))
done('a device code used twice is refused, and with it the whole family')

const refused = await client.initiateDeviceAuthorization(config, { scope: 'openid' })
page = await browser.open(refused.verification_uri)
page = await browser.submit(page, { user_code: refused.user_code.toLowerCase().replace('-', '') })
await browser.submit(page, { decision: 'deny' })
await assert.rejects(client.pollDeviceAuthorizationGrant(config, refused), { error: 'access_denied' })
done('a refusal')

// ── Backchannel ──
const asked = await client.initiateBackchannelAuthentication(config, {
  scope: 'openid profile',
  login_hint: DEMO_USER,
  binding_message: 'Phiếu A-017',
})
done('backchannel authentication')

const answer = client.pollBackchannelAuthenticationGrant(config, asked)
await decide('Phiếu A-017', 'allow')
const given = await answer
assert.equal(given.claims().sub, tokens.claims().sub)
done('polled until the person had allowed it; the same subject')

const again = await client.initiateBackchannelAuthentication(config, {
  scope: 'openid',
  id_token_hint: given.id_token,
  binding_message: 'Phiếu A-018',
})
await decide('Phiếu A-018', 'deny')
await assert.rejects(client.pollBackchannelAuthenticationGrant(config, again), { error: 'access_denied' })
done('by id_token_hint, and refused')

await assert.rejects(
  client.initiateBackchannelAuthentication(config, { scope: 'openid', login_hint: 'khong-co-ai' }),
  { error: 'unknown_user_id' },
)
done('nobody of that name')

// ── Exchange ──
const { desk, desk_resource: resource, land_resource: next } = JSON.parse(CHAIN)
const asService = await client.discovery(
  new URL(ISSUER),
  desk.client_id,
  { client_secret: desk.client_secret },
  client.ClientSecretBasic(desk.client_secret),
  { execute: [client.allowInsecureRequests] },
)
const begun = await client.initiateDeviceAuthorization(config, { scope: 'openid files.read land.read', resource })
page = await browser.open(begun.verification_uri_complete)
page = await browser.submit(page, { user_code: begun.user_code })
await browser.submit(page, { decision: 'allow' })
const received = await client.pollDeviceAuthorizationGrant(config, begun, { resource })
const exchanging = {
  subject_token: received.access_token,
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  resource: next,
  scope: 'land.read',
}
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const exchanged = await client.genericGrantRequest(asService, EXCHANGE, exchanging)
assert.equal(exchanged.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token')
const held = await client.tokenIntrospection(asService, received.access_token)
assert.deepEqual([held.active, held.aud], [true, resource])
const claims = JSON.parse(Buffer.from(exchanged.access_token.split('.')[1], 'base64url'))
assert.deepEqual([claims.aud, claims.act.sub, claims.scope], [next, desk.client_id, 'land.read'])
await assert.rejects(
  client.genericGrantRequest(asService, EXCHANGE, { ...exchanging, resource: 'https://elsewhere.example.vn' }),
  { error: 'invalid_target' },
)
done('token exchange: narrower, for the next service alone, and it says who acts; not for any other')

/** What waits on the account page under that message is opened and answered. */
async function decide(message, decision) {
  const account = await browser.open(new URL('/account', ISSUER))
  assert.ok(account.body.includes(message), 'the request does not stand on the account page')
  const found = /href="(\/requests\?request=[^"]+)"/.exec(account.body)
  const asking = await browser.open(new URL(found[1].replaceAll('&amp;', '&'), ISSUER))
  assert.ok(asking.body.includes(message))
  await browser.submit(asking, { decision })
}
