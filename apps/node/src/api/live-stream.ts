/**
 * Server-sent events. Limits: streams per node, bytes waiting for a slow reader (then the stream ends and the client
 * reconnects). A heartbeat keeps proxies from closing it, and ends it once the session has ended.
 */
import type { ServerResponse } from "node:http";
import { TomboloError } from "@tombolo/base";
import type { LiveEvent } from "@tombolo/sdk";

const HEARTBEAT_MS = 15_000;
const STREAMS_MAX = 200;
const WAITING_BYTES_MAX = 1 << 20;

let open = 0;

/** Takes a place for a stream; throws when there is none. Answers how to give it back. */
export function takeStream(): () => void {
  if (open >= STREAMS_MAX)
    throw new TomboloError("resource.streams", "too many live streams are open", {
      remedy: "Close pages that are not needed.",
    });
  open++;
  return () => {
    open--;
  };
}

export async function streamEvents(
  response: ServerResponse,
  events: AsyncIterable<LiveEvent>,
  stop: AbortController,
  stillAllowed: () => Promise<boolean>,
): Promise<void> {
  const beat = setInterval(() => void heartbeat(response, stop, stillAllowed), HEARTBEAT_MS);
  try {
    const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" };
    response.writeHead(200, { ...headers, "x-accel-buffering": "no" });
    response.write(": connected\n\n");
    for await (const event of events) {
      response.write(`data: ${JSON.stringify(event)}\n\n`);
      if (response.writableLength > WAITING_BYTES_MAX) break;
    }
  } finally {
    clearInterval(beat);
    response.end();
  }
}

async function heartbeat(
  response: ServerResponse,
  stop: AbortController,
  stillAllowed: () => Promise<boolean>,
): Promise<void> {
  const allowed = await stillAllowed().catch(() => false);
  if (!allowed || response.writableLength > WAITING_BYTES_MAX) stop.abort();
  else response.write(": beat\n\n");
}
