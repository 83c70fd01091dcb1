/**
 * The listener: TLS 1.3 with a client certificate, pinned by the contracts. What this transport serves itself are
 * the control stream and the streams of sessions; every other path is a request for the node.
 */
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { TomboloError } from "@tombolo/base";
import { derFingerprint } from "./certificate.ts";
import { ReverseCaller } from "./control-stream.ts";
import { errorAnswer, readBody } from "./http-exchange.ts";
import { SESSION_SETTINGS, widenWindow } from "./http2-settings.ts";
import { keepAlive } from "./keep-alive.ts";
import { checkPtpVersion, PATH, plainHeaders, ptpHeader } from "./ptp-headers.ts";
import type { RemoteEnd } from "./sessions.ts";
import { rememberSocket, sever } from "./sever.ts";
import type { EastWestRequest, EastWestResponse, PtpLimits, PtpOptions } from "./types.ts";

export interface InboundEvents {
  /** A partner keeps a control stream open towards us. */
  up(partyId: string, caller: ReverseCaller, session: ServerHttp2Session): void;
  down(partyId: string, session: ServerHttp2Session): void;
  rtt(partyId: string, rttMs: number): void;
  meet(partyId: string, sessionId: string, token: string, remote: RemoteEnd): void;
  request(request: EastWestRequest): Promise<EastWestResponse>;
}

interface Caller {
  readonly partyId: string | null;
  readonly fingerprint: string;
}

const HANDSHAKE_MS_MAX = 10_000;
const INVALID_FRAMES_MAX = 100;
const REQUEST_IDLE_MS_MAX = 60_000;
const STRANGERS_MAX = 16;
const STRANGER_BYTES_MAX = 64 * 1024;

export class Inbound {
  readonly #options: PtpOptions;
  readonly #limits: Required<PtpLimits>;
  readonly #events: InboundEvents;
  readonly #server: Http2SecureServer;
  #securing: TLSSocket | undefined;
  #strangers = 0;
  /** With whom each has shown to be; undefined until then. */
  readonly #sessions = new Map<ServerHttp2Session, Caller | undefined>();

  constructor(options: PtpOptions, limits: Required<PtpLimits>, events: InboundEvents) {
    this.#options = options;
    this.#limits = limits;
    this.#events = events;
    this.#server = createSecureServer({
      ...SESSION_SETTINGS,
      key: options.tls.key,
      cert: options.tls.cert,
      minVersion: "TLSv1.3",
      requestCert: true,
      // Self-signed by design: `authorise` pins the certificate, which is stricter than a chain.
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MS_MAX,
      maxHeaderListPairs: 64,
      maxSessionInvalidFrames: INVALID_FRAMES_MAX,
      maxSessionRejectedStreams: INVALID_FRAMES_MAX,
      settings: {
        ...SESSION_SETTINGS.settings,
        maxConcurrentStreams: limits.streamsMax,
        maxHeaderListSize: limits.headerBytesMax,
      },
    });
    // Rounds of small messages must not wait for Nagle.
    this.#server.on("connection", (socket: Socket) => socket.setNoDelay(true));
    this.#server.maxConnections = limits.connectionsMax;
    // Both events come one right after the other for each connection, this one first.
    this.#server.prependListener("secureConnection", (socket) => {
      this.#securing = socket;
    });
    this.#server.on("session", (session) => this.#onSession(session));
    this.#server.on("stream", (stream, headers) => void this.#onStream(stream, headers));
    this.#server.on("sessionError", () => {});
    this.#server.on("tlsClientError", (error, socket) => {
      this.#warn("a TLS handshake failed", { address: socket.remoteAddress, cause: error.message });
    });
  }

  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions.keys()) sever(session);
    await closed;
  }

  /** Ends every connection of a party. */
  drop(partyId: string): void {
    for (const [session, caller] of this.#sessions) if (caller?.partyId === partyId) sever(session);
  }

  /** Ends every connection under a certificate: streams that were let in would last as long as it does. */
  dropCertificate(fingerprint: string): void {
    for (const [session, caller] of this.#sessions) if (caller?.fingerprint === fingerprint) sever(session);
  }

  #onSession(session: ServerHttp2Session): void {
    this.#sessions.set(session, undefined);
    rememberSocket(session, this.#securing!);
    widenWindow(session);
    session.on("error", () => sever(session));
    session.on("close", () => this.#sessions.delete(session));
    setTimeout(() => {
      // A stranger has this long for its application, too.
      if ((this.#sessions.get(session)?.partyId ?? null) === null) sever(session);
    }, this.#limits.unauthorisedMs).unref();
  }

  async #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on("error", () => stream.destroy());
    try {
      const caller = this.#identify(stream, headers);
      this.#remember(stream.session as ServerHttp2Session, caller);
      await this.#route(stream, headers, caller);
    } catch (error) {
      const failure = TomboloError.from(error);
      this.#warn("a request was refused", { code: failure.code, path: headers[":path"], cause: failure.message });
      respond(stream, errorAnswer(statusOf(failure), failure));
    }
  }

  /** A party that applies under another name stays known by its own. */
  #remember(session: ServerHttp2Session, caller: Caller): void {
    if (caller.partyId !== null || this.#sessions.get(session) === undefined) this.#sessions.set(session, caller);
  }

  /** Ties the TLS peer to the party it says it is (SECURITY.md rule 6). */
  #identify(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Caller {
    checkPtpVersion(headers);
    const der = (stream.session?.socket as TLSSocket | undefined)?.getPeerX509Certificate()?.raw;
    if (der === undefined) throw new TomboloError("auth.no-certificate", "a client certificate is required");
    const fingerprint = derFingerprint(der);
    const source = ptpHeader(headers, "source-node-id");
    if (ptpHeader(headers, "target-node-id") !== this.#options.self)
      throw new TomboloError("auth.wrong-target", "this node is another party than the one called");
    const known = this.#options.authorise(fingerprint, source)?.partyId;
    const partyId = known === source ? known : null;
    const open = this.#options.openPaths!.includes(headers[":path"] ?? "");
    if (partyId === null && !open)
      throw new TomboloError("auth.unknown-party", "there is no contract with this party and certificate", {
        detail: { source, fingerprint },
      });
    return { partyId, fingerprint };
  }

  async #route(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, caller: Caller): Promise<void> {
    const path = headers[":path"]!;
    if (path === PATH.control) return this.#onControl(stream, caller.partyId!);
    if (path === PATH.stream) return this.#onDataStream(stream, headers, caller.partyId!);
    if (caller.partyId === null) return this.#onStranger(stream, headers, caller);
    await this.#onRequest(stream, headers, caller, this.#limits.bodyBytesMax);
  }

  /** Strangers share a small allowance, so that they cannot use up the node's memory. */
  async #onStranger(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, caller: Caller): Promise<void> {
    if (this.#strangers >= STRANGERS_MAX) throw new TomboloError("resource.busy", "too many applications at once");
    this.#strangers += 1;
    try {
      await this.#onRequest(stream, headers, caller, Math.min(STRANGER_BYTES_MAX, this.#limits.bodyBytesMax));
    } finally {
      this.#strangers -= 1;
    }
  }

  async #onRequest(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    caller: Caller,
    bodyBytesMax: number,
  ): Promise<void> {
    stream.setTimeout(REQUEST_IDLE_MS_MAX, () => stream.close());
    const body = await readBody(stream, bodyBytesMax);
    const [method, path] = [headers[":method"] ?? "GET", headers[":path"]!];
    respond(stream, await this.#events.request({ ...caller, method, path, headers: plainHeaders(headers), body }));
  }

  #onControl(stream: ServerHttp2Stream, partyId: string): void {
    const session = stream.session as ServerHttp2Session;
    stream.respond({ ":status": 200 });
    keepAlive(session, this.#limits.pingMs, (rttMs) => this.#events.rtt(partyId, rttMs));
    const caller = new ReverseCaller(stream, this.#limits);
    stream.on("close", () => this.#events.down(partyId, session));
    this.#events.up(partyId, caller, session);
  }

  #onDataStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, partyId: string): void {
    const [sessionId, token] = [ptpHeader(headers, "session-id"), ptpHeader(headers, "token")];
    if (!this.#options.sessionAllowed(partyId, sessionId, token))
      throw new TomboloError("auth.session", "there is no such session with this party");
    this.#events.meet(partyId, sessionId, token, {
      stream,
      accept: () => stream.respond({ ":status": 200 }),
      refuse: (status, message) => respond(stream, errorAnswer(status, new TomboloError("state.session", message))),
    });
  }

  #warn(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#options.logger?.warn(fields, message);
  }
}

function statusOf(error: TomboloError): number {
  if (error.code === "protocol.size") return 413;
  if (error.code === "resource.busy") return 503;
  if (error.family === "auth") return 403;
  return error.family === "protocol" || error.family === "input" ? 400 : 500;
}

function respond(stream: ServerHttp2Stream, { status, headers = {}, body }: EastWestResponse): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ...plainHeaders(headers), ":status": status });
  stream.end(body);
}
