/**
 * A service: a task that runs on and answers what its own node asks of it, until an agreed moment. It is a task like any
 * other in all that consent, grants and the journal have to say.
 */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { field } from "./fields.ts";

/** What callers of the service ask for. */
export type ServiceKind = "score" | "query" | "verify";

/** Among the parameters of every component that serves. */
export const until = field(
  z.iso.datetime({ offset: true }),
  { en: "Until", zh: "服务截止时间" },
  { en: "When the service ends by itself.", zh: "服务自行结束的时间。" },
);

/** In ms since 1970. */
export const serviceUntil = (parameters: unknown): number => Date.parse((parameters as { until: string }).until);

/** An item of a batch that gets no answer; stands in its place. */
export interface ItemRefusal {
  readonly refusal: { readonly code: string; readonly message: string };
}

/** Counts that only grow, by name; what they count is the component's to say. */
export type Observed = Readonly<Record<string, readonly number[]>>;

export interface Clock {
  /** In ms since 1970. */
  now(): number;
  /** What `work` comes to, or "late" if that takes longer than `ms`. */
  within<T>(work: Promise<T>, ms: number): Promise<T | "late">;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async within(work, ms) {
    const { promise, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), ms);
    try {
      return await Promise.race([work, promise]);
    } finally {
      clearTimeout(timer);
    }
  },
};

/** Days (UTC) since 1970. What was drawn ahead on one is not answered with on another, whose limits are its own. */
export const dayOf = (ms: number): number => Math.floor(ms / 86_400_000);

/** Rows of a service, taken from what was reserved ahead: nothing is answered that was not. */
export class RowsAhead {
  readonly #reserve: (needed: number) => Promise<number>;
  #left = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(reserve: (needed: number) => Promise<number>) {
    this.#reserve = reserve;
  }

  /** Resolves once so many are reserved; rejects where they may not be scored. */
  async take(rows: number): Promise<void> {
    if (rows <= this.#left) {
      this.#left -= rows;
      return;
    }
    const turn = this.#turn.then(async () => {
      while (this.#left < rows) this.#left += await this.#reserve(rows - this.#left);
      this.#left -= rows;
    });
    this.#turn = turn.catch(() => {});
    await turn;
  }

  /** Of those taken, rows that no model scored after all. */
  giveBack(rows: number): void {
    this.#left += rows;
  }
}

/** Sessions end after so many frames and bytes (`Peer.wear`): before that, a service begins another. */
const WEAR_MAX = 0.9;

/**
 * Ends a service's attempt in order while its sessions still carry: what is under way is answered, what comes then may be
 * asked again, and the node begins another attempt.
 */
export class Renewal {
  readonly #wears: () => number;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #due = Promise.withResolvers<never>();
  #closing = false;

  /** The most worn of all sessions. */
  constructor(wear: () => number) {
    this.#wears = wear;
    this.#due.promise.catch(() => {}); // whoever serves hears of it
  }

  /** Rejects with a reason that is tried again, once it is time and nothing is under way. */
  get due(): Promise<never> {
    return this.#due.promise;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) throw new TomboloError("state.service-starting", "the service begins another session");
    const running = work();
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
      if (this.#wears() > WEAR_MAX) this.#closing = true;
      if (this.#closing && this.#underWay.size === 0)
        this.#due.reject(new TomboloError("transport.session-worn", "the session has carried as much as one may"));
    }
  }
}
