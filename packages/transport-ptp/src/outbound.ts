/**
 * A connection that this side dials and keeps: redial with growing pauses, a ping that notices a dead path, and the
 * control stream over which the partner sends its requests this way.
 */
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { TomboloError } from "@tombolo/base";
import { answerReverse, type ControlLimits, type ReverseRequest } from "./control-stream.ts";
import { type DialOptions, dial, shownFingerprint } from "./dial.ts";
import { responseHeaders } from "./http-exchange.ts";
import { keepAlive } from "./keep-alive.ts";
import { PATH } from "./ptp-headers.ts";
import { sever } from "./sever.ts";
import type { EastWestResponse, PartnerAddress } from "./types.ts";

/** Also of a node that came back with keys it had changed since. */
export const REFUSED_REMEDY =
  "Check that the contract is in force at the partner, with this node's present certificate. If this node was restored from a backup that is older than a rotation of its keys, put the keys folder of a later backup in the place of its own; without one, make new contracts.";

const PAUSE_MS_MIN = 20;
const PAUSE_MS_MAX = 5000;

export interface OutboundEvents {
  up(): void;
  down(error: TomboloError): void;
  /** `fingerprint`: of the certificate that the partner showed. */
  answer(request: ReverseRequest, fingerprint: string): Promise<EastWestResponse>;
  /** The PTP headers of a request of this transport to the partner. */
  headers(path: string, sessionId: string, token: string): OutgoingHttpHeaders;
}

export interface OutboundOptions extends DialOptions, ControlLimits {
  readonly pingMs: number;
}

export class Outbound {
  readonly partner: PartnerAddress;
  readonly #options: OutboundOptions;
  readonly #events: OutboundEvents;
  readonly #stopped = new AbortController();
  #session: ClientHttp2Session | undefined;
  #pauseMs = PAUSE_MS_MIN;
  #timer: NodeJS.Timeout | undefined;
  rttMs: number | null = null;

  constructor(partner: PartnerAddress, options: OutboundOptions, events: OutboundEvents) {
    this.partner = partner;
    this.#options = options;
    this.#events = events;
  }

  /** The session in use, once the partner has accepted us. */
  get session(): ClientHttp2Session | undefined {
    return this.#session;
  }

  start(): void {
    void this.#dial();
  }

  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    if (this.#session !== undefined) sever(this.#session);
  }

  async #dial(): Promise<void> {
    try {
      const session = await dial(this.partner, this.#options);
      session.on("error", () => sever(session));
      if (this.#stopped.signal.aborted) return sever(session);
      await this.#greet(session);
      this.#use(session);
    } catch (error) {
      this.#lost(TomboloError.from(error, "transport.unreachable", "the partner's node cannot be reached"));
    }
  }

  /** The partner accepts or refuses us in its answer to the control stream. */
  async #greet(session: ClientHttp2Session): Promise<void> {
    const stream = session.request({ ...this.#events.headers(PATH.control, "-", "-"), ":method": "POST" });
    const status = await acceptedStatus(session, stream);
    if (status !== 200) {
      sever(session);
      throw new TomboloError("auth.refused", `the partner's node does not accept this party (status ${status})`, {
        remedy: REFUSED_REMEDY,
      });
    }
    const shown = shownFingerprint(session);
    stream.on("error", () => sever(session));
    stream.on("close", () => sever(session));
    answerReverse(stream, this.#options, (request) => this.#events.answer(request, shown));
  }

  #use(session: ClientHttp2Session): void {
    if (session.destroyed) throw connectionBroke();
    this.#session = session;
    this.#pauseMs = PAUSE_MS_MIN;
    keepAlive(session, this.#options.pingMs, (rttMs) => {
      this.rttMs = rttMs;
    });
    session.on("close", () => {
      this.#session = undefined;
      this.#lost(connectionBroke());
    });
    this.#events.up();
  }

  #lost(error: TomboloError): void {
    if (this.#stopped.signal.aborted) return;
    this.#events.down(error);
    this.#timer = setTimeout(() => void this.#dial(), this.#pauseMs * (0.5 + Math.random() / 2));
    this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_MS_MAX);
  }
}

const connectionBroke = (): TomboloError =>
  new TomboloError("transport.unreachable", "the connection to the partner broke");

const GREETING_MS_MAX = 10_000;

async function acceptedStatus(session: ClientHttp2Session, stream: ClientHttp2Stream): Promise<number> {
  const late = setTimeout(() => sever(session), GREETING_MS_MAX);
  try {
    return Number((await responseHeaders(stream))[":status"]);
  } finally {
    clearTimeout(late);
  }
}
