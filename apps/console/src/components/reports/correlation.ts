import { z } from "zod";

const figure = z.number().nullable();
/** What joint-correlation leaves; at a party that does not receive, without a matrix. */
export const correlation = z
  .object({
    method: z.enum(["pearson", "spearman"]),
    decimals: z.number().int(),
    rows: z.number().int(),
    dropped: z.number().int(),
    constant: z.array(z.string()),
    columns: z.array(z.object({ party: z.string(), name: z.string() })),
    matrix: z.array(z.array(z.number())).nullable(),
    inflation: z.array(figure).nullable(),
  })
  .refine(
    ({ columns: { length }, matrix, inflation }) =>
      (matrix === null || (matrix.length === length && matrix.every((row) => row.length === length))) &&
      (inflation === null || inflation.length === length),
  );
export type Correlation = z.infer<typeof correlation>;

/** A heat map beyond this is no longer read. */
export const SHOWN_MAX = 30;

/** Columns for the heat map, in their order: all of them, or those with the strongest correlation to another party's. */
export function shownColumns({ columns, matrix }: Pick<Correlation, "columns" | "matrix">): number[] {
  if (matrix === null) return [];
  const strength = (i: number): number =>
    columns.reduce(
      (most, { party }, j) => (party === columns[i]!.party ? most : Math.max(most, Math.abs(matrix[i]![j]!))),
      0,
    );
  return [...columns.keys()]
    .sort((a, b) => strength(b) - strength(a) || a - b)
    .slice(0, SHOWN_MAX)
    .sort((a, b) => a - b);
}

export interface Pair {
  readonly left: number;
  readonly right: number;
  readonly value: number;
}

/** Of different parties, the strongest first. */
export function strongestPairs({ columns, matrix }: Pick<Correlation, "columns" | "matrix">, count: number): Pair[] {
  return (matrix ?? [])
    .flatMap((row, left) =>
      row.flatMap((value, right) =>
        left < right && columns[left]!.party !== columns[right]!.party ? [{ left, right, value }] : [],
      ),
    )
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, count);
}
