/** What a service counted of columns in the last hour, from counts that only grow. */
import type { Observed } from "@tombolo/components";

const WINDOW_MINUTES = 60;
const MINUTE_MS = 60_000;
const COLUMN = "column:";

interface Look {
  readonly at: number;
  readonly counts: Observed;
}

export class LastHour {
  /** Oldest first: a minute apart, the first an hour ago. */
  #looks: Look[] = [];
  #now: Observed = {};

  /** `counts`: of the attempt that runs now; its count may have begun anew. */
  look(counts: Observed, now: number): void {
    const columns = Object.fromEntries(Object.entries(counts).filter(([name]) => name.startsWith(COLUMN)));
    if (rowsOf(columns) < rowsOf(this.#now)) this.#looks = [];
    this.#now = columns;
    const last = this.#looks.at(-1);
    if (last === undefined || now - last.at >= MINUTE_MS) this.#looks.push({ at: now, counts: columns });
    if (this.#looks.length > WINDOW_MINUTES) this.#looks.shift();
  }

  /** Since the attempt began. */
  get counts(): Observed {
    return this.#now;
  }

  /** By column, how many rows were in each bin. */
  get columns(): { readonly column: string; readonly seen: readonly number[] }[] {
    const before = this.#looks.length < WINDOW_MINUTES ? {} : this.#looks[0]!.counts;
    return Object.entries(this.#now).map(([name, counts]) => ({
      column: name.slice(COLUMN.length),
      seen: counts.map((count, bin) => count - (before[name]?.[bin] ?? 0)),
    }));
  }
}

/** Every column counts every row. */
export const rowsOf = (counts: Observed): number =>
  (Object.values(counts)[0] ?? []).reduce((sum, each) => sum + each, 0);
