// npm oidc-provider as a yardstick: one process, everything in memory, one confidential client, and a person who is logged
// in as soon as somebody asks. Usage: node oidc_provider.mjs PORT ALGORITHM CLIENT SECRET CALLBACK
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, algorithm, client, secret, callback] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const PERSON = "somebody";

// The adapter that comes with the package holds a thousand entries; this one holds all, and forgets what has ended.
class Memory {
  static held = new Map();

  constructor(kind) {
    this.kind = kind;
  }

  async upsert(id, payload, lifetime) {
    Memory.held.set(`${this.kind}:${id}`, { payload, until: Date.now() + lifetime * 1000 });
    if (this.kind === "Session") Memory.held.set(`uid:${payload.uid}`, { payload, until: Infinity });
  }

  find(id) {
    return this.read(`${this.kind}:${id}`);
  }

  findByUid(uid) {
    return this.read(`uid:${uid}`);
  }

  async read(key) {
    const found = Memory.held.get(key);
    return found && found.until > Date.now() ? found.payload : undefined;
  }

  async consume(id) {
    Memory.held.get(`${this.kind}:${id}`).payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    Memory.held.delete(`${this.kind}:${id}`);
  }

  async revokeByGrantId(grantId) {
    for (const [key, { payload }] of Memory.held) if (payload.grantId === grantId) Memory.held.delete(key);
  }
}

const shape = algorithm === "RS256" ? ["rsa", { modulusLength: 2048 }] : ["ec", { namedCurve: "P-256" }];
const key = generateKeyPairSync(...shape).privateKey.export({ format: "jwk" });

const provider = new Provider(issuer, {
  adapter: Memory,
  clients: [
    {
      client_id: client,
      client_secret: secret,
      redirect_uris: [callback],
      grant_types: ["authorization_code"],
      response_types: ["code"],
      id_token_signed_response_alg: algorithm,
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  jwks: { keys: [{ ...key, alg: algorithm, use: "sig" }] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  features: { devInteractions: { enabled: false } },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  interactions: { url: (_, interaction) => `/in/${interaction.uid}` },
  // Schools decide centrally, with us; so nobody is asked here either.
  loadExistingGrant: async (ctx) => {
    const known = ctx.oidc.session.grantIdFor(ctx.oidc.client.clientId);
    if (known) return provider.Grant.find(known);
    const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();

const KEPT_MS = 60_000; // visitors come back to their connection when the others have had their turn

createServer({ keepAliveTimeout: KEPT_MS }, (request, response) => {
  if (request.url === "/readyz") response.end();
  else if (request.url.startsWith("/in/"))
    provider.interactionFinished(request, response, { login: { accountId: PERSON } }, { mergeWithLastSubmission: false });
  else answer(request, response);
}).listen(Number(port), "127.0.0.1");
