/**
 * Brings together the two ends of each session: the socket of this side's runner and the stream to the partner.
 * Nothing is remembered when either breaks: both are dropped, the runner comes again, and the links of the two
 * runners find out what is missing. The latest comer always wins, since an older end may be dead without knowing.
 */
import type { Duplex } from "node:stream";
import { pump } from "./pump.ts";
import { statusLine } from "./runner-socket.ts";

/** The partner's end, before bytes flow. */
export interface RemoteEnd {
  readonly stream: Duplex;
  /** Tells the partner that its runner is joined now. */
  accept(): void;
  refuse(status: number, message: string): void;
}

/** Opens the stream to a partner, or says why not (yet); null when the partner is the one to open it. */
export type OpenRemote = (sessionId: string, token: string) => Promise<Duplex> | null;

interface Meeting {
  readonly token: string;
  local: Duplex | undefined;
  remote: RemoteEnd | undefined;
  remoteTimer: NodeJS.Timeout | undefined;
  opening: boolean;
  joined: boolean;
}

const MEETINGS_MAX = 1024;

/** The sessions with one partner. */
export class Sessions {
  readonly #open: OpenRemote;
  readonly #waitMs: number;
  readonly #meetings = new Map<string, Meeting>();

  constructor(open: OpenRemote, waitMs: number) {
    this.#open = open;
    this.#waitMs = waitMs;
  }

  attach(sessionId: string, token: string, local: Duplex, news: string): void {
    const meeting = this.#renewed(sessionId, token, (old) => old.local !== undefined);
    meeting.local = local;
    local.on("close", () => this.#leave(sessionId, meeting));
    local.write(statusLine({ state: "waiting", message: news }));
    if (meeting.remote !== undefined) this.#join(sessionId, meeting, meeting.remote);
    else this.#dial(sessionId, meeting);
  }

  /** The partner opened the stream of a session. */
  meet(sessionId: string, token: string, remote: RemoteEnd): void {
    if (this.#meetings.size >= MEETINGS_MAX) {
      remote.refuse(503, "too many sessions");
      return;
    }
    const meeting = this.#renewed(sessionId, token, (old) => old.remote !== undefined || old.joined || old.opening);
    remote.stream.on("close", () => {
      if (meeting.remote === remote) this.#forgetRemote(sessionId, meeting);
    });
    if (meeting.local === undefined) this.#await(sessionId, meeting, remote);
    else this.#join(sessionId, meeting, remote);
  }

  /** Holds the partner's end until this side's runner comes. */
  #await(sessionId: string, meeting: Meeting, remote: RemoteEnd): void {
    meeting.remote = remote;
    meeting.remoteTimer = setTimeout(() => {
      remote.refuse(404, "the task of this session is not there");
      this.#forgetRemote(sessionId, meeting);
    }, this.#waitMs);
  }

  /** A connection came up: runners that wait for the partner go on. */
  dialAll(): void {
    for (const [sessionId, meeting] of this.#meetings) this.#dial(sessionId, meeting);
  }

  /** Tells the runners that wait why they still do. */
  tell(message: string): void {
    for (const { local, joined } of this.#meetings.values())
      if (!joined && local !== undefined) local.write(statusLine({ state: "waiting", message }));
  }

  end(sessionId: string): void {
    const meeting = this.#meetings.get(sessionId);
    if (meeting !== undefined) this.#drop(sessionId, meeting);
  }

  endAll(): void {
    for (const [sessionId, meeting] of this.#meetings) this.#drop(sessionId, meeting);
  }

  /** The session's meeting; a new one where the old one is of another token or its place is `taken`. */
  #renewed(sessionId: string, token: string, taken: (old: Meeting) => boolean): Meeting {
    const old = this.#meetings.get(sessionId);
    if (old !== undefined && old.token === token && !taken(old)) return old;
    if (old !== undefined) this.#drop(sessionId, old);
    const meeting: Meeting = {
      token,
      local: undefined,
      remote: undefined,
      remoteTimer: undefined,
      opening: false,
      joined: false,
    };
    this.#meetings.set(sessionId, meeting);
    return meeting;
  }

  #dial(sessionId: string, meeting: Meeting): void {
    if (meeting.local === undefined || meeting.joined || meeting.opening || meeting.remote !== undefined) return;
    const opened = this.#open(sessionId, meeting.token);
    if (opened === null) return;
    meeting.opening = true;
    opened.then(
      (stream) => {
        meeting.opening = false;
        if (this.#meetings.get(sessionId) !== meeting || meeting.local === undefined) stream.destroy();
        else this.#join(sessionId, meeting, { stream, accept: () => {}, refuse: () => {} });
      },
      (error: Error) => {
        meeting.opening = false;
        if (this.#meetings.get(sessionId) !== meeting) return;
        // The runner comes again after a pause of its own, until its deadline.
        meeting.local?.end(statusLine({ state: "waiting", message: error.message }));
      },
    );
  }

  #join(sessionId: string, meeting: Meeting, remote: RemoteEnd): void {
    clearTimeout(meeting.remoteTimer);
    meeting.remote = remote;
    meeting.joined = true;
    remote.accept();
    meeting.local!.write(statusLine({ state: "connected" }));
    pump(meeting.local!, remote.stream, () => this.#remove(sessionId, meeting));
  }

  #leave(sessionId: string, meeting: Meeting): void {
    meeting.local = undefined;
    if (meeting.remote === undefined && !meeting.opening) this.#remove(sessionId, meeting);
  }

  #forgetRemote(sessionId: string, meeting: Meeting): void {
    clearTimeout(meeting.remoteTimer);
    meeting.remote = undefined;
    if (meeting.local === undefined) this.#remove(sessionId, meeting);
  }

  #drop(sessionId: string, meeting: Meeting): void {
    this.#remove(sessionId, meeting);
    clearTimeout(meeting.remoteTimer);
    meeting.local?.destroy();
    meeting.remote?.stream.destroy();
  }

  #remove(sessionId: string, meeting: Meeting): void {
    if (this.#meetings.get(sessionId) === meeting) this.#meetings.delete(sessionId);
  }
}
