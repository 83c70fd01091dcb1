/**
 * Who may call what. Every route passes here before its body is read: rate, host, identity, CSRF, permission, all from
 * the routes table, so that no handler can forget one.
 */
import { TomboloError } from "@tombolo/base";
import { allows, type Role, type Route } from "@tombolo/sdk";
import type { FastifyRequest } from "fastify";
import { apiKeyOf, isFreshKey } from "../auth/api-keys.ts";
import { TokenCallers } from "../auth/oidc.ts";
import { consoleOrigin, isLoopback, servesTls } from "../auth/origin.ts";
import { cookieName, sessionUser } from "../auth/sessions.ts";
import { csrfTokenOf, sameText } from "../auth/tokens.ts";
import type { NodeContext } from "../context.ts";
import type { Caller } from "./handlers.ts";
import { RateLimit } from "./rate-limit.ts";

/** Sign-in and links run argon2; guessing is also slowed by the lockout. */
const OPEN_REQUESTS_PER_MINUTE = 60;

export interface Identity {
  readonly caller: Caller | null;
  readonly sessionToken: string | undefined;
  /** Asks again who this is; undefined: not signed in. Does not count as activity. */
  readonly again: () => Promise<{ readonly roles: readonly Role[] } | undefined>;
}

const NOBODY: Identity = { caller: null, sessionToken: undefined, again: async () => undefined };

export class Gate {
  readonly #context: NodeContext;
  readonly #all: RateLimit;
  readonly #open: RateLimit;
  readonly #cookie: string;
  readonly #tokens: TokenCallers | undefined;

  constructor(context: NodeContext, tokens: TokenCallers | undefined) {
    this.#context = context;
    this.#tokens = tokens;
    this.#all = new RateLimit(context.config.limits.requestsPerMinute, context.clock);
    this.#open = new RateLimit(OPEN_REQUESTS_PER_MINUTE, context.clock);
    this.#cookie = cookieName(context.config.party, servesTls(context.config));
  }

  async pass(route: Route, request: FastifyRequest): Promise<Identity> {
    // Callers of services have quotas and rates of their own.
    if (route.permission !== "services:call" || !this.#isKnownKey(request)) this.#all.take(request.ip);
    if (route.permission === null && route.method !== "GET") this.#open.take(request.ip);
    this.#checkHost(request.headers.host);
    checkSite(request);
    const identity = await this.#identify(request);
    if (route.permission === null) return identity;
    const { caller, sessionToken } = identity;
    if (caller === null) throw signedOut();
    if (sessionToken !== undefined && route.method !== "GET") checkCsrf(request, sessionToken);
    if (route.permission !== "signed-in" && !allows(caller.roles, route.permission))
      throw new TomboloError("auth.forbidden", `this needs the permission ${route.permission}`, {
        remedy: "Ask an administrator for a role that has it.",
      });
    return identity;
  }

  /** For live streams: is the caller still who it was, with the same roles? */
  async stillThere({ caller, again }: Identity): Promise<boolean> {
    const now = await again();
    return now !== undefined && caller !== null && now.roles.join() === caller.roles.join();
  }

  #isKnownKey(request: FastifyRequest): boolean {
    const secret = bearerOf(request);
    if (secret === undefined) return false;
    return isFreshKey(this.#context, secret) || this.#tokens?.isFresh(secret) === true;
  }

  async #identify(request: FastifyRequest): Promise<Identity> {
    const secret = bearerOf(request);
    if (secret !== undefined) return this.#byKey(secret);
    const sessionToken = request.cookies[this.#cookie];
    if (sessionToken === undefined || sessionToken.length > 100) return NOBODY;
    // What a page asks for on its own, with nobody at the screen, does not keep the session alive.
    const attended = request.headers["x-unattended"] === undefined;
    const user = await sessionUser(this.#context, sessionToken, attended);
    if (user === undefined) return NOBODY;
    const again = () => sessionUser(this.#context, sessionToken, false);
    return { caller: { kind: "user", id: user.id, name: user.username, roles: user.roles }, sessionToken, again };
  }

  async #byKey(secret: string): Promise<Identity> {
    const tokens = this.#tokens;
    if (tokens !== undefined && TokenCallers.looksLikeToken(secret)) {
      const again = () => tokens.callerOf(secret).catch(() => undefined);
      return { caller: await tokens.callerOf(secret), sessionToken: undefined, again };
    }
    const key = await apiKeyOf(this.#context, secret);
    if (key === undefined)
      throw new TomboloError("auth.session", "this API key is not known or has expired", {
        remedy: "Create a new one in the console.",
      });
    const roles: readonly Role[] = key.roles;
    const again = () => apiKeyOf(this.#context, secret);
    return { caller: { kind: "api-key", id: key.id, name: key.name, roles }, sessionToken: undefined, again };
  }

  /** On loopback a foreign Host means DNS rebinding: a web page elsewhere that resolves its own name to us. */
  #checkHost(host: string | undefined): void {
    const { config } = this.#context;
    if (!isLoopback(config.api.host)) return;
    const name = (host ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
    if (isLoopback(name) || name === new URL(consoleOrigin(config)).hostname) return;
    throw new TomboloError("auth.host", "this host name is not one of this node's", {
      remedy: "Set api.publicUrl if people reach the console through this name.",
    });
  }
}

function bearerOf(request: FastifyRequest): string | undefined {
  const [scheme, secret] = (request.headers.authorization ?? "").split(" ");
  return scheme?.toLowerCase() === "bearer" ? secret : undefined;
}

/** Browsers say where a request comes from; a page of another site may not act here, not even to sign in. */
function checkSite(request: FastifyRequest): void {
  const site = request.headers["sec-fetch-site"];
  if (request.method === "GET" || site === undefined || site === "same-origin" || site === "none") return;
  throw new TomboloError("auth.csrf", "a request from another site was refused");
}

function checkCsrf(request: FastifyRequest, sessionToken: string): void {
  const sent = request.headers["x-csrf-protection"];
  if (typeof sent === "string" && sameText(sent, csrfTokenOf(sessionToken))) return;
  throw new TomboloError("auth.csrf", "the request lacks its CSRF token", { remedy: "Reload the page." });
}

const signedOut = (): TomboloError =>
  new TomboloError("auth.session", "you are not signed in, or the session has ended", { remedy: "Sign in again." });
