// What every journey with oauth4webapi begins with: the facts, the provider, the client and its keys.

import * as oauth from 'oauth4webapi'

export const facts = JSON.parse(process.env.FACTS)
export const insecure = { [oauth.allowInsecureRequests]: true } // http on this machine alone
export const done = (what) => console.log(`  ✓ ${what}`)

const issuer = new URL(facts.issuer)
export const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))

export const SIGN = { name: 'ECDSA', namedCurve: 'P-256' }

/** A private JWK as a key that signs. */
export async function signingKey(jwk) {
  return { key: await crypto.subtle.importKey('jwk', jwk, SIGN, false, ['sign']), kid: 'k1' }
}

/** Ask with a DPoP proof; once more when the server wants its nonce in it. */
export async function withNonce(ask, process) {
  let asked = 0
  for (;;) {
    asked += 1
    try {
      return { answer: await process(await ask()), asked }
    } catch (error) {
      if (asked > 1 || !oauth.isDPoPNonceError(error)) throw error
    }
  }
}
