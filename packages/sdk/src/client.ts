import { type ErrorCode, TomboloError } from "@tombolo/base";
import type { z } from "zod";
import type { Problem } from "./schema/common.ts";
import { type LiveEvent, liveEvent } from "./schema/records.ts";
import { type Route, type RouteName, type Routes, routes } from "./schema/routes.ts";

type Input<S> = S extends z.ZodType ? z.input<S> : never;
type Part<R, K extends string, As extends string> =
  R extends Record<K, infer S>
    ? S extends "stream"
      ? { body: Blob | Uint8Array | ReadableStream<Uint8Array> }
      : { [_ in As]: Input<S> }
    : unknown;
export type CallInput<N extends RouteName> = Part<Routes[N], "params", "params"> &
  Part<Routes[N], "query", "query"> &
  Part<Routes[N], "body", "body">;
export type CallOutput<N extends RouteName> = Routes[N]["response"] extends z.ZodType
  ? z.output<Routes[N]["response"]>
  : Response;
type Arguments<N extends RouteName> =
  unknown extends CallInput<N>
    ? [input?: Record<never, never>, options?: CallOptions]
    : [input: CallInput<N>, options?: CallOptions];

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly contentType?: string;
  /** Of a call of a service: the same key gets the same answer, once worked out. */
  readonly idempotencyKey?: string;
}

export interface ClientOptions {
  /** Origin of the node's API, e.g. https://127.0.0.1:7500; empty for same-origin pages. */
  readonly origin: string;
  /** An API key; browsers use their session cookie instead. */
  readonly apiKey?: string;
  /** Sent on calls that change something; a browser session's own. */
  readonly csrfToken?: () => string | undefined;
  /** True while nobody is at the screen: such calls do not keep a session from going idle. */
  readonly unattended?: () => boolean;
  readonly fetch?: typeof fetch;
}

/** A TomboloError that also carries the HTTP status and, for the caller's own input, every fault at once. */
export class ApiCallError extends TomboloError {
  readonly status: number;
  readonly problems: readonly Problem[];
  constructor(status: number, error: Record<string, unknown>) {
    super((error.code as ErrorCode | undefined) ?? "state.internal", String(error.message ?? `HTTP ${status}`), {
      ...(typeof error.remedy === "string" ? { remedy: error.remedy } : {}),
      ...(typeof error.stage === "string" ? { stage: error.stage } : {}),
      ...(typeof error.blame === "string" ? { blame: error.blame } : {}),
    });
    this.status = status;
    this.problems = Array.isArray(error.problems) ? error.problems : [];
  }
}

export interface EventsOptions {
  /** The stream is up: what changed from now on will be told. */
  readonly onOpen?: () => void;
}

/** The node sends a beat every 15 s: a stream silent for longer leads nowhere, whatever the network says. */
const SILENCE_MS_MAX = 40_000;

interface LooseInput {
  readonly params?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
}

function urlOf(origin: string, definition: Route, input: LooseInput): string {
  const path = definition.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(input.params?.[name])),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {}))
    if (value !== undefined) query.set(name, String(value));
  return `${origin}${path}${query.size > 0 ? `?${query}` : ""}`;
}

/** The typed client of a node: `client.call("getJob", { params: { id } })`. */
export class Client {
  readonly #options: ClientOptions;
  readonly #fetch: typeof fetch;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? ((...args) => fetch(...args));
  }

  async call<N extends RouteName>(name: N, ...[input, options]: Arguments<N>): Promise<CallOutput<N>> {
    const definition: Route = routes[name];
    const loose = (input ?? {}) as LooseInput;
    const response = await this.#send(definition, loose, options ?? {});
    if (!response.ok) throw await errorOf(response);
    if (typeof definition.response === "string") return response as CallOutput<N>;
    return definition.response.parse(await response.json()) as CallOutput<N>;
  }

  /** Live events until the signal aborts or the node closes the stream. */
  async *events(
    query: { job?: string },
    signal: AbortSignal,
    { onOpen }: EventsOptions = {},
  ): AsyncGenerator<LiveEvent> {
    const silence = new AbortController();
    let beat = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
    const heard = (): void => {
      clearTimeout(beat);
      beat = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
    };
    try {
      const both = AbortSignal.any([signal, silence.signal]);
      const response = await this.call("events", { query }, { signal: both });
      if (response.body === null) return;
      onOpen?.();
      yield* eventsOf(response.body as unknown as AsyncIterable<Uint8Array>, heard);
    } finally {
      clearTimeout(beat);
    }
  }

  #send(definition: Route, input: LooseInput, options: CallOptions): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (this.#options.apiKey !== undefined) headers.authorization = `Bearer ${this.#options.apiKey}`;
    const csrf = this.#options.csrfToken?.();
    if (csrf !== undefined && definition.method !== "GET") headers["x-csrf-protection"] = csrf;
    if (options.idempotencyKey !== undefined) headers["idempotency-key"] = options.idempotencyKey;
    if (this.#options.unattended?.() === true) headers["x-unattended"] = "1";
    const streamed = definition.body === "stream";
    if (input.body !== undefined)
      headers["content-type"] = streamed ? (options.contentType ?? "application/octet-stream") : "application/json";
    return this.#fetch(urlOf(this.#options.origin, definition, input), {
      method: definition.method,
      headers,
      credentials: "same-origin",
      ...(input.body === undefined ? {} : { body: streamed ? (input.body as Blob) : JSON.stringify(input.body) }),
      ...(streamed ? { duplex: "half" } : {}),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    } as RequestInit);
  }
}

async function errorOf(response: Response): Promise<ApiCallError> {
  const body = (await response.json().catch(() => ({}))) as { error?: Record<string, unknown> };
  return new ApiCallError(response.status, body.error ?? {});
}

/** Blocks of lines parted by an empty one; only `data:` lines matter here. */
async function* eventsOf(body: AsyncIterable<Uint8Array>, heard: () => void): AsyncGenerator<LiveEvent> {
  let buffer = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    heard();
    buffer += decoder.decode(chunk, { stream: true });
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block
        .split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).trim())
        .join("\n");
      if (data !== "") yield liveEvent.parse(JSON.parse(data));
    }
  }
}
