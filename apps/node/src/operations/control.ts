/** The control socket: HTTP on a Unix socket (0600) in the data directory, one operation per request. */
import { rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { createServer, request as httpRequest, type Server } from "node:http";
import { resolve } from "node:path";
import { type ErrorCode, type PublicError, TomboloError } from "@tombolo/base";
import { lockHolder } from "../config/lock.ts";
import { openContext } from "../config/open-context.ts";
import { dataPaths } from "../config/paths.ts";
import type { NodeContext } from "../context.ts";
import { createLog } from "../log/log.ts";
import {
  type OperationInput,
  type OperationName,
  type OperationOutput,
  operations,
  type Running,
  runOperation,
} from "./operations.ts";

const BODY_BYTES_MAX = 64 * 1024;

export async function serveControl(context: NodeContext, running: Running): Promise<Server> {
  const { controlSocket } = context.paths;
  // The lock is ours, so a socket that is there was left by a crash.
  rmSync(controlSocket, { force: true });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > BODY_BYTES_MAX) request.destroy();
      else chunks.push(chunk);
    });
    request.on("end", () => {
      void answer(context, running, (request.url ?? "").slice(1), Buffer.concat(chunks).toString("utf8")).then(
        ([status, body]) =>
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
      );
    });
  });
  await new Promise<void>((done, failed) => server.once("error", failed).listen(controlSocket, done));
  await chmod(controlSocket, 0o600);
  return server;
}

async function answer(
  context: NodeContext,
  running: Running,
  name: string,
  body: string,
): Promise<[status: number, body: unknown]> {
  try {
    if (!Object.hasOwn(operations, name))
      throw new TomboloError("state.unknown", "this node does not know that command");
    return [200, (await runOperation(context, name as OperationName, JSON.parse(body), running)) ?? null];
  } catch (error) {
    const known = TomboloError.from(error);
    if (known.code === "state.internal") context.log.error({ err: error }, "command failed");
    return [400, { error: known.toPublic() }];
  }
}

/** Asks the node that runs on this directory; without one, does it on the directory itself. */
export async function callNode<N extends OperationName>(
  directory: string,
  environment: NodeJS.ProcessEnv,
  name: N,
  input: OperationInput<N>,
): Promise<OperationOutput<N>> {
  if (isRunning(directory)) return (await ask(directory, name, input)) as OperationOutput<N>;
  const { context, close } = await openContext(directory, environment, { log: createLog("command", "error") });
  try {
    return (await runOperation(context, name, input)) as OperationOutput<N>;
  } finally {
    await close();
  }
}

export const isRunning = (directory: string): boolean => lockHolder(dataPaths(resolve(directory)).lock) !== undefined;

export async function ask(directory: string, name: OperationName, input: unknown): Promise<unknown> {
  const { controlSocket } = dataPaths(resolve(directory));
  const [status, text] = await post(controlSocket, `/${name}`, JSON.stringify(input)).catch((cause: unknown) => {
    throw new TomboloError("state.starting", "the node is starting or stopping, or belongs to another account", {
      remedy: "Try again in a few seconds, as the account that runs the node.",
      cause,
    });
  });
  const body = JSON.parse(text) as { error?: PublicError };
  if (status === 200) return body;
  const { code = "state.internal", message = "the command failed", remedy } = body.error ?? {};
  throw new TomboloError(code as ErrorCode, message, remedy === undefined ? {} : { remedy });
}

function post(socketPath: string, path: string, body: string): Promise<[status: number, text: string]> {
  return new Promise((done, failed) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = httpRequest({ socketPath, path, method: "POST", headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => done([response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8")]));
      response.on("error", failed);
    });
    request.on("error", failed);
    request.end(body);
  });
}
