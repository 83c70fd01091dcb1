/**
 * One host as the guest's part of a service sees it: there, not there, or too slow. A host that is away does not end the
 * service; one that breaks the protocol does.
 */
import { TomboloError } from "@tombolo/base";
import {
  BATCH_ROWS_MAX,
  type FlatGuest,
  type GuestModel,
  type HostAnswer,
  ServingHost,
  servingMessages,
} from "@tombolo/federated/vertical/boosting";
import type { TaskContext } from "../component.ts";

/** A host that leaves so many batches waiting is as good as late. */
const BATCHES_WAITING_MAX = 64;

export class HostLink {
  readonly party: string;
  /** Rejects when the service cannot go on. Resolves once the session is over. */
  readonly done: Promise<void>;
  readonly #context: TaskContext<{ readonly timeoutMs: number }, unknown>;
  #host: ServingHost | undefined;
  #waiting = 0;
  #ended = false;

  constructor(
    context: TaskContext<{ readonly timeoutMs: number }, unknown>,
    model: GuestModel,
    flat: FlatGuest,
    host: number,
  ) {
    this.#context = context;
    this.party = model.hosts[host]!;
    this.done = this.#keep(model, flat, host);
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

  async #keep(model: GuestModel, flat: FlatGuest, host: number): Promise<void> {
    for (let met = false; ; ) {
      try {
        const peer = await this.#context.peer(servingMessages, "guest", "host", this.party);
        met = true;
        const opened = await ServingHost.open(model, flat, host, peer);
        if (opened.rowsMax < BATCH_ROWS_MAX) throw tooManySplits();
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

const tooManySplits = (): TomboloError =>
  new TomboloError("input.model", "the model has too many splits to be served", {
    remedy: "Train fewer or shallower trees.",
  });
