/** Where weights stand: class after class, and in each of them those of the parties' columns one party after another. */
export interface OwnColumns {
  /** Linear predictors of a row. */
  readonly outputs: number;
  /** Columns of all parties. */
  readonly width: number;
  /** A party's own: before them, and how many. */
  readonly first: number;
  readonly count: number;
}

/** A party's weights of one class after another, among all weights. */
export const classPlaces = ({ outputs, width, first, count }: OwnColumns): Uint32Array =>
  Uint32Array.from({ length: outputs * count }, (_, i) => Math.floor(i / count) * width + first + (i % count));

/** What each party's columns are, in their order. */
export function ownColumnsOf(outputs: number, counts: readonly number[]): OwnColumns[] {
  const width = counts.reduce((sum, count) => sum + count);
  let first = 0;
  return counts.map((count) => {
    first += count;
    return { outputs, width, first: first - count, count };
  });
}
