/** The report of a party's part, and the part itself. */
import { type Iteration, isOfClasses, type OwnerTrained, type Trained } from "@tombolo/federated/vertical/regression";
import type { TableFile } from "../component.ts";
import { fitOf } from "./fit.ts";
import { inferenceOf } from "./inference.ts";
import type { Context } from "./input.ts";
import type { GuestPart, HostPart, StoredRegression } from "./model.ts";

export async function finish(
  context: Context,
  { pipeline = [] }: TableFile,
  trained: Trained | OwnerTrained,
  part: GuestPart | HostPart,
  { positive, classes }: Pick<StoredRegression, "positive" | "classes">,
): Promise<void> {
  const { parameters: given, self } = context;
  if (!trained.converged)
    context.log(
      "warn",
      given.solver === "sgd"
        ? "the loss still fell in the last epoch: more epochs would bring a better model"
        : "the steps ran out before the gradient fell below the tolerance",
    );
  const inference = inferenceOf(trained);
  if (given.inference && trained.converged && inference === null)
    context.log("warn", "columns nearly determine one another: no standard errors");
  const value: StoredRegression = {
    kind: "regression",
    version: 1,
    party: self.party,
    positive,
    classes,
    parameters: given,
    inference,
    pipeline,
    part,
  };
  await context.outputs.report("report", {
    kind: "regression-training",
    title: { en: "Regression", zh: "回归" },
    data: {
      ...fitOf(value),
      solver: given.solver,
      converged: trained.converged,
      steps: stepsOf(trained),
      chosen: "chosen" in trained && given.earlyStopping !== null ? trained.chosen : null,
      residuals: "residuals" in trained ? trained.residuals : null,
      course: "iterations" in trained ? trained.iterations.map(courseOf) : [],
    },
  });
  await context.outputs.model("model", value, {
    kind: "regression",
    objective: given.family === "logistic" ? "binary" : isOfClasses(given.family) ? "multi-class" : "regression",
    metrics: { steps: stepsOf(trained), terms: termsOf(part) },
  });
}

const termsOf = (part: GuestPart | HostPart): number =>
  part.kind === "regression/host-bins"
    ? part.columns.length
    : part.terms.length + (part.kind === "regression/guest-bins" ? part.lookups.columns.length : 0);

const stepsOf = (trained: Trained | OwnerTrained): number =>
  "iterations" in trained ? trained.iterations.length : trained.steps;

const courseOf = ({ iteration, gradient, lossChange, validation }: Iteration) => ({
  ...{ step: iteration, gradient, lossChange, validation: validation ?? null },
});
