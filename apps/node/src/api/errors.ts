/** From an error to an HTTP answer: the public part, and the faults of the caller's own input; nothing else. */
import { randomUUID } from "node:crypto";
import { TomboloError } from "@tombolo/base";
import { type ApiError, problem } from "@tombolo/sdk";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { z } from "zod";

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  "auth.credentials": 401,
  "auth.session": 401,
  "auth.link": 401,
  "auth.token": 401,
  "auth.locked": 429,
  "auth.rate": 429,
  "auth.host": 421,
  "state.unknown": 404,
  "state.internal": 500,
  "input.too-large": 413,
  "auth.quota": 429,
  "resource.busy": 503,
  "resource.node-restarted": 503,
  "state.service-starting": 503,
  "state.service-stopped": 410,
  "transport.timeout": 504,
};
const STATUS_OF_FAMILY: Readonly<Record<TomboloError["family"], number>> = {
  input: 400,
  auth: 403,
  consent: 409,
  state: 409,
  aborted: 409,
  protocol: 502,
  transport: 502,
  resource: 507,
};
const problems = z.array(problem).max(1000);

/** In a moment it may be otherwise: said in the header, for callers that repeat by themselves. */
const RETRY_AFTER_SECONDS: Readonly<Record<number, number>> = { 429: 5, 502: 1, 503: 1, 504: 1 };
const seconds = z.number().int().positive();

/** What the error itself knows (a quota begins anew at midnight), else what its status usually takes. */
function retryAfter(error: TomboloError, status: number): number | undefined {
  const known = seconds.safeParse(error.detail?.retryAfterSeconds);
  return known.success ? known.data : RETRY_AFTER_SECONDS[status];
}

export const statusOf = (error: TomboloError): number => STATUS_OF_CODE[error.code] ?? STATUS_OF_FAMILY[error.family];

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = toTombolo(error);
  const status = statusOf(known);
  // What is only busy or starting says so to each caller; the log need not.
  if (status >= 500 && status !== 503) request.log.error({ err: status === 500 ? error : known }, "request failed");
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  const found = problems.safeParse(known.detail?.problems);
  const body: ApiError = {
    error: { ...known.toPublic(), traceId: request.id, ...(found.success ? { problems: found.data } : {}) },
  };
  const retry = retryAfter(known, status);
  if (retry !== undefined) void reply.header("retry-after", retry);
  void reply.code(status).header("cache-control", "no-store").type("application/json").send(JSON.stringify(body));
}

/** What Fastify and the database throw, in our terms. An unknown error gets a number that is in the log too. */
function toTombolo(error: unknown): TomboloError {
  if (error instanceof TomboloError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const faults = error.validation.map((each) => ({
      path: `${error.validationContext}${each.instancePath.replaceAll("/", ".")}`,
      message: each.message ?? "is not valid",
    }));
    return new TomboloError("input.request", `the request has ${faults.length} fault(s)`, {
      remedy: "Correct the fields named.",
      detail: { problems: faults },
    });
  }
  const { statusCode, code, message } = error as FastifyError;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new TomboloError("input.too-large", "the request is too large");
  if (code === "ENOSPC")
    return new TomboloError("resource.disk-full", "the disk of the data directory is full", {
      remedy: "Free space on it, then try again.",
    });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new TomboloError("input.request", message);
  return new TomboloError("state.internal", `an internal error (${randomUUID().slice(0, 8)})`, {
    remedy: "Look for it in the node's log; report it if it comes back.",
    cause: error,
  });
}
