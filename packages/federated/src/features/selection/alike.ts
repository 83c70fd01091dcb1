/**
 * Columns that others say already, from a matrix of correlations: of two alike the one preferred less falls, and of columns that
 * follow from several others the worst first. Both work on columns of one party and of two alike.
 */
import type { NumberColumn } from "@tombolo/base";
import { inflation } from "../../vertical/correlation/inflation.ts";
import { correlations, standardised } from "../../vertical/correlation/standardise.ts";

/** Places, and what made each fall. */
export interface Fallen {
  readonly place: number;
  /** |r| with the column that stays, or the variance inflation; null: it follows from others altogether. */
  readonly value: number | null;
  /** The column that it is alike; null: of inflation. */
  readonly with: number | null;
}

export interface Matrix {
  /** Row by row, with 1 on the diagonal. */
  readonly values: Float64Array;
  readonly size: number;
  /** To which it is rounded. */
  readonly decimals: number;
}

export const OWN_DECIMALS = 8;

/** Missing values stand at the mean; a constant column is alike none. */
export function ownMatrix(columns: readonly NumberColumn[]): Matrix {
  const size = columns.length;
  const units = columns.map(({ values }) => standardised(filled(values)));
  const known = units.flatMap((unit, place) => (unit === null ? [] : [place]));
  const among = correlations(
    known.map((place) => units[place]!),
    OWN_DECIMALS,
  );
  const values = new Float64Array(size ** 2);
  for (let i = 0; i < size; i++) values[i * size + i] = 1;
  known.forEach((row, i) => {
    known.forEach((column, j) => {
      values[row * size + column] = among[i * known.length + j]!;
    });
  });
  return { values, size, decimals: OWN_DECIMALS };
}

/** With the mean where a value is missing or infinite. */
export function filled(values: Float64Array): Float64Array {
  let [sum, count] = [0, 0];
  for (const value of values)
    if (Number.isFinite(value)) {
      sum += value;
      count++;
    }
  const mean = count === 0 ? 0 : sum / count;
  return values.map((value) => (Number.isFinite(value) ? value : mean));
}

/**
 * From the most preferred on, each column that is within the limit of all that stay, stays. `order`: places, the most preferred first;
 * those that are not among them take no part.
 */
export function correlated({ values, size }: Matrix, order: readonly number[], limit: number): Fallen[] {
  const stays: number[] = [];
  const fallen: Fallen[] = [];
  for (const place of order) {
    const near = stays.find((other) => Math.abs(values[place * size + other]!) > limit);
    if (near === undefined) stays.push(place);
    else fallen.push({ place, value: Math.abs(values[place * size + near]!), with: near });
  }
  return fallen;
}

/** Inflations that differ by less are equal: those of two alike are, but for rounding. */
const AS_LARGE = 1e-4;

/** The column of the largest inflation falls, and again, until none is above the limit; of equal ones the least preferred. */
export function inflated(matrix: Matrix, order: readonly number[], limit: number): Fallen[] {
  const fallen: Fallen[] = [];
  let stays = order;
  while (stays.length > 1) {
    const found = inflation(within(matrix, stays), matrix.decimals);
    const size = (i: number): number => found[i] ?? Number.POSITIVE_INFINITY;
    let worst = 0;
    for (let i = 1; i < stays.length; i++) if (size(i) >= size(worst) * (1 - AS_LARGE)) worst = i;
    if (size(worst) <= limit) break;
    fallen.push({ place: stays[worst]!, value: found[worst] ?? null, with: null });
    stays = stays.filter((_, i) => i !== worst);
  }
  return fallen;
}

const within = ({ values, size }: Matrix, places: readonly number[]): Float64Array =>
  Float64Array.from(
    { length: places.length ** 2 },
    (_, at) => values[places[Math.floor(at / places.length)]! * size + places[at % places.length]!]!,
  );
