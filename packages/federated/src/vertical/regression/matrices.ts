/** A party's columns as integer matrices for products: the rows of each part. */
import type { Design } from "./design.ts";
import type { Formats } from "./formats.ts";
import type { RegressionParameters } from "./parameters.ts";
import { partRows, partsOf } from "./parts.ts";
import type { MatrixPair, Sides } from "./products.ts";
import { type Part, partName } from "./shared-space.ts";

/** Those that the solver takes its gradients over. */
export const partsUsed = ({ solver, batchRows }: RegressionParameters, rows: number): readonly Part[] =>
  solver === "sgd" ? Array.from({ length: partsOf(rows, batchRows) }, (_, part) => part) : ["all"];

export function matrixPairs(
  design: Design,
  parameters: RegressionParameters,
  columns: Sides<number>,
  { entry }: Formats,
): MatrixPair[] {
  return partsUsed(parameters, design.rows).flatMap((part): MatrixPair[] => {
    const rows = part === "all" ? design.rows : partRows(design.rows, parameters.batchRows, part).length;
    const at = (i: number): number => (part === "all" ? i : part + i * partsOf(design.rows, parameters.batchRows));
    const own = (): Int32Array => {
      const [width, scale] = [design.columns.length, 2 ** entry];
      const entries = new Int32Array(rows * width);
      design.columns.forEach((values, column) => {
        for (let row = 0; row < rows; row++) entries[row * width + column] = Math.round(values[at(row)]! * scale);
      });
      return entries;
    };
    return [
      {
        name: partName(part),
        sizes: { guest: { rows, columns: columns.guest }, host: { rows, columns: columns.host } },
        own,
      },
    ];
  });
}
