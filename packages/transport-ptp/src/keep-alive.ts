import type { Http2Session } from "node:http2";
import { sever } from "./sever.ts";

/** Pings without any sign of life after which the path counts as dead. */
const PINGS_MISSED_MAX = 4;

/**
 * Pings at intervals, and ends a session on which nothing at all moved for four of them. Data that moves slowly is a
 * sign of life even while a ping waits behind it. This also catches resets that Node does not report: while a
 * session waits for a TLS write it does not read, and a write that fails half-way through a record ends in silence.
 */
export function keepAlive(session: Http2Session, pingMs: number, onRtt: (rttMs: number) => void): void {
  const silenceMsMax = PINGS_MISSED_MAX * pingMs;
  let waiting = false;
  const ping = (): void => {
    if (waiting || session.destroyed) return;
    waiting = true;
    session.ping((error, durationMs) => {
      waiting = false;
      if (error !== null || session.destroyed) return;
      // Node does not count an answered ping as activity: an idle path would be cut.
      session.setTimeout(silenceMsMax);
      onRtt(durationMs);
    });
  };
  const timer = setInterval(ping, pingMs);
  session.setTimeout(silenceMsMax, () => sever(session));
  session.on("close", () => clearInterval(timer));
  ping();
}
