/**
 * How long a task still takes, from how fast it went. Work is counted in items of one total: it goes on where stages come
 * round again with every item (the levels of a tree), and begins anew where another total or a lower count says so.
 */
import type { ProgressUpdate } from "../runner/ipc.ts";

interface Mark {
  readonly done: number;
  readonly atMs: number;
}

type Count = Pick<ProgressUpdate, "stage" | "done" | "total">;

export class Estimate {
  #total = 0;
  #stage = "";
  #start: Mark = { done: 0, atMs: 0 };
  /** What the speed is measured from. */
  #from: Mark = { done: 0, atMs: 0 };
  #last: Mark = { done: 0, atMs: 0 };
  /** Several stages before the first item was done: what was prepared once is among them, and counts for no other item. */
  #prepared = false;

  note({ stage, done, total }: Count, nowMs: number): void {
    const mark = { done, atMs: nowMs };
    if (total !== this.#total || done < this.#last.done) {
      this.#start = this.#from = this.#last = mark;
      this.#prepared = false;
    } else if (done > this.#last.done) {
      if (this.#prepared) this.#from = mark;
      this.#prepared = false;
      this.#last = mark;
    } else if (stage !== this.#stage && this.#last === this.#start) this.#prepared = true;
    this.#total = total;
    this.#stage = stage;
  }

  /** Null before there is a speed. */
  seconds(nowMs: number): number | null {
    const items = this.#last.done - this.#from.done;
    if (items <= 0) return null;
    const perItemMs = (this.#last.atMs - this.#from.atMs) / items;
    const underWayMs = Math.min(nowMs - this.#last.atMs, perItemMs);
    const leftMs = Math.max(0, perItemMs * (this.#total - this.#last.done) - underWayMs);
    return Math.round(leftMs / 100) / 10;
  }
}
