/** A party's columns as integer matrices for products: the rows of each part. */
import type { MatrixEntries } from "@tombolo/protocols/matrix-product";
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
    const fill = (place: (row: number, column: number) => number): MatrixEntries => {
      const numbers = new Float64Array(rows * design.columns.length);
      design.columns.forEach((values, column) => {
        for (let row = 0; row < rows; row++) numbers[place(row, column)] = values[at(row)]!;
      });
      return { numbers, scale: 2 ** entry };
    };
    return [
      {
        name: partName(part),
        sizes: { guest: { rows, columns: columns.guest }, host: { rows, columns: columns.host } },
        own: () => fill((row, column) => row * design.columns.length + column),
      },
    ];
  });
}
