/** Outliers are moved to the nearest bound; bounds are given, or learnt from the column's spread. */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { moments, quantile, sortedValues } from "./figures.ts";
import { columnNames } from "./names.ts";
import { inPlace, numberColumn, numbersOf, replaceColumns, step } from "./step.ts";

const spec = z.strictObject({
  kind: z.literal("clip"),
  columns: columnNames,
  /** By quantiles; by `factor` interquartile ranges beyond the quartiles (Tukey); by `factor` deviations around the mean; as given. */
  method: z.enum(["quantiles", "quartiles", "deviations", "bounds"]),
  lower: z.number().optional(),
  upper: z.number().optional(),
  factor: z.number().positive().max(1e6).optional(),
});
type Spec = z.output<typeof spec>;
const learnt = z.array(z.strictObject({ lower: z.number().nullable(), upper: z.number().nullable() }));
type Bounds = z.output<typeof learnt>[number];

export const clip = step({
  spec,
  learnt,
  touches: ({ columns }) => columns.map(inPlace),
  fit: (table, given) => given.columns.map((name) => bounds(numbersOf(table, name).values, given)),
  apply(table, given, all, tell) {
    let out = table;
    for (const [i, name] of given.columns.entries()) {
      const { lower, upper } = all[i]!;
      const [least, most] = [lower ?? Number.NEGATIVE_INFINITY, upper ?? Number.POSITIVE_INFINITY];
      let moved = 0;
      const values = numbersOf(table, name).values.map((value) => {
        const kept = Math.min(Math.max(value, least), most);
        moved += Number(kept !== value && !Number.isNaN(value));
        return kept;
      });
      if (moved > 0) tell({ column: name, what: "outside", rows: moved });
      out = replaceColumns(out, [name], [numberColumn(name, values)]);
    }
    return out;
  },
});

function bounds(values: Float64Array, { method, lower, upper, factor }: Spec): Bounds {
  if (method === "bounds") {
    if ((lower ?? Number.NEGATIVE_INFINITY) <= (upper ?? Number.POSITIVE_INFINITY) && (lower ?? upper) !== undefined)
      return { lower: lower ?? null, upper: upper ?? null };
    throw new TomboloError("input.parameters", "bounds to clip by are missing or in the wrong order", {
      remedy: "Give `lower`, `upper` or both, the lower one first.",
    });
  }
  if (method === "deviations") {
    const { mean, deviation } = moments(values);
    return around(mean, mean, (factor ?? 3) * deviation);
  }
  const sorted = sortedValues(values);
  if (method === "quartiles") {
    const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
    return around(low, high, (factor ?? 1.5) * (high - low));
  }
  const [low, high] = [lower ?? 0.01, upper ?? 0.99];
  if (!(0 <= low && low < high && high <= 1))
    throw new TomboloError("input.parameters", "quantiles to clip by are not between 0 and 1 in ascending order", {
      remedy: "Give `lower` and `upper` such as 0.01 and 0.99.",
    });
  return around(quantile(sorted, low), quantile(sorted, high), 0);
}

/** No bounds where nothing could be learnt. */
const around = (low: number, high: number, margin: number): Bounds =>
  Number.isNaN(low + high + margin) ? { lower: null, upper: null } : { lower: low - margin, upper: high + margin };
