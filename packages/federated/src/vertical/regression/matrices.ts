/** A party's columns as columns of integers for products: the rows of each part one after the other. */
import type { Design } from "./design.ts";
import { familyOf } from "./families/index.ts";
import { ENTRY_BITS, entryFraction, ONE_HOT_BITS } from "./formats.ts";
import type { RegressionParameters } from "./parameters.ts";
import { partsOf, placesOf } from "./parts.ts";
import type { MatrixPair, Sides } from "./products.ts";
import { type Part, partName } from "./shared-space.ts";

/** Those that the solver takes its gradients over. */
export const partsUsed = ({ solver, batchRows }: RegressionParameters, rows: number): readonly Part[] =>
  solver === "sgd" ? Array.from({ length: partsOf(rows, batchRows) }, (_, part) => part) : ["all"];

/** A column of a design, row i of which is in part i mod parts, as entries in the order of parts. */
export function entriesOf(parameters: RegressionParameters): (values: Float64Array) => Int32Array {
  return (values) => {
    const [count, scale] = [partCount(parameters, values.length), 2 ** entryFraction(values.length)];
    const entries = new Int32Array(values.length);
    for (let part = 0, at = 0; part < count; part++)
      for (let row = part; row < values.length; row += count, at++) entries[at] = Math.round(values[row]! * scale);
    return entries;
  };
}

/** Where each row of a design stands: in the order of parts. */
export function partPlaces(parameters: RegressionParameters, rows: number): Uint32Array {
  const [count, places] = [partCount(parameters, rows), new Uint32Array(rows)];
  for (let part = 0, at = 0; part < count; part++)
    for (let row = part; row < rows; row += count, at++) places[row] = at;
  return places;
}

/** Own part of each row's linear predictor, in the order of rows; of several classes all rows of the first class first. */
export function contributionsOf(
  { rows, columns }: Design,
  parameters: RegressionParameters,
  weights: Float64Array,
): Float64Array {
  const { outputs } = familyOf(parameters);
  const count = partCount(parameters, rows);
  const out = new Float64Array(outputs * rows);
  for (let output = 0; output < outputs; output++) {
    const sums = new Float64Array(rows);
    columns.forEach((entries, column) => {
      const weight = weights[output * columns.length + column]! / 2 ** entryFraction(rows);
      for (let i = 0; i < rows; i++) sums[i]! += weight * entries[i]!;
    });
    for (let part = 0, at = 0; part < count; part++)
      for (let row = part; row < rows; row += count) out[output * rows + row] = sums[at++]!;
  }
  return out;
}

const partCount = ({ solver, batchRows }: RegressionParameters, rows: number): number =>
  solver === "sgd" ? partsOf(rows, batchRows) : 1;

/** Of a design whose columns `entriesOf` made, or of shared bins; `columns`: of the matrices. */
export function matrixPairs(
  { rows, columns: own }: Pick<Design, "rows" | "columns">,
  parameters: RegressionParameters,
  columns: Sides<number>,
): MatrixPair[] {
  const hostBits = parameters.sharedBins ? ONE_HOT_BITS : ENTRY_BITS;
  return partsUsed(parameters, rows).map((part): MatrixPair => {
    const [from, to] = part === "all" ? [0, rows] : placesOf(rows, parameters.batchRows, part);
    const size = (count: number, entryBits: number) => ({ rows: to - from, columns: count, entryBits });
    return {
      name: partName(part),
      sizes: { guest: size(columns.guest, ENTRY_BITS), host: size(columns.host, hostBits) },
      own: own.map((entries) => entries.subarray(from, to)),
    };
  });
}
