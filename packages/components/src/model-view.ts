/** A party's own view of a part that it holds, whatever kind of model it is of. */
import { storedBinning } from "@tombolo/federated/binning";
import type { Scorecard } from "@tombolo/federated/scorecard";
import { fittedBins } from "./bin/transform.ts";
import { type ImportanceRow, importanceRows, storedPart, treesOf } from "./boosting-train/model.ts";
import { isShared, sharedImportance, sharedTrees, storedSharedPart } from "./boosting-train/shared-model.ts";
import { isTransformModel } from "./pipeline/kinds.ts";
import type { FittedTransform } from "./pipeline/pipeline.ts";
import { storedTransform } from "./pipeline/stored.ts";
import { type PipelineStage, stagesOf } from "./pipeline/view.ts";
import { storedPreparation } from "./prepare/part.ts";
import { fitOf, type RegressionFit } from "./regression-train/fit.ts";
import { storedPart as storedRegression } from "./regression-train/model.ts";
import { cardOf } from "./scorecard/part.ts";

export interface ModelView {
  readonly importance: readonly ImportanceRow[];
  readonly trees: unknown;
  /** Of a regression: own coefficients. */
  readonly regression: RegressionFit | null;
  /** Of a regression of points: the own part of the card. */
  readonly scorecard: Scorecard | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What own rows went through before training, or what a task that fits such a step learnt. */
  readonly pipeline: readonly PipelineStage[];
}

const NOTHING = { importance: [], trees: null, regression: null, scorecard: null } as const;

/** Null for what neither trees nor a regression nor a step of a pipeline left. */
export function describeModel(value: unknown): ModelView | null {
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (isShared(value)) {
    const model = storedSharedPart(value);
    const { parameters } = model;
    const pipeline = stagesOf(model.pipeline);
    return { ...NOTHING, importance: sharedImportance(model), trees: sharedTrees(model), parameters, pipeline };
  }
  if (kind === "boosting") {
    const model = storedPart(value);
    const { parameters } = model;
    const pipeline = stagesOf(model.pipeline);
    return { ...NOTHING, importance: importanceRows(model), trees: treesOf(model), parameters, pipeline };
  }
  if (typeof kind === "string" && isTransformModel(kind)) {
    const pipeline = stagesOf([fittedBy(kind, value)]);
    return { ...NOTHING, parameters: {}, pipeline };
  }
  if (kind !== "regression") return null;
  const model = storedRegression(value);
  const pipeline = stagesOf(model.pipeline);
  const { parameters } = model;
  return { ...NOTHING, regression: fitOf(model), scorecard: cardOf(model), parameters, pipeline };
}

/** The step that such a task fitted. */
function fittedBy(kind: string, value: unknown): FittedTransform {
  if (kind === "binning") return fittedBins(storedBinning(value));
  return kind === "preparation" ? storedPreparation(value) : storedTransform(value, kind);
}
