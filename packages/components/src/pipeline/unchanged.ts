/** Columns that are what their bins made of them when a model sees them. */
import { TomboloError } from "@tombolo/base";
import { openTransform } from "./kinds.ts";
import type { Pipeline } from "./pipeline.ts";

/** `since`: what rows went through after they were binned, `names`: columns of the model. Throws `input.model`. */
export function requireUnchanged(since: Pipeline, names: readonly string[]): void {
  let open: ReadonlySet<string> = new Set(names);
  for (const { kind, part } of since.toReversed()) {
    const { fit, takes } = openTransform(kind, part).narrow(open);
    if (kind !== "select" && fit.steps.length > 0)
      throw new TomboloError("input.model", "columns of the regression were changed after they were binned", {
        remedy: "Prepare columns before the bin task, and train on what that leaves.",
        detail: { kind },
      });
    open = takes;
  }
}
