import type { Http2Session } from "node:http2";

/** Pings at intervals; a ping that is still unanswered at the next one ends the session: the path is dead. */
export function keepAlive(session: Http2Session, pingMs: number, onRtt: (rttMs: number) => void): void {
  let waiting = false;
  const ping = (): void => {
    if (session.destroyed) return;
    if (waiting) return session.destroy();
    waiting = true;
    session.ping((error, durationMs) => {
      waiting = false;
      if (error === null) onRtt(durationMs);
    });
  };
  const timer = setInterval(ping, pingMs);
  session.on("close", () => clearInterval(timer));
  ping();
}
