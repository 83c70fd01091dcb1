/**
 * What a service saw: how many rows, and as counts a bin its scores and the guest's own columns between the bounds of
 * the model's splits.
 */
import type { FlatGuest } from "@tombolo/federated/vertical/boosting";
import type { Clock, Observed } from "../service.ts";

const EVERY_MS = 1_000;
const SCORE_BINS = 20;

interface ColumnCounts {
  readonly name: string;
  /** Of a number: ascending. A text counts by code. */
  readonly bounds: readonly number[] | null;
  /** The last one: missing. */
  readonly counts: number[];
}

export class Observer {
  readonly #clock: Clock;
  readonly #tell: (counts: Observed) => void;
  readonly #scores = new Array<number>(SCORE_BINS).fill(0);
  readonly #columns: readonly ColumnCounts[];
  /** Of a value that is no probability. */
  readonly #counted: boolean;
  #rows = 0;
  #toldAt = 0;

  constructor(guest: FlatGuest, clock: Clock, tell: (counts: Observed) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#counted = guest.objective === "binary";
    this.#columns = guest.splits.columns.map(({ name, kind, codes }, c) => {
      const bounds = kind === "text" ? null : boundsOf(guest, c);
      return { name, bounds, counts: new Array<number>((bounds?.length ?? codes.size) + 2).fill(0) };
    });
  }

  add(score: number, values: Float64Array, at: number): void {
    this.#rows += 1;
    if (this.#counted) this.#scores[Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS))]! += 1;
    this.#columns.forEach(({ bounds, counts }, c) => {
      const value = values[at + c]!;
      if (Number.isNaN(value)) counts[counts.length - 1]! += 1;
      else if (bounds === null) counts[value]! += 1;
      else counts[binOf(bounds, value)]! += 1;
    });
  }

  /** After a batch. */
  tell(): void {
    const now = this.#clock.now();
    if (now - this.#toldAt < EVERY_MS) return;
    this.#toldAt = now;
    const columns = this.#columns.map(({ name, counts }) => [`column:${name}`, [...counts]] as const);
    this.#tell({
      ...(this.#counted ? { score: [...this.#scores] } : {}),
      ...Object.fromEntries(columns),
      rows: [this.#rows],
    });
  }
}

/** How many bounds are at or below a value. */
function binOf(bounds: readonly number[], value: number): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function boundsOf({ splits }: FlatGuest, column: number): number[] {
  const own = [...splits.threshold].filter((bound, s) => splits.column[s] === column && Number.isFinite(bound));
  return [...new Set(own)].sort((a, b) => a - b);
}
