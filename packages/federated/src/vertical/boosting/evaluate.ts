/** Loss after each tree, for early stopping and live charts. The guest alone has the labels and so these figures. */
import { auc, logLoss, rank, regressionFigures } from "../../evaluation/index.ts";
import { predictionOf } from "./objective.ts";
import type { Objective } from "./parameters.ts";
import type { RowParts } from "./sample.ts";

export interface PartEvaluation {
  /** Log-loss, or root mean squared error. */
  readonly loss: number;
  /** Binary objectives only; absent where one class is missing. */
  readonly auc?: number;
}

export interface Evaluation {
  /** Trees so far. */
  readonly trees: number;
  readonly training: PartEvaluation;
  readonly validation?: PartEvaluation;
}

export function evaluate(
  objective: Objective,
  labels: Float64Array,
  margins: Float64Array,
  parts: RowParts,
  trees: number,
): Evaluation {
  const part = (rows: Int32Array): PartEvaluation => {
    const actual = Float64Array.from(rows, (row) => labels[row]!);
    const predicted = Float64Array.from(rows, (row) => predictionOf(objective, margins[row]!));
    return objective === "binary"
      ? binaryFigures(actual, predicted)
      : { loss: regressionFigures(actual, predicted).rmse };
  };
  const training = part(parts.training);
  return parts.validation.length === 0 ? { trees, training } : { trees, training, validation: part(parts.validation) };
}

function binaryFigures(labels: Float64Array, scores: Float64Array): PartEvaluation {
  const area = auc(rank(labels, scores));
  return { loss: logLoss(labels, scores), ...(area === null ? {} : { auc: area }) };
}
