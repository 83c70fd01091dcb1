/**
 * Tokens of the party's own identity provider (OpenID Connect), so that business systems need no API key: a signed JWT as
 * bearer token, checked for issuer, audience, times and an asymmetric algorithm against the provider's keys, then mapped
 * to roles by its claims. What is not mapped may do nothing.
 *
 * A token stands for a system, not for a person known here: its roles can neither ask nor decide, so that nobody becomes a
 * second pair of eyes by a token of their own.
 */
import { readFile } from "node:fs/promises";
import { isShowable, TomboloError } from "@tombolo/base";
import type { Role } from "@tombolo/sdk";
import { createLocalJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Caller } from "../api/handlers.ts";
import type { NodeConfig } from "../config/config.ts";
import type { NodeContext } from "../context.ts";
import { valuesAt } from "./claims.ts";
import { issuerKeys } from "./issuer-keys.ts";
import { hashToken } from "./tokens.ts";

export type OidcConfig = NonNullable<NodeConfig["oidc"]>;

/** A token that was good is not checked again for so long: systems call thousands of times a second. */
const FRESH_MS = 30_000;
const FRESH_MAX = 1000;
const TOKEN_LENGTH_MAX = 8192;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const SUBJECT = /^[\x21-\x7e]{1,200}$/;

interface Known {
  readonly caller: Caller;
  readonly until: number;
}

export class TokenCallers {
  readonly #context: NodeContext;
  readonly #config: OidcConfig;
  readonly #keys: JWTVerifyGetKey;
  readonly #known = new Map<string, Known>();

  private constructor(context: NodeContext, config: OidcConfig, keys: JWTVerifyGetKey) {
    this.#context = context;
    this.#config = config;
    this.#keys = keys;
  }

  /** Undefined where no provider is configured. Throws `input.config` for a file of keys that is none. */
  static async open(context: NodeContext): Promise<TokenCallers | undefined> {
    const { oidc } = context.config;
    if (oidc === undefined) return undefined;
    return new TokenCallers(
      context,
      oidc,
      oidc.jwksFile === undefined ? issuerKeys(oidc) : await fileKeys(oidc.jwksFile),
    );
  }

  static looksLikeToken = (text: string): boolean => text.length <= TOKEN_LENGTH_MAX && JWT.test(text);

  /** It was good a moment ago. */
  isFresh(token: string): boolean {
    return this.#fresh(nameOf(token)) !== undefined;
  }

  /** Throws `auth.token`, `auth.token-unmapped`, or `transport.issuer` where the provider's keys cannot be had. */
  async callerOf(token: string): Promise<Caller> {
    const name = nameOf(token);
    const known = this.#fresh(name);
    if (known !== undefined) return known;
    const payload = await this.#verified(token);
    const caller = this.#callerIn(payload);
    const now = this.#context.clock.now().getTime();
    if (this.#known.size >= FRESH_MAX) this.#known.clear();
    this.#known.set(name, { caller, until: Math.min(now + FRESH_MS, (payload.exp ?? 0) * 1000) });
    return caller;
  }

  #fresh(name: string): Caller | undefined {
    const known = this.#known.get(name);
    return known !== undefined && known.until > this.#context.clock.now().getTime() ? known.caller : undefined;
  }

  async #verified(token: string): Promise<JWTPayload> {
    const { issuer, audience, algorithms, clockSkewSeconds, tokenHoursMax } = this.#config;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        ...{ issuer, audience, algorithms: [...algorithms] },
        currentDate: this.#context.clock.now(),
        clockTolerance: clockSkewSeconds,
        maxTokenAge: tokenHoursMax * 3600,
        requiredClaims: ["exp", "iat"],
      });
      return payload;
    } catch (error) {
      if (error instanceof TomboloError) throw error;
      const code = error instanceof errors.JOSEError ? error.code : "unknown";
      this.#context.log.warn({ area: "api", reason: code }, "a token was refused");
      if (error instanceof errors.JWTExpired)
        throw new TomboloError("auth.token", "this token has expired", { remedy: "Have a new one issued." });
      throw new TomboloError("auth.token", "this token is not valid here", {
        remedy: "Check issuer, audience, algorithm and clock; the node's log has the reason.",
      });
    }
  }

  #callerIn(payload: JWTPayload): Caller {
    const subject = payload[this.#config.subjectClaim];
    if (typeof subject !== "string" || !SUBJECT.test(subject) || !isShowable(subject))
      throw new TomboloError("auth.token", "this token names no subject", {
        remedy: "See oidc.subjectClaim in the node's configuration.",
      });
    const fitting = this.#config.callers.filter(({ claim, value }) => valuesAt(payload, claim).includes(value));
    const roles: Role[] = [...new Set(fitting.flatMap((each) => each.roles))];
    const id = `oidc:${subject}`;
    if (roles.length > 0) return { kind: "token", id, name: id, roles };
    throw new TomboloError("auth.token-unmapped", "nothing in this token gives its holder a role here", {
      remedy: "Have a claim added that oidc.callers maps, or the mapping to the node's configuration.",
    });
  }
}

const nameOf = (token: string): string => Buffer.from(hashToken(token)).toString("base64");

async function fileKeys(file: string): Promise<JWTVerifyGetKey> {
  try {
    return createLocalJWKSet(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw new TomboloError("input.config", "oidc.jwksFile cannot be read, or is no set of keys", {
      remedy: "Save the provider's JWKS there, or leave the setting out to have it fetched.",
      cause,
    });
  }
}
