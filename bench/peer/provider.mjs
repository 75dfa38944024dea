// The peer: npm oidc-provider as FACTS says, on PostgreSQL with that many workers, or in memory with one.
// Clients stand in its configuration; passwords are compared without a hash, and everybody has consented before.

import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js';
import LRU from 'oidc-provider/lib/helpers/lru.js';
import { createSchema, postgresAdapter } from './postgres_adapter.mjs';

const facts = JSON.parse(readFileSync(process.env.FACTS, 'utf8'));

if (cluster.isPrimary && facts.workers > 1) {
  if (facts.database) await createSchema(facts.database);
  for (let n = 0; n < facts.workers; n += 1) cluster.fork();
} else {
  if (facts.database && cluster.isPrimary) await createSchema(facts.database);
  serve();
}

function serve() {
  const store = new LRU({ maxSize: 1_000_000 }); // its memory holds 1,000 entries by default: fewer than a round makes
  const inMemory = (model) => new MemoryAdapter(model, store);
  const on = { enabled: true };
  const provider = new Provider(facts.issuer, {
    adapter: facts.database ? postgresAdapter(facts.database) : inMemory,
    clients: facts.clients,
    jwks: facts.jwks,
    scopes: ['openid', 'offline_access', 'profile', 'records.read'],
    claims: { openid: ['sub'], profile: ['name'] },
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
    cookies: { keys: ['a bench has no secrets'] },
    pkce: { required: () => true },
    conformIdTokenClaims: true,
    rotateRefreshToken: true,
    issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    ttl: { AccessToken: 600, AuthorizationCode: 60, ClientCredentials: 600, Grant: 86400, IdToken: 600, Interaction: 3600, RefreshToken: 86400, Session: 43200 },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: id }) }),
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    async loadExistingGrant(ctx) {
      const { client, session } = ctx.oidc;
      const known = session.grantIdFor(client.clientId);
      if (known) return provider.Grant.find(known);
      const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
      grant.addOIDCScope('openid profile offline_access');
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: on,
      dPoP: on,
      introspection: on,
      pushedAuthorizationRequests: on,
      revocation: on,
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx) => (ctx.oidc.client?.clientId === 'machine' ? 'urn:records' : undefined),
        getResourceServerInfo: () => ({
          scope: 'records.read', audience: 'urn:records', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } },
        }),
        useGrantedResource: () => true,
      },
    },
  });
  const page = (uid) => `<!doctype html><html lang="en"><title>Sign in</title>
<form method="post" action="/interaction/${uid}"><label>Name <input name="username"></label>
<label>Password <input type="password" name="password"></label><button>Sign in</button></form></html>`;
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const details = await provider.interactionDetails(ctx.req, ctx.res);
    if (ctx.method === 'GET') {
      ctx.type = 'html';
      ctx.body = page(details.uid);
      return undefined;
    }
    let body = '';
    for await (const chunk of ctx.req) body += chunk;
    const form = new URLSearchParams(body);
    if (form.get('password') !== facts.password) ctx.throw(403);
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { login: { accountId: form.get('username') } }));
    ctx.status = 303;
    return undefined;
  });
  provider.on('server_error', (ctx, error) => console.error(ctx.method, ctx.path, error));
  provider.listen(facts.port, '127.0.0.1');
}
