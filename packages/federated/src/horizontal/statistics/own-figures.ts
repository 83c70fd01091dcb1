/** What a party computes of its own rows, in the clear, before anything is masked. */
import { TomboloError } from "@tombolo/base";

/** A column as all parties agreed to count it. */
export interface ValueRange {
  /** Values beyond these count as these. */
  readonly lower: number;
  readonly upper: number;
  /** Values are rounded to so many before they count: -6 to 9. */
  readonly decimals: number;
}

/** Sums of words stay below it. */
const SUM_MAX = 2 ** 61;

/** A range in whole numbers, around its middle. */
export class Grid {
  readonly unit: number;
  readonly middle: number;
  /** No number is larger, nor smaller than its negative. */
  readonly bound: number;

  constructor({ lower, upper, decimals }: ValueRange) {
    this.unit = 10 ** -decimals;
    const [low, high] = [Math.round(lower / this.unit), Math.round(upper / this.unit)];
    this.middle = Math.floor((low + high) / 2);
    this.bound = Math.max(high - this.middle, this.middle - low);
  }

  whole(value: number): number {
    return Math.max(-this.bound, Math.min(this.bound, Math.round(value / this.unit) - this.middle)) + 0;
  }

  value(whole: number): number {
    return (whole + this.middle) * this.unit;
  }

  /** Halvings until one number is left. */
  get steps(): number {
    return Math.ceil(Math.log2(2 * this.bound + 1));
  }

  /** Refuses what might leave the range of words, at all parties alike. */
  requireRoom(rowsMax: number, squared: boolean): void {
    const over = this.decimalsOver(rowsMax, squared);
    if (over === 0) return;
    throw new TomboloError("input.range", `sums${squared ? " of squares" : ""} over so many rows would not fit`, {
      remedy: `Count in ${over} decimals less, declare narrower bounds, or fewer rows at most.`,
    });
  }

  /** By how many decimals less sums would fit; 0: they do. */
  decimalsOver(rowsMax: number, squared: boolean): number {
    const most = (SUM_MAX / rowsMax) ** (squared ? 1 / 2 : 1);
    return this.bound <= most ? 0 : Math.ceil(Math.log10(this.bound / most));
  }
}

export interface OwnRows {
  /** Of each column a value a row; NaN where there is none. */
  readonly columns: readonly Float64Array[];
  /** Of each row the number of its group; negative: in none. Null: all rows are in group 0. */
  readonly groups: Int32Array | null;
}

/** Of one cell, a column in a group: its values as whole numbers, ascending. */
export function cellsOf({ columns, groups }: OwnRows, grids: readonly Grid[], groupCount: number): Float64Array[] {
  const cells = Array.from({ length: groupCount * columns.length }, (): number[] => []);
  columns.forEach((values, column) => {
    values.forEach((value, row) => {
      const group = groups === null ? 0 : groups[row]!;
      if (group >= 0 && !Number.isNaN(value)) cells[group * columns.length + column]!.push(grids[column]!.whole(value));
    });
  });
  return cells.map((cell) => Float64Array.from(cell).sort());
}

/** How many are `threshold` or less. */
export function countUpTo(ascending: Float64Array, threshold: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ascending[middle]! <= threshold) from = middle + 1;
    else to = middle;
  }
  return from;
}

export const FIGURES = ["count", "few", "sum", "squares"] as const;

/** Figure after figure, of each all cells. `few`: 1 where the party has some rows, but fewer than the minimum. */
export function figuresOf(cells: readonly Float64Array[], minimum: number): BigUint64Array {
  const out = new BigUint64Array(FIGURES.length * cells.length);
  cells.forEach((cell, i) => {
    let [sum, squares] = [0n, 0n];
    for (const whole of cell) {
      sum += BigInt(whole);
      squares += BigInt(whole) ** 2n;
    }
    const few = cell.length > 0 && cell.length < minimum ? 1n : 0n;
    [BigInt(cell.length), few, sum, squares].forEach((figure, f) => {
      out[f * cells.length + i] = BigInt.asUintN(64, figure);
    });
  });
  return out;
}
