/**
 * The node's end of the network: one listener, one connection per partner, whoever dials it. Requests and session
 * streams take whichever connection there is.
 */
import { randomUUID } from "node:crypto";
import type { ClientHttp2Session, OutgoingHttpHeaders, ServerHttp2Session } from "node:http2";
import type { Duplex } from "node:stream";
import { TomboloError } from "@tombolo/base";
import type { ReverseCaller } from "./control-stream.ts";
import { dial } from "./dial.ts";
import { errorAnswer, exchange, responseHeaders } from "./http-exchange.ts";
import { Inbound } from "./inbound.ts";
import { Outbound } from "./outbound.ts";
import { probePartner, type ReverseProbe } from "./probe.ts";
import { APPLY_PATH, encodePtpHeaders, PATH } from "./ptp-headers.ts";
import { Sessions } from "./sessions.ts";
import { sever } from "./sever.ts";
import type {
  EastWestRequest,
  EastWestResponse,
  PartnerAddress,
  PartnerStatus,
  ProbeStep,
  PtpLimits,
  PtpOptions,
  PtpTransport,
  RequestOptions,
} from "./types.ts";

const LIMITS: Required<PtpLimits> = {
  bodyBytesMax: 8 * 2 ** 20,
  headerBytesMax: 16 * 2 ** 10,
  streamsMax: 128,
  connectionsMax: 256,
  unauthorisedMs: 10_000,
  sessionWaitMs: 30_000,
  pingMs: 1_000,
};

export const createPtpTransport = (options: PtpOptions): PtpTransport => new Transport(options);

/** All that is known of one partner. */
interface Partner {
  readonly sessions: Sessions;
  outbound: Outbound | undefined;
  inbound: { readonly caller: ReverseCaller; readonly session: ServerHttp2Session } | undefined;
  inboundRttMs: number | null;
  since: Date;
  lastError: TomboloError | null;
  /** Those who wait for a connection. */
  readonly waiting: Set<() => void>;
}

class Transport implements PtpTransport {
  readonly #options: PtpOptions;
  readonly #limits: Required<PtpLimits>;
  readonly #partners = new Map<string, Partner>();
  readonly #inbound: Inbound;

  constructor(options: PtpOptions) {
    this.#options = { openPaths: [APPLY_PATH], ...options };
    this.#limits = { ...LIMITS, ...options.limits };
    this.#inbound = new Inbound(this.#options, this.#limits, {
      up: (partyId, caller, session) => {
        const partner = this.#partner(partyId);
        partner.inbound = { caller, session };
        this.#changed(partner, null);
      },
      down: (partyId, session) => {
        const partner = this.#partner(partyId);
        if (partner.inbound?.session !== session) return;
        partner.inbound = undefined;
        this.#changed(partner, new TomboloError("transport.unreachable", "the connection to the partner broke"));
      },
      rtt: (partyId, rttMs) => {
        this.#partner(partyId).inboundRttMs = rttMs;
      },
      meet: (partyId, sessionId, token, remote) => this.#partner(partyId).sessions.meet(sessionId, token, remote),
      request: (request) => this.#answer(request),
    });
  }

  async listen(): Promise<{ port: number }> {
    const { listen } = this.#options;
    if (listen === undefined) throw new TomboloError("state.no-listener", "this node is not configured to listen");
    return { port: await this.#inbound.listen(listen.host, listen.port) };
  }

  connect(address: PartnerAddress): void {
    const partner = this.#partner(address.partyId);
    partner.outbound?.stop();
    const options = { ...this.#limits, tls: this.#options.tls, addressPolicy: this.#options.addressPolicy };
    partner.outbound = new Outbound(address, options, {
      up: () => {
        this.#changed(partner, null);
        partner.sessions.dialAll();
      },
      down: (error) => {
        this.#options.logger?.info({ partner: address.partyId, code: error.code }, error.message);
        this.#changed(partner, error);
        partner.sessions.tell(error.message);
      },
      answer: (request, fingerprint) => this.#answer({ ...request, partyId: address.partyId, fingerprint }),
      headers: (path, sessionId, token) => this.#headers(address.partyId, path, sessionId, token),
    });
    partner.outbound.start();
  }

  disconnect(partyId: string): void {
    const partner = this.#partners.get(partyId);
    if (partner === undefined) return;
    partner.outbound?.stop();
    partner.outbound = undefined;
    partner.inbound = undefined;
    this.#inbound.drop(partyId);
    partner.sessions.endAll();
  }

  dropCertificate(fingerprint: string): void {
    this.#inbound.dropCertificate(fingerprint);
  }

  status(partyId: string): PartnerStatus {
    const partner = this.#partner(partyId);
    const outbound = partner.outbound?.session !== undefined;
    const up = outbound || partner.inbound !== undefined;
    return {
      state: up ? "up" : partner.outbound === undefined ? "down" : "dialling",
      since: partner.since,
      lastError: partner.lastError,
      rttMs: outbound ? partner.outbound!.rttMs : up ? partner.inboundRttMs : null,
      direction: outbound ? "outbound" : up ? "inbound" : null,
    };
  }

  async request(partyId: string, request: RequestOptions): Promise<EastWestResponse> {
    const partner = this.#partner(partyId);
    const deadline = Date.now() + request.timeoutMs;
    await this.#untilUp(partyId, partner, request.timeoutMs);
    const rest = { ...request, timeoutMs: Math.max(1, deadline - Date.now()) };
    const session = partner.outbound?.session;
    const headers = this.#headers(partyId, request.path, "-", "-");
    if (session !== undefined) return exchange(session, rest, headers, this.#limits.bodyBytesMax);
    if (partner.inbound === undefined) throw unreachable(partyId, partner.lastError);
    return partner.inbound.caller.request({ ...rest, headers: { ...(headers as object), ...request.headers } });
  }

  async requestUnknown(target: Omit<PartnerAddress, "partyId">, request: RequestOptions): Promise<EastWestResponse> {
    const { tls, addressPolicy } = this.#options;
    const session = await dial(target, { tls, addressPolicy, headerBytesMax: this.#limits.headerBytesMax });
    session.on("error", () => sever(session));
    try {
      const targetId = request.headers?.["x-ptp-target-node-id"] ?? "-";
      return await exchange(
        session,
        request,
        this.#headers(targetId, request.path, "-", "-"),
        this.#limits.bodyBytesMax,
      );
    } finally {
      sever(session);
    }
  }

  attachSession(partyId: string, sessionId: string, token: string, local: Duplex): void {
    local.on("error", () => local.destroy());
    const partner = this.#partner(partyId);
    const news = partner.lastError?.message ?? `waiting for ${partyId}`;
    partner.sessions.attach(sessionId, token, local, news);
  }

  detachSession(partyId: string, sessionId: string): void {
    this.#partners.get(partyId)?.sessions.end(sessionId);
  }

  probe(partner: PartnerAddress): Promise<readonly ProbeStep[]> {
    const { tls, addressPolicy } = this.#options;
    const options = { tls, addressPolicy, headerBytesMax: this.#limits.headerBytesMax };
    return probePartner(partner, options, async (session) => {
      const headers = this.#headers(partner.partyId, PATH.probe, "-", "-");
      const request = { method: "POST", path: PATH.probe, timeoutMs: PROBE_MS_MAX };
      return exchange(session, request, headers, this.#limits.bodyBytesMax);
    });
  }

  async close(): Promise<void> {
    for (const partyId of this.#partners.keys()) this.disconnect(partyId);
    await this.#inbound.close();
  }

  #partner(partyId: string): Partner {
    const known = this.#partners.get(partyId);
    if (known !== undefined) return known;
    const partner: Partner = {
      sessions: new Sessions(
        (sessionId, token) => this.#openStream(partyId, sessionId, token),
        this.#limits.sessionWaitMs,
      ),
      outbound: undefined,
      inbound: undefined,
      inboundRttMs: null,
      since: new Date(),
      lastError: null,
      waiting: new Set(),
    };
    this.#partners.set(partyId, partner);
    return partner;
  }

  /** Where both sides dial, the smaller id's connection carries the streams, so that only one side opens them. */
  #openStream(partyId: string, sessionId: string, token: string): Promise<Duplex> | null {
    const partner = this.#partner(partyId);
    const session = partner.outbound?.session;
    if (session === undefined || (partner.inbound !== undefined && partyId < this.#options.self)) return null;
    return openDataStream(session, this.#headers(partyId, PATH.stream, sessionId, token));
  }

  #changed(partner: Partner, error: TomboloError | null): void {
    partner.since = new Date();
    partner.lastError = error;
    for (const resolve of partner.waiting) resolve();
  }

  async #untilUp(partyId: string, partner: Partner, timeoutMs: number): Promise<void> {
    const up = (): boolean => partner.outbound?.session !== undefined || partner.inbound !== undefined;
    if (up()) return;
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (up()) finish(resolve);
      };
      const finish = (settle: () => void): void => {
        clearTimeout(late);
        partner.waiting.delete(check);
        settle();
      };
      const late = setTimeout(() => finish(() => reject(unreachable(partyId, partner.lastError))), timeoutMs);
      partner.waiting.add(check);
    });
  }

  #headers(partyId: string, path: string, sessionId: string, token: string): OutgoingHttpHeaders {
    return {
      ...encodePtpHeaders({
        techProviderCode: this.#options.techProviderCode,
        traceId: randomUUID(),
        token,
        uri: path,
        sessionId,
        sourceNodeId: this.#options.self,
        targetNodeId: partyId,
      }),
      ":path": path,
    };
  }

  /** Never rejects: what the node throws becomes an answer. */
  async #answer(request: EastWestRequest): Promise<EastWestResponse> {
    try {
      if (request.path === PATH.probe) return await this.#probeBack(request.partyId!);
      return await this.#options.onRequest(request);
    } catch (error) {
      const failure = TomboloError.from(error);
      this.#options.logger?.warn({ code: failure.code, path: request.path }, failure.message);
      return errorAnswer(500, failure);
    }
  }

  /** Dials the partner at the address this side's contract names, never at one from the request. */
  async #probeBack(partyId: string): Promise<EastWestResponse> {
    const address = this.#partner(partyId).outbound?.partner;
    const { tls, addressPolicy } = this.#options;
    const options = { tls, addressPolicy, headerBytesMax: this.#limits.headerBytesMax };
    const steps = address === undefined ? null : await probePartner(address, options, null);
    const answer: ReverseProbe = { steps };
    return {
      status: 200,
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify(answer)),
    };
  }
}

const PROBE_MS_MAX = 45_000;

function unreachable(partyId: string, lastError: TomboloError | null): TomboloError {
  const why = lastError === null ? "there is no connection" : lastError.message;
  return new TomboloError("transport.unreachable", `${partyId} cannot be reached: ${why}`, {
    blame: partyId,
    remedy: lastError?.remedy ?? "Run `tombolo doctor` to test the path between the two nodes.",
    cause: lastError,
  });
}

async function openDataStream(session: ClientHttp2Session, headers: OutgoingHttpHeaders): Promise<Duplex> {
  const stream = session.request({ ...headers, ":method": "POST" });
  const status = Number((await responseHeaders(stream))[":status"]);
  stream.on("error", () => stream.destroy());
  if (status === 200) return stream;
  stream.destroy();
  throw new TomboloError("transport.session", `the partner's node is not ready for this session (status ${status})`);
}
