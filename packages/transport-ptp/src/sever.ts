/**
 * Ends an HTTP/2 session at once, together with its socket. `session.destroy()` alone waits for a TLS write under
 * way, and one that a reset caught in the middle of a record never ends: the session would hang half dead. HTTP/2
 * hides its socket, so it is remembered here.
 */
import type { Http2Session } from "node:http2";
import type { Socket } from "node:net";

const sockets = new WeakMap<Http2Session, Socket>();

export function rememberSocket(session: Http2Session, socket: Socket): void {
  sockets.set(session, socket);
}

export function sever(session: Http2Session): void {
  sockets.get(session)?.destroy();
  session.destroy();
}
