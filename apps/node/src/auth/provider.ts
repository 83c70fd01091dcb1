/**
 * People sign in at the party's own identity provider: OpenID Connect's authorization code flow with PKCE (RFC 7636), state and
 * nonce. The node alone speaks with the provider's token endpoint; a browser only carries the code back.
 *
 * 1. begin: where the browser goes, with state, nonce and the hash of a verifier; and a binding that this browser keeps.
 * 2. The provider sends the browser back with code and state.
 * 3. finish: state, once, with its binding, so that nobody is signed in by somebody else's code; the code, with the verifier, for an id token;
 *    which has to be of this issuer, for this client, with this nonce, signed by an asymmetric key of the issuer's, and fresh.
 * 4. Its claims give the roles, by the configuration alone; issuer and subject are who it is (provider-users.ts).
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import type { Role, User } from "@tombolo/sdk";
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import type { NodeConfig } from "../config/config.ts";
import type { NodeContext } from "../context.ts";
import { valuesAt } from "./claims.ts";
import { boundedFetch, type Discovery, discover, isSafeIssuer, issuerKeys, unreachable } from "./issuer-keys.ts";
import { consoleOrigin } from "./origin.ts";
import { userOfSubject } from "./provider-users.ts";
import { hashToken, newToken, sameText } from "./tokens.ts";

type SignInConfig = NonNullable<NodeConfig["signIn"]>;

/** The console's page that takes what the provider sends back. */
export const RETURN_PATH = "/signed-in";
const TIMEOUT_MS = 10_000;
const PENDING_MS = 10 * 60_000;
const PENDING_MAX = 1000;
const DISCOVERY_MS = 10 * 60_000;
const TOKEN_AGE_SECONDS = 600;

const tokenAnswer = z.object({ id_token: z.string().max(32_768) });

interface Pending {
  readonly verifier: string;
  readonly nonce: string;
  readonly bindingHash: string;
  readonly until: number;
}

interface Endpoints {
  readonly authorization: string;
  readonly token: string;
  readonly secretInBody: boolean;
}

export interface Returned {
  readonly code: string;
  readonly state: string;
  readonly binding: string;
}

export class Provider {
  readonly #context: NodeContext;
  readonly #config: SignInConfig;
  readonly #secret: string | undefined;
  readonly #keys: JWTVerifyGetKey;
  /** By state, oldest first. */
  readonly #pending = new Map<string, Pending>();
  #found: { readonly at: number; readonly endpoints: Endpoints } | undefined;

  private constructor(context: NodeContext, config: SignInConfig, secret: string | undefined) {
    this.#context = context;
    this.#config = config;
    this.#secret = secret;
    this.#keys = issuerKeys(config);
  }

  /** Undefined where none is configured. Throws `input.config` for a file without a secret. */
  static async open(context: NodeContext): Promise<Provider | undefined> {
    const { signIn } = context.config;
    if (signIn === undefined) return undefined;
    const { clientSecretFile: file } = signIn;
    return new Provider(context, signIn, file === undefined ? undefined : await secretIn(file));
  }

  /** What people know it by. */
  get name(): string {
    return new URL(this.#config.issuer).host;
  }

  async begin(): Promise<{ readonly url: string; readonly binding: string }> {
    const { authorization } = await this.#endpoints();
    const [state, nonce, verifier, binding] = [newToken(), newToken(), newToken(), newToken()];
    const now = this.#now();
    for (const [key, { until }] of this.#pending)
      if (until <= now || this.#pending.size >= PENDING_MAX) this.#pending.delete(key);
    this.#pending.set(state, { verifier, nonce, bindingHash: hashed(binding), until: now + PENDING_MS });
    const url = new URL(authorization);
    const { clientId, scopes } = this.#config;
    const query = {
      ...{ response_type: "code", client_id: clientId, redirect_uri: this.#returnTo(), state, nonce },
      scope: [...new Set(["openid", ...scopes])].join(" "),
      ...{ code_challenge: challengeOf(verifier), code_challenge_method: "S256" },
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return { url: url.href, binding };
  }

  /** Throws `auth.sign-in`, `auth.unmapped`, `auth.account`, or `transport.issuer`. */
  async finish({ code, state, binding }: Returned): Promise<User> {
    const pending = this.#pending.get(state);
    this.#pending.delete(state);
    if (pending === undefined || pending.until <= this.#now() || !sameText(hashed(binding), pending.bindingHash))
      throw refused("this sign-in was not begun here, took too long, or is over already");
    const claims = await this.#verified(await this.#redeem(code, pending.verifier), pending.nonce);
    const { issuer, usernameClaim } = this.#config;
    const [username] = valuesAt(claims, usernameClaim);
    const roles = this.#rolesIn(claims);
    return userOfSubject(this.#context, { issuer, subject: claims.sub ?? "", username, name: claims.name, roles });
  }

  #rolesIn(claims: JWTPayload): Role[] {
    const fitting = this.#config.roles.filter(({ claim, value }) => valuesAt(claims, claim).includes(value));
    return [...new Set(fitting.flatMap((each) => each.roles))];
  }

  async #endpoints(): Promise<Endpoints> {
    const known = this.#found;
    if (known !== undefined && this.#now() - known.at < DISCOVERY_MS) return known.endpoints;
    const endpoints = await discover(this.#config.issuer)
      .then(endpointsIn)
      .catch((cause: unknown) => {
        throw unreachable(cause);
      });
    this.#found = { at: this.#now(), endpoints };
    return endpoints;
  }

  /** The code for an id token. */
  async #redeem(code: string, verifier: string): Promise<string> {
    const { token, secretInBody } = await this.#endpoints();
    const { clientId } = this.#config;
    const body = new URLSearchParams({ grant_type: "authorization_code", code, code_verifier: verifier });
    body.set("redirect_uri", this.#returnTo());
    const headers: Record<string, string> = { accept: "application/json" };
    if (this.#secret === undefined || secretInBody) body.set("client_id", clientId);
    if (this.#secret !== undefined && secretInBody) body.set("client_secret", this.#secret);
    if (this.#secret !== undefined && !secretInBody) headers.authorization = basic(clientId, this.#secret);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await boundedFetch(token, { method: "POST", body, headers, signal }).catch((cause: unknown) => {
      throw unreachable(cause);
    });
    if (response.status >= 500) throw unreachable(new Error(`the issuer answered ${response.status}`));
    const answer = tokenAnswer.safeParse(await response.json().catch(() => undefined));
    if (response.ok && answer.success) return answer.data.id_token;
    this.#context.log.warn({ area: "api", status: response.status }, "the identity provider did not take a code");
    throw refused("the identity provider did not confirm it");
  }

  async #verified(token: string, nonce: string): Promise<JWTPayload> {
    const { issuer, clientId, algorithms, clockSkewSeconds } = this.#config;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        ...{ issuer, audience: clientId, algorithms: [...algorithms] },
        currentDate: this.#context.clock.now(),
        clockTolerance: clockSkewSeconds,
        maxTokenAge: TOKEN_AGE_SECONDS,
        requiredClaims: ["exp", "iat", "sub"],
      });
      const forOthers = Array.isArray(payload.aud) && payload.aud.length > 1 && payload.azp === undefined;
      if (forOthers || (payload.azp !== undefined && payload.azp !== clientId))
        throw new errors.JWTClaimValidationFailed("for another client", payload, "azp");
      if (typeof payload.nonce !== "string" || !sameText(payload.nonce, nonce))
        throw new errors.JWTClaimValidationFailed("of another sign-in", payload, "nonce");
      return payload;
    } catch (error) {
      if (error instanceof TomboloError) throw error;
      const code = error instanceof errors.JOSEError ? error.code : "unknown";
      this.#context.log.warn({ area: "api", reason: code }, "an id token was refused");
      throw refused("what the identity provider sent is not valid here");
    }
  }

  #returnTo = (): string => `${consoleOrigin(this.#context.config)}${RETURN_PATH}`;

  #now = (): number => this.#context.clock.now().getTime();
}

function endpointsIn(found: Discovery): Endpoints {
  const { authorization_endpoint: authorization, token_endpoint: token } = found;
  if (authorization === undefined || token === undefined)
    throw new Error("the issuer names no endpoints to sign in at");
  // Where people are sent may have a query of its own; what the node asks may not.
  const [bare] = authorization.split("?");
  if (!isSafeIssuer(bare ?? "") || !isSafeIssuer(token))
    throw new Error("the issuer's endpoints are at an unsafe address");
  const methods = found.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  return { authorization, token, secretInBody: !methods.includes("client_secret_basic") };
}

async function secretIn(file: string): Promise<string> {
  const secret = (await readFile(file, "utf8").catch(() => "")).trim();
  if (secret !== "") return secret;
  throw new TomboloError("input.config", "signIn.clientSecretFile cannot be read, or is empty", {
    remedy: "Put the client's secret there, readable by the node alone.",
  });
}

const hashed = (token: string): string => Buffer.from(hashToken(token)).toString("base64");

const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

/** RFC 6749, 2.3.1: both parts are form-encoded first. */
const basic = (id: string, secret: string): string => {
  const encoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
  return `Basic ${Buffer.from(`${encoded(id)}:${encoded(secret)}`).toString("base64")}`;
};

const refused = (why: string): TomboloError =>
  new TomboloError("auth.sign-in", why, { remedy: "Begin to sign in anew; the node's log has the reason." });
