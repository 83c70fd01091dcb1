/**
 * What a figure is over the folds of a cross-validation (Stone, "Cross-Validatory Choice and Assessment of Statistical Predictions",
 * JRSS B 36, 1974). The deviation is that of the sample (n - 1). It is no standard error: models of the folds share most of their
 * rows, and no unbiased estimate of the mean's variance exists (Bengio and Grandvalet, JMLR 5, 2004).
 */
import { mean } from "./checks.ts";

export interface OverFolds {
  /** Folds that have the figure. */
  readonly folds: number;
  /** Null where no fold has it. */
  readonly mean: number | null;
  /** At least 0; null where fewer than two folds have it. */
  readonly deviation: number | null;
}

/** `figures`: of each fold; null where it has none, as AUC of rows that are all alike. */
export function overFolds(figures: readonly (number | null)[]): OverFolds {
  const told = Float64Array.from(figures.filter((figure) => figure !== null));
  if (told.length === 0) return { folds: 0, mean: null, deviation: null };
  const centre = mean(told);
  const squares = told.reduce((sum, figure) => sum + (figure - centre) ** 2, 0);
  return {
    folds: told.length,
    mean: centre,
    deviation: told.length < 2 ? null : Math.sqrt(squares / (told.length - 1)),
  };
}
