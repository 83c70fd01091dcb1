/**
 * The keys of an identity provider, found by its discovery document: fetched when first needed, kept for ten minutes,
 * fetched anew for a key id that is not among them, but no oftener than each half minute, whatever tokens say and
 * whether or not the provider answers.
 */
import { TomboloError } from "@tombolo/base";
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import { isLoopback } from "./origin.ts";

const TIMEOUT_MS = 5_000;
const BYTES_MAX = 256 * 1024;
const KEPT_MS = 600_000;
const PAUSE_MS = 30_000;

const discovery = z.object({
  issuer: z.string(),
  jwks_uri: z.url(),
  authorization_endpoint: z.url().optional(),
  token_endpoint: z.url().optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
});
export type Discovery = z.output<typeof discovery>;

/** HTTPS, or plain on this machine alone. */
export const isSafeIssuer = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, search, hash } = new URL(text);
  const safe = protocol === "https:" || (protocol === "http:" && isLoopback(hostname.replace(/^\[(.*)\]$/, "$1")));
  return safe && username === "" && search === "" && hash === "";
};

/** `now`: milliseconds on a clock that only goes forward. */
export function issuerKeys({ issuer }: { readonly issuer: string }, now = () => performance.now()): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  let failed: { readonly at: number; readonly error: TomboloError } | undefined;
  // At the fetch, so that keys that are known serve on through the pause.
  const pausingFetch: typeof boundedFetch = async (address, options) => {
    if (failed !== undefined && now() - failed.at < PAUSE_MS) throw failed.error;
    return boundedFetch(address, options);
  };
  const find = (): Promise<JWTVerifyGetKey> =>
    discovered(issuer, pausingFetch).catch((cause: unknown) => {
      keys = undefined;
      throw cause;
    });
  return async (header, token) => {
    try {
      keys ??= find();
      const get = await keys;
      return await get(header, token);
    } catch (error) {
      if (error === failed?.error || OF_THE_TOKEN.some((each) => error instanceof each)) throw error;
      failed = { at: now(), error: unreachable(error) };
      throw failed.error;
    }
  };
}

const OF_THE_TOKEN = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

/** For doctor: how many keys the provider has now. */
export async function countIssuerKeys(issuer: string): Promise<number> {
  try {
    const keys = await discovered(issuer, boundedFetch);
    await keys.reload();
    return keys.jwks()?.keys.length ?? 0;
  } catch (error) {
    throw unreachable(error);
  }
}

/** What the issuer says of itself. */
export async function discover(issuer: string, fetchIt: typeof boundedFetch = boundedFetch): Promise<Discovery> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = await fetchIt(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`the issuer answered ${response.status}`);
  const found = discovery.parse(await response.json());
  if (found.issuer !== issuer) throw new Error("the issuer's document is of another issuer");
  if (!isSafeIssuer(found.jwks_uri)) throw new Error("the issuer's keys are at an unsafe address");
  return found;
}

async function discovered(
  issuer: string,
  fetchIt: typeof boundedFetch,
): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const found = await discover(issuer, fetchIt);
  return createRemoteJWKSet(new URL(found.jwks_uri), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: PAUSE_MS,
    cacheMaxAge: KEPT_MS,
    [customFetch]: fetchIt,
  });
}

/** No redirects, and no more than a set of keys may have. */
export async function boundedFetch(address: string, options: RequestInit): Promise<Response> {
  const response = await fetch(address, { ...options, redirect: "error" });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > BYTES_MAX) throw new Error("the issuer's answer is too large");
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status, headers: response.headers });
}

export const unreachable = (cause: unknown): TomboloError =>
  new TomboloError("transport.issuer", "the keys of the token's issuer cannot be had now", {
    remedy: "Check that the node reaches oidc.issuer over HTTPS; `tombolo doctor` tries it.",
    cause,
  });
