/** An identity provider in small, on loopback: discovery, keys, tokens signed with them, people who sign in. For tests only. */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

export const AUDIENCE = "tombolo";
/** Of the client that people sign in with. */
export const CLIENT = { id: "console", secret: "s3cret & more" } as const;

interface Granted {
  readonly query: URLSearchParams;
  readonly claims: JWTPayload;
}

export interface Issuer {
  readonly url: string;
  /** How often its keys were asked for. */
  asked: number;
  /** While set, it answers nothing but this. */
  broken: number | undefined;
  /** The same for its keys alone. */
  brokenKeys: number | undefined;
  /** Who sits at the browser that comes to it. */
  visitor: JWTPayload;
  /** A new key beside the ones it has, or instead of them. */
  addKey(kid: string, alone?: boolean): Promise<void>;
  /** Valid for five minutes unless the claims say otherwise; signed with the key of this id, known to it or not. */
  token(claims: JWTPayload, options?: { kid?: string; alg?: string; now?: Date }): Promise<string>;
  /** A person signs in at the address that the node gave, and consents: what the browser brings back. */
  signIn(address: string, claims: JWTPayload): { code: string; state: string };
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const pairs = new Map<string, CryptoKey>();
  let published: JWK[] = [];
  const codes = new Map<string, Granted>();
  /** Each code once, to the client it was given to, with the verifier of its challenge. */
  const redeem = async (request: IncomingMessage): Promise<object> => {
    const form = new URLSearchParams(await text(request));
    const granted = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const credentials = `${CLIENT.id}:${new URLSearchParams({ x: CLIENT.secret }).toString().slice(2)}`;
    const right =
      granted !== undefined &&
      form.get("grant_type") === "authorization_code" &&
      granted.query.get("code_challenge") === challenge &&
      granted.query.get("code_challenge_method") === "S256" &&
      granted.query.get("redirect_uri") === form.get("redirect_uri") &&
      request.headers.authorization === `Basic ${Buffer.from(credentials).toString("base64")}`;
    if (!right) return { error: "invalid_grant" };
    const nonce = granted.query.get("nonce")!;
    return { token_type: "Bearer", id_token: await issuer.token({ aud: CLIENT.id, nonce, ...granted.claims }) };
  };
  const server = createServer(async (request, response) => {
    if (request.url === "/keys") issuer.asked++;
    if (request.url?.startsWith("/authorize?") === true) {
      const address = new URL(request.url, issuer.url);
      const back = new URL(address.searchParams.get("redirect_uri")!);
      for (const [name, value] of Object.entries(issuer.signIn(address.href, issuer.visitor)))
        back.searchParams.set(name, value);
      return void response.writeHead(302, { location: back.href }).end();
    }
    const endpoints = { authorization_endpoint: `${issuer.url}/authorize`, token_endpoint: `${issuer.url}/token` };
    const known = { issuer: issuer.url, jwks_uri: `${issuer.url}/keys`, ...endpoints };
    const body =
      request.url === "/token" ? await redeem(request) : request.url === "/keys" ? { keys: published } : known;
    const status =
      issuer.broken ?? (request.url === "/keys" ? issuer.brokenKeys : undefined) ?? ("error" in body ? 400 : 200);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const issuer: Issuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: 0,
    broken: undefined,
    brokenKeys: undefined,
    visitor: {},
    async addKey(kid, alone = false) {
      const { publicKey, privateKey } = await generateKeyPair("ES256");
      pairs.set(kid, privateKey);
      published = [...(alone ? [] : published), { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" }];
    },
    token(claims, { kid = "first", alg = "ES256", now = new Date() } = {}) {
      const at = Math.floor(now.getTime() / 1000);
      const key = alg === "HS256" ? new TextEncoder().encode(JSON.stringify(published[0])) : pairs.get(kid)!;
      return new SignJWT({ iss: issuer.url, aud: AUDIENCE, iat: at, exp: at + 300, ...claims })
        .setProtectedHeader({ alg, kid })
        .sign(key);
    },
    signIn(address, claims) {
      const query = new URL(address).searchParams;
      const code = randomUUID();
      codes.set(code, { query, claims });
      return { code, state: query.get("state")! };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  await issuer.addKey("first");
  return issuer;
}
