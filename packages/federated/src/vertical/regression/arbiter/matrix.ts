/**
 * Own columns as whole numbers of 12 bits, which is what ciphertexts are added with: column j is step_j·(k - zero_j). The same numbers
 * make the residuals, so that what is found is the exact fit of the table in these numbers.
 */
import { TomboloError } from "@tombolo/base";
import { WEIGHT_BITS } from "@tombolo/crypto";
import { type Columns, type Design, designOf } from "../design.ts";
import { partRows, partsOf } from "../parts.ts";
import { slopeOf } from "./loss.ts";
import type { ArbiterParameters } from "./parameters.ts";

const MOST = 2 ** WEIGHT_BITS - 1;

export interface WholeColumn {
  /** By part, by row of the part. */
  readonly numbers: readonly Uint16Array[];
  readonly step: number;
  /** The number that stands for 0. */
  readonly zero: number;
}

export interface OwnMatrix {
  readonly design: Design<WholeColumn>;
  /** Rows of each part. */
  readonly rows: readonly number[];
}

/** Throws what `designOf` does. */
export async function ownMatrix(
  columns: Columns,
  rowCount: number,
  parameters: ArbiterParameters,
  side: "guest" | "host",
): Promise<OwnMatrix> {
  if (rowCount < 2) throw new TomboloError("input.rows", "there are fewer than two rows to train on");
  const { missing, minimumRows, l2, batchRows } = parameters;
  const parts = Array.from({ length: partsOf(rowCount, batchRows) }, (_, part) => partRows(rowCount, batchRows, part));
  const options = {
    intercept: side === "guest" && parameters.intercept,
    // With the penalty's curvature among it, a step along the gradient is one of Newton's for own columns.
    whiten: true,
    ridge: l2 / (rowCount * slopeOf(parameters)),
    missing,
    minimumRows,
    // Sums over each are told.
    parts: parts.length,
  };
  const design = await designOf(columns, rowCount, options, (values) => wholeColumn(values, parts));
  return { design, rows: parts.map((rows) => rows.length) };
}

function wholeColumn(values: Float64Array, parts: readonly (readonly number[])[]): WholeColumn {
  let [least, most] = [0, 0];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  const step = (most - least) / MOST;
  const zero = Math.round(-least / step);
  const numberOf = (row: number): number => Math.min(MOST, Math.max(0, Math.round(values[row]! / step) + zero));
  return { numbers: parts.map((rows) => Uint16Array.from(rows, numberOf)), step, zero };
}

/** X·w of a part's rows. */
export function predictors({ design, rows }: OwnMatrix, part: number, weights: Float64Array): Float64Array {
  const out = new Float64Array(rows[part]!);
  design.columns.forEach(({ numbers, step, zero }, j) => {
    const own = numbers[part]!;
    const factor = weights[j]! * step;
    for (let row = 0; row < out.length; row++) out[row]! += factor * (own[row]! - zero);
  });
  return out;
}

/** The same of all rows, part by part. */
export function allPredictors(matrix: OwnMatrix, weights: Float64Array): Float64Array {
  const out = new Float64Array(matrix.design.rows);
  let at = 0;
  matrix.rows.forEach((rows, part) => {
    out.set(predictors(matrix, part, weights), at);
    at += rows;
  });
  return out;
}
