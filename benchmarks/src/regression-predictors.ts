/** Linear predictors of a training that is under way, put together from both parties' shares of its weights. */
import type { Column } from "@tombolo/base";
import type { JoinedTable } from "./regression-data.ts";

/** Of each row, up to a factor and a constant, which change no order: weights are of standardised columns, the constant one first. */
export function predictors(
  { guest, host, labels }: JoinedTable,
  own: BigUint64Array,
  theirs: BigUint64Array,
): Float64Array {
  const weights = Float64Array.from(own, (share, i) => Number(BigInt.asIntN(64, share + theirs[i]!)));
  const out = new Float64Array(labels.length);
  [...guest, ...host].forEach((column, j) => {
    addColumn(out, column, weights[j + 1]!);
  });
  return out;
}

/** What is missing is the mean. */
function addColumn(out: Float64Array, column: Column, weight: number): void {
  if (column.kind !== "number") throw new Error("assertion failed: tables that are made up have numbers alone");
  const { values } = column;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  const factor = weight / Math.sqrt(squares / values.length);
  for (let i = 0; i < values.length; i++) out[i]! += factor * (values[i]! - mean);
}
