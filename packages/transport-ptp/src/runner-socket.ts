/**
 * The node's side of its runners' private socket: reads who comes with which capability, then hands over the raw
 * connection. The socket file is the owner's alone (0600).
 */
import { chmod, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TomboloError } from "@tombolo/base";
import type { RunnerHello, RunnerStatus } from "./types.ts";

const HELLO_BYTES_MAX = 2048;
const HELLO_MS_MAX = 5000;
const CONNECTIONS_MAX = 1024;
/** sun_path of Linux and macOS, less its final zero. */
const SOCKET_PATH_BYTES_MAX = 103;
const FIELD = /^[\x21-\x7e]{1,256}$/;

export interface RunnerSocket {
  close(): Promise<void>;
}

/** `onSession` checks the token and calls `attachSession`, or `refuseRunner`. */
export async function serveRunnerSocket(
  path: string,
  onSession: (hello: RunnerHello, local: Duplex) => void,
): Promise<RunnerSocket> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX)
    throw new TomboloError("resource.socket-path", "the data directory's path is too long for a socket", {
      remedy: `Choose a data directory whose path is shorter: a socket's path may have ${SOCKET_PATH_BYTES_MAX} bytes.`,
    });
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    readHello(socket, (hello) => onSession(hello, socket));
  });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export function refuseRunner(local: Duplex, error: TomboloError): void {
  local.end(statusLine({ state: "refused", code: error.code, message: error.message }));
}

export const statusLine = (status: RunnerStatus): string => `${JSON.stringify(status)}\n`;

function readHello(socket: Socket, onHello: (hello: RunnerHello) => void): void {
  const late = setTimeout(() => socket.destroy(), HELLO_MS_MAX);
  socket.on("close", () => clearTimeout(late));
  let text = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    text = Buffer.concat([text, chunk]);
    const end = text.indexOf(0x0a);
    if (end < 0 && text.length <= HELLO_BYTES_MAX) return;
    clearTimeout(late);
    socket.off("data", onData);
    socket.pause();
    const hello = end < 0 ? undefined : parseHello(text.toString("utf8", 0, end));
    if (hello === undefined || text.length > end + 1) socket.destroy();
    else onHello(hello);
  };
  socket.on("data", onData);
}

function parseHello(line: string): RunnerHello | undefined {
  try {
    const { token, sessionId, party } = JSON.parse(line) as Record<string, unknown>;
    if (![token, sessionId, party].every((field) => typeof field === "string" && FIELD.test(field))) return undefined;
    return { token, sessionId, party } as RunnerHello;
  } catch {
    return undefined;
  }
}
