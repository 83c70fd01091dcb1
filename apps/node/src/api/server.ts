/** The north-south server: serves the SDK's routes table with the handlers given, its documentation, and the console. */
import { Readable } from "node:stream";
import cookie from "@fastify/cookie";
import { TomboloError } from "@tombolo/base";
import { type LiveEvent, type Route, type RouteName, routes } from "@tombolo/sdk";
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { z } from "zod";
import { TokenCallers } from "../auth/oidc.ts";
import { servesTls } from "../auth/origin.ts";
import { cookieName } from "../auth/sessions.ts";
import type { NodeContext } from "../context.ts";
import type { NodeMetrics } from "../operations/metrics.ts";
import { serveConsole } from "./console-files.ts";
import { sendError } from "./errors.ts";
import { Gate, type Identity } from "./gate.ts";
import type { FileReply, Handlers, HttpSide } from "./handlers.ts";
import { streamEvents, takeStream } from "./live-stream.ts";
import { serveDocumentation } from "./open-api.ts";
import { securityHeaders } from "./security-headers.ts";

const JSON_BYTES_MAX = 1 << 20;
/** What requests under way get to finish when the node stops. */
const CLOSE_GRACE_MS = 1500;
/** By business systems, thousands a second. */
const CALLED = new Set(
  Object.values<Route>(routes)
    .filter(({ permission }) => permission === "services:call")
    .map(({ path }) => path),
);
const UPLOAD_TYPES = ["text/csv", "application/vnd.apache.parquet", "application/octet-stream"];

export interface ServerOptions {
  readonly context: NodeContext;
  readonly handlers: Handlers<RouteName>;
  readonly metrics: NodeMetrics;
  /** PEM; absent only on loopback. */
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  /** The built console; shown as "not built" when it is not there. */
  readonly consoleFolder: string;
}

interface AnyCall {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly actor: Identity["caller"];
  readonly http: HttpSide;
}
type AnyHandler = (call: AnyCall) => Promise<unknown>;

declare module "fastify" {
  interface FastifyRequest {
    identity: Identity;
  }
}

export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { context, tls } = options;
  const server = fastify({
    loggerInstance: context.log.child({ area: "api" }) as FastifyBaseLogger,
    // Ours below names the route instead of the URL, which may hold a token.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => crypto.randomUUID(),
    bodyLimit: JSON_BYTES_MAX,
    requestTimeout: 0,
    // What the router itself refuses comes past no hook.
    frameworkErrors: (_error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      reply.header("x-trace-id", request.id);
      sendError(new TomboloError("input.address", "the address is malformed or too long"), request, reply);
    },
    ...(tls === undefined ? {} : { https: { ...tls, minVersion: "TLSv1.2" } }),
  } as { loggerInstance: FastifyBaseLogger });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  for (const type of UPLOAD_TYPES) server.addContentTypeParser(type, (_request, payload, done) => done(null, payload));
  server.addHook("onRequest", async (request, reply) => {
    securityHeaders(request, reply, tls !== undefined);
    reply.header("x-trace-id", request.id);
  });
  server.addHook("onResponse", async (request, reply) => answered(options.metrics, request, reply));
  server.decorateRequest("identity");
  await server.register(cookie);
  await serveDocumentation(server, context);
  const tokens = await TokenCallers.open(context);
  await server.register(async (scope) => addRoutes(scope, options, tokens));
  await serveConsole(server, options.consoleFolder);
  return server;
}

function addRoutes(
  server: FastifyInstance,
  { context, handlers }: ServerOptions,
  tokens: TokenCallers | undefined,
): void {
  const gate = new Gate(context, tokens);
  // Live streams never end by themselves: without this a close would wait for them.
  const closing = new AbortController();
  server.addHook("preClose", async () => {
    closing.abort();
    // Browsers hold connections they never used; those do not count as idle and would keep the server open.
    setTimeout(() => server.server.closeAllConnections(), CLOSE_GRACE_MS).unref();
  });
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const handler = handlers[name] as unknown as AnyHandler;
    server.route({
      method: route.method,
      url: route.path,
      schema: schemaOf(name, route),
      ...(route.body === "stream" ? { bodyLimit: context.config.limits.uploadBytesMax } : {}),
      ...(route.bodyBytesMax === undefined ? {} : { bodyLimit: route.bodyBytesMax }),
      onRequest: async (request) => {
        request.identity = await gate.pass(route, request);
      },
      handler: (request, reply) => answer({ context, gate, closing: closing.signal }, route, handler, request, reply),
    });
  }
}

interface Serving {
  readonly context: NodeContext;
  readonly gate: Gate;
  readonly closing: AbortSignal;
}

async function answer(
  { context, gate, closing }: Serving,
  route: Route,
  handler: AnyHandler,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  if (route.body === "stream" && !(request.body instanceof Readable)) throw notAFile();
  const stop = new AbortController();
  reply.raw.once("close", () => stop.abort());
  const http = httpSide(context, request, reply, stop.signal);
  const call = {
    params: request.params,
    query: request.query,
    body: request.body,
    actor: request.identity.caller,
    http,
  };
  const result = await handler(call);
  if (route.response === "events") {
    const release = takeStream();
    closing.addEventListener("abort", () => stop.abort(), { once: true, signal: stop.signal });
    reply.hijack();
    for (const [header, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(header, value ?? "");
    const still = () => gate.stillThere(request.identity);
    await streamEvents(reply.raw, result as AsyncIterable<LiveEvent>, stop, still).finally(release);
    return reply;
  }
  reply.header("cache-control", "no-store");
  return route.response === "file" ? sendFile(reply, result as FileReply) : result;
}

const notAFile = (): TomboloError =>
  new TomboloError("input.content-type", "this takes a file", {
    remedy: `Send it as ${UPLOAD_TYPES.join(", ")}.`,
  });

function httpSide(context: NodeContext, request: FastifyRequest, reply: FastifyReply, signal: AbortSignal): HttpSide {
  const secure = servesTls(context.config);
  const name = cookieName(context.config.party, secure);
  const attributes = { path: "/", httpOnly: true, sameSite: "strict", secure } as const;
  const length = Number(request.headers["content-length"]);
  const key = request.headers["idempotency-key"];
  return {
    address: request.ip,
    contentType: request.headers["content-type"] ?? "",
    contentLength: Number.isFinite(length) ? length : undefined,
    traceId: request.id,
    idempotencyKey: typeof key === "string" ? key : undefined,
    signal,
    sessionToken: request.identity.sessionToken,
    setSession: (token) => {
      if (token === undefined) reply.clearCookie(name, attributes);
      else reply.setCookie(name, token, attributes);
    },
  };
}

/** RFC 6266 with an ASCII fallback; the browser saves it and never shows it as a page of ours. */
function sendFile(reply: FastifyReply, file: FileReply): string | Uint8Array | Readable {
  const plain = file.filename.replace(/[^A-Za-z0-9._-]/g, "_");
  const disposition = `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(file.filename)}`;
  reply.header("content-disposition", disposition).type(file.contentType);
  return file.body;
}

function schemaOf(name: RouteName, route: Route): Record<string, unknown> {
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.tag],
    description: route.permission === null ? "No sign-in needed." : `Permission: ${route.permission}.`,
    ...(route.permission === null ? { security: [] } : {}),
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(route.query === undefined ? {} : { querystring: route.query }),
    ...(route.body instanceof z.ZodType ? { body: route.body } : {}),
    ...(route.body === "stream" ? { consumes: UPLOAD_TYPES } : {}),
    ...(route.response instanceof z.ZodType ? { response: { 200: route.response } } : {}),
  };
}

function answered(metrics: NodeMetrics, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? "(none)";
  metrics.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
  const by = request.identity?.caller?.name;
  const line = { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime), by };
  // Heartbeats of pages, probes and calls of services would drown the rest.
  if ((request.method === "GET" || CALLED.has(route)) && reply.statusCode < 400) request.log.debug(line, "request");
  else request.log.info(line, "request");
}
