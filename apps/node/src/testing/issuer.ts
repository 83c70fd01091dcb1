/** An identity provider in small, on loopback: discovery, keys, tokens signed with them. For tests only. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

export const AUDIENCE = "tombolo";

export interface Issuer {
  readonly url: string;
  /** How often its keys were asked for. */
  asked: number;
  /** While set, it answers nothing but this. */
  broken: number | undefined;
  /** The same for its keys alone. */
  brokenKeys: number | undefined;
  /** A new key beside the ones it has, or instead of them. */
  addKey(kid: string, alone?: boolean): Promise<void>;
  /** Valid for five minutes unless the claims say otherwise; signed with the key of this id, known to it or not. */
  token(claims: JWTPayload, options?: { kid?: string; alg?: string; now?: Date }): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const pairs = new Map<string, CryptoKey>();
  let published: JWK[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/keys") issuer.asked++;
    const body = request.url === "/keys" ? { keys: published } : { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` };
    const status = issuer.broken ?? (request.url === "/keys" ? issuer.brokenKeys : undefined) ?? 200;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const issuer: Issuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: 0,
    broken: undefined,
    brokenKeys: undefined,
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
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  await issuer.addKey("first");
  return issuer;
}
