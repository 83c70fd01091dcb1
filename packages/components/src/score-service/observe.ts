/**
 * What a service saw: how many rows, and as counts a bin the guest's own columns.
 */
import type { BinnedColumn } from "@tombolo/federated/vertical/serving";
import type { Clock, Observed } from "../service.ts";

const EVERY_MS = 1_000;

interface ColumnCounts {
  readonly column: BinnedColumn;
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

  constructor(columns: readonly BinnedColumn[], clock: Clock, tell: (counts: Observed) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#columns = columns.map((column) => ({
      column,
      counts: new Array<number>(column.bins).fill(0),
    }));
  }

  add(values: Float64Array, at: number): void {
    this.#rows += 1;
    this.#columns.forEach(({ column, counts }, c) => {
      counts[column.binOf(values[at + c]!)]! += 1;
    });
  }

  /** After a batch. */
  tell(): void {
    const now = this.#clock.now();
    if (this.#rows === this.#told || now - this.#toldAt < EVERY_MS) return;
    [this.#toldAt, this.#told] = [now, this.#rows];
    const columns = this.#columns.map(({ column, counts }) => [`column:${column.name}`, [...counts]] as const);
    this.#tell({ ...Object.fromEntries(columns), rows: [this.#rows] });
  }
}
