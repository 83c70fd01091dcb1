/**
 * What a service saw: how many rows, and as counts a bin the guest's own columns between the bounds of the model's splits.
 */
import type { FlatGuest } from "@tombolo/federated/vertical/boosting";
import type { Clock, Observed } from "../service.ts";

const EVERY_MS = 1_000;

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
  readonly #columns: readonly ColumnCounts[];
  #rows = 0;
  #toldAt = 0;
  /** Rows that the node knows of. */
  #told = 0;

  constructor(guest: FlatGuest, clock: Clock, tell: (counts: Observed) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#columns = guest.splits.columns.map(({ name, kind, codes }, c) => {
      const bounds = kind === "text" ? null : boundsOf(guest, c);
      return { name, bounds, counts: new Array<number>((bounds?.length ?? codes.size) + 2).fill(0) };
    });
  }

  add(values: Float64Array, at: number): void {
    this.#rows += 1;
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
    if (this.#rows === this.#told || now - this.#toldAt < EVERY_MS) return;
    [this.#toldAt, this.#told] = [now, this.#rows];
    const columns = this.#columns.map(({ name, counts }) => [`column:${name}`, [...counts]] as const);
    this.#tell({ ...Object.fromEntries(columns), rows: [this.#rows] });
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
