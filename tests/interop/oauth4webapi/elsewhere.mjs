// Grants in which the person answers on another device (device grant, CIBA in poll mode), and a service that exchanges
// the token it received for one at the next service.

import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import * as oauth from 'oauth4webapi'
import { Browser } from '../openid-client/browser.mjs'
import { done, facts, insecure, server } from './parts.mjs'

const client = { client_id: facts.client_id, id_token_signed_response_alg: 'ES256' }
const secret = oauth.ClientSecretBasic(facts.client_secret)
const browser = new Browser(facts.redirect_uri)

const device = await oauth.processDeviceAuthorizationResponse(
  server,
  client,
  await oauth.deviceAuthorizationRequest(server, client, secret, { scope: 'openid profile' }, insecure),
)
const pollDevice = async () =>
  oauth.processDeviceCodeResponse(
    server,
    client,
    await oauth.deviceCodeGrantRequest(server, client, secret, device.device_code, insecure),
  )
await assert.rejects(pollDevice(), { error: 'authorization_pending' })
await assert.rejects(pollDevice(), { error: 'slow_down' })
let page = await browser.open(device.verification_uri)
page = await browser.submit(page, { username: facts.username, password: facts.password })
page = await browser.submit(page, { user_code: device.user_code.toLowerCase() })
page = await browser.submit(page, { decision: 'allow' })
await wait((device.interval + 5) * 1000 + 500) // we were told to slow down
const byDevice = await pollDevice()
const person = oauth.getValidatedIdTokenClaims(byDevice)
assert.ok(person.sub)
await assert.rejects(pollDevice(), (error) => error.error === 'invalid_grant' || error.error === 'slow_down')
done('device grant: pending, slow_down, allowed on another device, once')

const asked = await oauth.processBackchannelAuthenticationResponse(
  server,
  client,
  await oauth.backchannelAuthenticationRequest(
    server,
    client,
    secret,
    { scope: 'openid profile', login_hint: facts.username, binding_message: 'QUAY 5' },
    insecure,
  ),
)
const pollCiba = async () =>
  oauth.processBackchannelAuthenticationGrantResponse(
    server,
    client,
    await oauth.backchannelAuthenticationGrantRequest(server, client, secret, asked.auth_req_id, insecure),
  )
await assert.rejects(pollCiba(), { error: 'authorization_pending' })
page = await browser.open(new URL('/account', facts.issuer))
const waiting = /href="(\/requests\?request=[^"]+)"/.exec(page.body)
assert.ok(waiting, 'the account page shows the request')
page = await browser.open(new URL(waiting[1].replaceAll('&amp;', '&'), facts.issuer))
assert.ok(page.body.includes('QUAY 5'))
await browser.submit(page, { decision: 'allow' })
await wait(asked.interval * 1000 + 500)
const byCiba = await pollCiba()
assert.equal(oauth.getValidatedIdTokenClaims(byCiba).sub, person.sub)
done('CIBA, poll: found on the account page with its message, allowed; the same subject as before')

const desk = { client_id: facts.desk.client_id }
const received = await oauth.processDeviceCodeResponse(server, client, await tokenFor(facts.desk_resource))
const exchanged = await oauth.processGenericTokenEndpointResponse(
  server,
  desk,
  await oauth.genericTokenEndpointRequest(
    server,
    desk,
    oauth.ClientSecretBasic(facts.desk.client_secret),
    'urn:ietf:params:oauth:grant-type:token-exchange',
    {
      subject_token: received.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      resource: facts.land_resource,
      scope: 'land.read',
    },
    insecure,
  ),
)
assert.equal(exchanged.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token')
const claims = JSON.parse(Buffer.from(exchanged.access_token.split('.')[1], 'base64url'))
assert.equal(claims.aud, facts.land_resource)
assert.equal(claims.act.sub, desk.client_id)
assert.equal(claims.scope, 'land.read')
done('token exchange: narrower, for the next service alone, and it says who acts')

/** A token of the person for a resource, by the device grant once more. */
async function tokenFor(resource) {
  const begun = await oauth.processDeviceAuthorizationResponse(
    server,
    client,
    await oauth.deviceAuthorizationRequest(
      server,
      client,
      secret,
      { scope: 'openid files.read land.read', resource },
      insecure,
    ),
  )
  let page = await browser.open(begun.verification_uri_complete)
  page = await browser.submit(page, { user_code: begun.user_code })
  await browser.submit(page, { decision: 'allow' })
  return oauth.deviceCodeGrantRequest(server, client, secret, begun.device_code, {
    ...insecure,
    additionalParameters: { resource },
  })
}
