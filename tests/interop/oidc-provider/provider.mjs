// The other provider: npm oidc-provider with what the file FACTS says (issuer, port, clients, consented), in memory.
// Its pages are not drawn: whoever is sent to sign in is signed in as FACTS.account, whoever is asked consents.

import { readFileSync } from 'node:fs';
import { Provider, errors, interactionPolicy } from 'oidc-provider';

const facts = JSON.parse(readFileSync(process.env.FACTS, 'utf8'));
const policy = interactionPolicy.base();
policy.get('consent').checks.remove('native_client_prompt'); // our native clients may be silent too
policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 1);
if (facts.prompts.includes('create')) policy.add(new interactionPolicy.Prompt({ name: 'create', requestable: true }), 0);

const on = { enabled: true };
const provider = new Provider(facts.issuer, {
  clients: facts.clients,
  extraClientMetadata: { properties: ['resource'] },
  scopes: facts.scopes,
  claims: facts.claims,
  acrValues: facts.acr_values,
  responseTypes: facts.response_types,
  subjectTypes: ['pairwise', 'public'],
  pairwiseIdentifier: (ctx, accountId, client) => `${accountId}.${client.sectorIdentifier ?? client.clientId}`,
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
  allowOmittingSingleRegisteredRedirectUri: false,
  rotateRefreshToken: true,
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: () => false,
  pkce: { required: () => true },
  conformIdTokenClaims: true,
  cookies: { keys: ['not a secret: one process, one run'] },
  jwks: facts.jwks,
  ttl: { Session: 86400, Interaction: 3600, Grant: 86400, AccessToken: 600, AuthorizationCode: 60, IdToken: 600, RefreshToken: 86400, ClientCredentials: 600 },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: id }) }),
  async loadExistingGrant(ctx) {
    const { client, session } = ctx.oidc;
    const answered = ctx.oidc.result?.consent?.grantId;
    if (answered) return provider.Grant.find(answered);
    if (!facts.consented.includes(client.clientId)) return undefined;
    const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
    grant.addOIDCScope(facts.scopes.join(' '));
    grant.addOIDCClaims(Object.values(facts.claims).flat());
    if (client.resource) grant.addResourceScope(client.resource, 'records.read records.write');
    await grant.save();
    return grant;
  },
  interactions: { policy, url: (ctx, interaction) => `/interaction/${interaction.uid}?prompt=${interaction.prompt.name}` },
  features: {
    devInteractions: { enabled: false },
    claimsParameter: on,
    clientCredentials: on,
    dPoP: on,
    introspection: on,
    jwtResponseModes: on,
    pushedAuthorizationRequests: on,
    requestObjects: on,
    revocation: on,
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo(ctx, resource, client) {
        if (resource !== client.resource) throw new errors.InvalidTarget();
        return { scope: 'records.read records.write', audience: resource, accessTokenFormat: 'jwt' };
      },
    },
  },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: facts.account, acr: facts.acr } }, { mergeWithLastSubmission: true });
  ctx.respond = false;
  return undefined;
});
provider.on('server_error', (ctx, error) => console.error(ctx.method, ctx.path, error));
provider.listen(facts.port, '127.0.0.1', () => console.log('ready'));
