/**
 * The same regressions where the guest has all columns: in the clear, in double precision, by the same solvers to the same objective.
 * For what a party could do by itself, beside what it can with partners. Nothing is sent, so nothing is learnt.
 *
 * Columns are made, rare categories merged and columns that hardly vary refused as with partners (design.ts), so that both models are
 * of the same terms. Rows for each term, terms of a host and 64 columns for standard errors are bounds on what partners learn, or on
 * shares: they do not apply. Residuals are counted to the row. An attempt after a crash begins afresh.
 */
import { type Secrets, TomboloError, toHex } from "@tombolo/base";
import { isWhitened } from "./bounds.ts";
import { ownCoefficients } from "./design.ts";
import { familyOf, isOfClasses } from "./families/index.ts";
import { plainErrors } from "./inference/plain-errors.ts";
import { noErrors } from "./inference/standard-errors.ts";
import { ranOff } from "./lengths.ts";
import type { RegressionParameters } from "./parameters.ts";
import { PlainSpace } from "./plain-space.ts";
import type { Iteration } from "./quasi-newton.ts";
import { exactHistogram } from "./residual-histogram.ts";
import { prepareRows } from "./rows.ts";
import { checkedMatrix, settledInput } from "./sides.ts";
import { solve } from "./solve.ts";
import type { GuestInput, Trained } from "./train.ts";
import { plainStart } from "./warm-start.ts";

export interface AloneInput
  extends Pick<GuestInput, "columns" | "rowCount" | "parameters" | "rows" | "earlier" | "signal"> {
  /** After each step or epoch. */
  readonly onIteration?: ((iteration: Iteration) => void) | undefined;
}

/** `secrets`: for the model's id. Throws as `trainGuest` does for columns, labels and coefficients. */
export async function trainAlone(given: AloneInput, secrets: Secrets): Promise<Trained> {
  const input = settledInput(given);
  const { parameters, rowCount, earlier, signal, onIteration } = input;
  const design = await checkedMatrix(input, "guest", (values) => values);
  if (design.terms.length === 0)
    throw new TomboloError("input.columns", "there is no column to train on", {
      remedy: "Read columns beside the label and the keys.",
    });
  const rows = prepareRows(input.rows, parameters);
  if (parameters.inference && rows.weights !== null) throw noErrors();
  const family = familyOf(parameters);
  const { outputs } = family;
  const begin = earlier === undefined ? null : plainStart(design, earlier, { ...rows, outputs });
  const space = new PlainSpace(parameters, rows, design.columns, begin);
  const sizes = { rows: rowCount, columns: design.columns.length, weighted: rows.weights !== null };
  const hooks = { signal, onIteration: async (iteration: Iteration) => onIteration?.(iteration) };
  const { weights, ...how } = await solve(space, { ...parameters, ...sizes }, hooks, []);
  const residuals = space.residuals(weights);
  if (isWhitened(parameters) && areToldApart(residuals, parameters)) throw ranOff();
  const own = weights.map((weight) => rows.scale * weight);
  if (rows.centre !== 0) own[0]! += rows.centre;
  const predictors = space.predictors(weights);
  return {
    run: toHex(secrets.bytes(16)),
    design,
    errors: parameters.inference && how.converged ? plainErrors(design, { family, rows, predictors }) : null,
    lookups: null,
    residuals: parameters.residuals ? exactHistogram(residuals, family, rows.scale) : null,
    ...ownCoefficients(design, own, outputs),
    ...how,
    contributions: predictors,
  };
}

/**
 * Whether the fit tells all labels, of one class against the rest where each has a model of its own: longer coefficients would fit better
 * without an end then, and those at hand are where the solver gave up (Albert, Anderson, "On the existence of maximum likelihood
 * estimates in logistic regression models", Biometrika 1984).
 */
function areToldApart(residuals: Float64Array, { family, classes }: RegressionParameters): boolean {
  if (family !== "logistic" && !isOfClasses(family)) return false;
  const rows = residuals.length / (classes ?? 1);
  const told = Array.from({ length: classes ?? 1 }, (_, c) =>
    residuals.subarray(c * rows, (c + 1) * rows).every((residual) => Math.abs(residual) < 1 / 2),
  );
  return family === "multinomial" ? told.every(Boolean) : told.some(Boolean);
}
