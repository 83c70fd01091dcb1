/**
 * One host as the guest's part of a service sees it: there, not there, or too slow. A host that is away does not end the
 * service; one that breaks the protocol does.
 */
import { TomboloError } from "@tombolo/base";
import type { HostAnswer } from "@tombolo/federated/vertical/serving";
import type { TaskContext } from "../component.ts";

/** A session with a host that answers. */
export interface HostSession {
  /** Rejects when it ends before its time; then nothing is answered any more. */
  readonly done: Promise<void>;
  /** Of its session; see `Peer.wear`. */
  readonly wear: number;
  /** Of digests of ids. */
  ask(ids: Uint8Array): Promise<HostAnswer>;
  /** What was asked is answered, then the session ends. */
  end(): Promise<void>;
}

/** How a host is met; what that comes to opens the session. */
export type Meet = () => Promise<() => Promise<HostSession>>;

/** A host that leaves so many batches waiting is as good as late. */
const BATCHES_WAITING_MAX = 64;

export class HostLink {
  readonly party: string;
  readonly prefix: Uint8Array;
  /** Rejects when the service cannot go on. Resolves once the session is over. */
  readonly done: Promise<void>;
  readonly #context: TaskContext<{ readonly timeoutMs: number }, unknown>;
  #host: HostSession | undefined;
  #waiting = 0;
  #ended = false;

  /** Ids are digested under `prefix`. */
  constructor(
    context: TaskContext<{ readonly timeoutMs: number }, unknown>,
    party: string,
    prefix: Uint8Array,
    meet: Meet,
  ) {
    this.#context = context;
    this.party = party;
    this.prefix = prefix;
    this.done = this.#keep(meet);
  }

  get wear(): number {
    return this.#host?.wear ?? 0;
  }

  /** Of one batch's ids; never rejects. */
  async ask(ids: Uint8Array): Promise<HostAnswer | "missing" | "late"> {
    if (this.#host === undefined) return "missing";
    if (this.#waiting >= BATCHES_WAITING_MAX) return "late";
    this.#waiting += 1;
    const answer = this.#host.ask(ids).catch(() => "missing" as const);
    void answer.then(() => {
      this.#waiting -= 1;
    });
    return this.#context.clock.within(answer, this.#context.parameters.timeoutMs);
  }

  /** In order: the host's part ends too. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#host?.end().catch(() => {}); // `done` tells why, where it matters
  }

  async #keep(meet: Meet): Promise<void> {
    for (let met = false; ; ) {
      try {
        const open = await meet();
        met = true;
        const opened = await open();
        this.#host = opened;
        this.#context.log("info", `${this.party} is there`);
        if (this.#ended) await opened.end();
        return await opened.done;
      } catch (error) {
        const failure = TomboloError.from(error);
        if (failure.family !== "transport" || this.#context.signal.aborted) throw failure;
        this.#context.log("warn", `${this.party} is not there: ${failure.code}`);
        // A session does not come again: the node starts a new attempt once the partner is back.
        if (met || this.#ended) return;
      } finally {
        this.#host = undefined;
      }
    }
  }
}
