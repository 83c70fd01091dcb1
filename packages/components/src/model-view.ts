/** A party's own view of a part that it holds, whatever kind of model it is of. */
import { type ImportanceRow, importanceRows, storedPart, treesOf } from "./boosting-train/model.ts";
import { isShared, sharedImportance, sharedTrees, storedSharedPart } from "./boosting-train/shared-model.ts";
import { fitOf, type RegressionFit } from "./regression-train/fit.ts";
import { storedPart as storedRegression } from "./regression-train/model.ts";

export interface ModelView {
  readonly importance: readonly ImportanceRow[];
  readonly trees: unknown;
  /** Of a regression: own coefficients. */
  readonly regression: RegressionFit | null;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Null for what neither trees nor a regression left. */
export function describeModel(value: unknown): ModelView | null {
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (isShared(value)) {
    const model = storedSharedPart(value);
    const { parameters } = model;
    return { importance: sharedImportance(model), trees: sharedTrees(model), regression: null, parameters };
  }
  if (kind === "boosting") {
    const model = storedPart(value);
    const { parameters } = model;
    return { importance: importanceRows(model), trees: treesOf(model), regression: null, parameters };
  }
  if (kind !== "regression") return null;
  const model = storedRegression(value);
  return { importance: [], trees: null, regression: fitOf(model), parameters: model.parameters };
}
