/** Figures of a fold, and of all folds together. */
import { binaryReport, type ClassPredictions, classesReport, regressionFigures } from "@tombolo/federated/evaluation";
import type { TaskTable } from "../component.ts";
import { classPredictionsOf } from "../evaluate/classes.ts";
import { scoresOf } from "../evaluate/scores.ts";
import { labelsOf } from "../labels.ts";
import type { Parameters } from "./parameters.ts";

/** By name; null where these rows have none. */
export type Figures = Readonly<Record<string, number | null>>;

/** Labels are read from all rows: one fold alone may lack a value that says what the others mean. */
export function figuresIn(table: TaskTable, given: Parameters): (rows: Uint32Array) => Figures {
  if (given.objective === "multi-class") {
    const predictions = classPredictionsOf(table, given.score);
    return (rows) => ofClasses(predictions, rows);
  }
  const labels = labelsOf(table, given.objective).values;
  const scores = scoresOf(table, given.score);
  if (given.objective === "regression") return (rows) => ({ ...regressionFigures(at(labels, rows), at(scores, rows)) });
  return (rows) => ofBinary(at(labels, rows), at(scores, rows), given);
}

const at = (values: Float64Array, rows: Uint32Array): Float64Array => Float64Array.from(rows, (row) => values[row]!);

/** Points that fall as yes gets likelier are turned over. */
function ofBinary(labels: Float64Array, scores: Float64Array, { meaning, threshold }: Parameters): Figures {
  const turned = (value: number): number => (meaning === "no" ? 0 - value : value);
  const { auc, ks, averagePrecision, logLoss, brier, atThreshold } = binaryReport(labels, scores.map(turned), {
    threshold: turned(threshold),
  });
  const { accuracy = null, f1 = null } = atThreshold.figures ?? {};
  return { auc, ks: ks?.value ?? null, averagePrecision, logLoss, brier, accuracy, f1 };
}

function ofClasses({ classes, labels, called, scores }: ClassPredictions, rows: Uint32Array): Figures {
  const { accuracy, balancedAccuracy, macroF1, logLoss } = classesReport({
    classes,
    labels: at(labels, rows),
    called: called && at(called, rows),
    scores: scores?.map((each) => at(each, rows)) ?? null,
  });
  return { accuracy, balancedAccuracy, macroF1, logLoss };
}
