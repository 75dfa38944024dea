// FAPI 2.0 with message signing: a signed request (JAR) pushed (PAR), tokens bound to a key (DPoP, with the server's
// nonces), a signed response (JARM), private_key_jwt throughout.

import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { Browser } from '../openid-client/browser.mjs'
import { done, facts, insecure, server, signingKey, withNonce } from './parts.mjs'

const signing = await signingKey(facts.jwk)
const client = {
  client_id: facts.client_id,
  id_token_signed_response_alg: 'ES256',
  authorization_signed_response_alg: 'ES256',
}
const prove = oauth.PrivateKeyJwt(signing)
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const nonce = oauth.generateRandomNonce()
const parameters = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri: facts.redirect_uri,
  response_type: 'code',
  response_mode: 'jwt',
  scope: 'openid profile offline_access',
  state,
  nonce,
  prompt: 'consent',
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
})
const request = await oauth.issueRequestObject(server, client, parameters, signing)
const pushed = await withNonce(
  () => oauth.pushedAuthorizationRequest(server, client, prove, { request }, { DPoP, ...insecure }),
  (response) => oauth.processPushedAuthorizationResponse(server, client, response),
)
assert.ok(pushed.answer.request_uri && pushed.answer.expires_in >= 5)
done(`signed request, pushed with a DPoP proof (${pushed.asked} requests: the first told us the nonce)`)

const browser = new Browser(facts.redirect_uri)
const begin = new URL(server.authorization_endpoint)
begin.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.answer.request_uri })
let page = await browser.open(begin)
page = await browser.submit(page, { username: facts.username, password: facts.password })
if (!page.url.href.startsWith(facts.redirect_uri)) page = await browser.submit(page, { decision: 'allow' })
assert.deepEqual([...page.url.searchParams.keys()], ['response'])
const callback = await oauth.validateJwtAuthResponse(server, client, page.url, state, insecure)
done('signed response (JARM): nothing but `response` in the address, and it verifies')

const redeemed = await withNonce(
  () =>
    oauth.authorizationCodeGrantRequest(server, client, prove, callback, facts.redirect_uri, verifier, {
      DPoP,
      ...insecure,
    }),
  (response) =>
    oauth.processAuthorizationCodeResponse(server, client, response, { expectedNonce: nonce, requireIdToken: true }),
)
const tokens = redeemed.answer
assert.equal(tokens.token_type, 'dpop')
const { sub } = oauth.getValidatedIdTokenClaims(tokens)
done('code for bound tokens, with private_key_jwt and the nonce')

const person = await withNonce(
  () => oauth.userInfoRequest(server, client, tokens.access_token, { DPoP, ...insecure }),
  (response) => oauth.processUserInfoResponse(server, client, sub, response),
)
assert.equal(person.answer.name, facts.name)
const stolen = await oauth.userInfoRequest(server, client, tokens.access_token, insecure)
assert.equal(stolen.status, 401)
const foreign = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
await assert.rejects(
  withNonce(
    () => oauth.userInfoRequest(server, client, tokens.access_token, { DPoP: foreign, ...insecure }),
    (response) => oauth.processUserInfoResponse(server, client, sub, response),
  ),
)
done('userinfo with the proof; without it, or with another key, the token is worth nothing')

const renewed = await withNonce(
  () => oauth.refreshTokenGrantRequest(server, client, prove, tokens.refresh_token, { DPoP, ...insecure }),
  (response) => oauth.processRefreshTokenResponse(server, client, response),
)
assert.ok(renewed.answer.access_token !== tokens.access_token)
done('refresh')

const told = await oauth.processIntrospectionResponse(
  server,
  client,
  await oauth.introspectionRequest(server, client, prove, renewed.answer.access_token, insecure),
)
assert.ok(told.active && told.cnf.jkt)
done('introspection tells the key that the token is bound to')
