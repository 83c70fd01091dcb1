/** Flow control and limits of both ends of a connection between nodes. */
import type { Http2Session, SecureClientSessionOptions } from "node:http2";

/** Bytes a stream may have on the way before the receiving runner has taken any: bandwidth times round trip. */
const STREAM_WINDOW_BYTES = 8 * 2 ** 20;
const CONNECTION_WINDOW_BYTES = 32 * 2 ** 20;

export const SESSION_SETTINGS = {
  /** MiB for all streams of one connection. */
  maxSessionMemory: 256,
  settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxFrameSize: 2 ** 20 },
} as const satisfies SecureClientSessionOptions;

/** The connection's own window is not a setting of HTTP/2 and is widened once it is open. */
export function widenWindow(session: Http2Session): void {
  const widen = (): void => session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
  if (session.connecting) session.once("connect", widen);
  else widen();
}
