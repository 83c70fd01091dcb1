/** The same training on the joined table in plain numbers. */
import type { Column } from "@tombolo/base";
import { type OwnCoefficients, ownCoefficients, type Term } from "../design.ts";
import { partRows } from "../parts.ts";
import { Descent, startOf } from "./descent.ts";
import { inUnits, labelPart, ownLabels, slopeOf } from "./loss.ts";
import { type OwnMatrix, ownMatrix, predictors } from "./matrix.ts";
import type { ArbiterParameters } from "./parameters.ts";

export interface ArbiterTwinInput {
  /** By party, the guest first. */
  readonly columns: readonly (readonly Column[])[];
  readonly labels: Float64Array;
  readonly parameters: ArbiterParameters;
}

export interface ArbiterTwin {
  readonly parties: readonly (OwnCoefficients & { readonly terms: readonly Term[] })[];
  readonly converged: boolean;
  readonly epochs: number;
}

export async function trainArbiterTwin({ columns, labels: given, parameters }: ArbiterTwinInput): Promise<ArbiterTwin> {
  const { labels, ...unit } = ownLabels(given, parameters);
  const rowCount = labels.length;
  const matrices = await Promise.all(
    columns.map((own, i) => ownMatrix(own, rowCount, parameters, i === 0 ? "guest" : "host")),
  );
  const descents = matrices.map(
    (matrix) => new Descent(matrix, parameters, matrices.length, startOf(matrix.design.columns.length)),
  );
  let [epochs, converged] = [0, false];
  while (epochs < parameters.epochs && !converged) {
    for (const part of matrices[0]!.rows.keys()) {
      const rows = partRows(rowCount, parameters.batchRows, part);
      const residuals = Float64Array.from(rows, (row) => labelPart(parameters.family, labels[row]!));
      matrices.forEach((matrix, i) => {
        predictors(matrix, part, descents[i]!.weights).forEach((z, row) => {
          residuals[row]! += slopeOf(parameters) * z;
        });
      });
      matrices.forEach((matrix, i) => {
        descents[i]!.step(sumsOf(matrix, part, residuals), rows.length);
      });
    }
    epochs++;
    converged = descents.map((descent) => descent.endEpoch() < parameters.tolerance).every(Boolean);
  }
  const parties = matrices.map(({ design }, i) => {
    const own = inUnits(descents[i]!.state.mean, i === 0 ? unit : { ...unit, centre: 0 });
    return { terms: design.terms, ...ownCoefficients(design, own, 1) };
  });
  return { parties, converged, epochs };
}

const sumsOf = ({ design }: OwnMatrix, part: number, residuals: Float64Array): Float64Array =>
  Float64Array.from(design.columns, ({ numbers, step, zero }) => {
    const own = numbers[part]!;
    return step * residuals.reduce((sum, residual, row) => sum + (own[row]! - zero) * residual, 0);
  });
