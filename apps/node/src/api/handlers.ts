/**
 * What a resource file implements: `partnersApi(context): Handlers<"listPartners" | ...>`. Types come from the SDK's
 * routes table; the server has checked permission, parsed the input and will check the output against it.
 */
import type { Readable } from "node:stream";
import type { LiveEvent, Role, RouteName, Routes } from "@tombolo/sdk";
import type { z } from "zod";
import type { Actor } from "../context.ts";

/** A signed-in person, an API key, or a system with a token of the identity provider. */
export interface Caller extends Actor {
  readonly kind: "user" | "api-key" | "token";
  readonly roles: readonly Role[];
}

/** The little of HTTP that a handler may touch. */
export interface HttpSide {
  /** The address the request came from; for lockout and logs. */
  readonly address: string;
  readonly contentType: string;
  readonly contentLength: number | undefined;
  readonly idempotencyKey: string | undefined;
  /** Of this request; the log and its answer have it too. */
  readonly traceId: string;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
  /** The caller's session token, if any. */
  readonly sessionToken: string | undefined;
  /** Sets (or with undefined clears) the session cookie. */
  setSession(token: string | undefined): void;
}

/** The answer of a route whose response is "file". */
export interface FileReply {
  readonly filename: string;
  readonly contentType: string;
  readonly body: Readable | Uint8Array | string;
}

type Parsed<R, K extends string> =
  R extends Record<K, infer S>
    ? S extends z.ZodType
      ? z.output<S>
      : S extends "stream"
        ? Readable
        : undefined
    : undefined;

export interface Call<N extends RouteName> {
  readonly params: Parsed<Routes[N], "params">;
  readonly query: Parsed<Routes[N], "query">;
  readonly body: Parsed<Routes[N], "body">;
  /** Null only on routes that need no sign-in. */
  readonly actor: Routes[N]["permission"] extends null ? Caller | null : Caller;
  readonly http: HttpSide;
}

export type Reply<N extends RouteName> = Routes[N]["response"] extends z.ZodType
  ? z.input<Routes[N]["response"]>
  : Routes[N]["response"] extends "events"
    ? AsyncIterable<LiveEvent>
    : FileReply;

export type Handlers<N extends RouteName> = { readonly [K in N]: (call: Call<K>) => Promise<Reply<K>> };
