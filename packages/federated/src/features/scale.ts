/** (value - centre) / spread, as scikit-learn's StandardScaler, MinMaxScaler and RobustScaler have them. */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { moments, quantile, sortedValues } from "./figures.ts";
import { columnNames } from "./names.ts";
import { inPlace, numberColumn, numbersOf, replaceColumns, step } from "./step.ts";

const METHODS = ["standard", "min-max", "robust"] as const;
const spec = z.strictObject({ kind: z.literal("scale"), columns: columnNames, method: z.enum(METHODS) });
const learnt = z.array(z.strictObject({ centre: z.number(), spread: z.number() }));

export const scale = step({
  spec,
  learnt,
  touches: ({ columns }) => columns.map(inPlace),
  fit: (table, { columns, method }) =>
    columns.map((name) => {
      const { values } = numbersOf(table, name);
      const { centre, spread } = centreAndSpread(values, method);
      if (Number.isFinite(centre) && spread > 0 && Number.isFinite(spread)) return { centre, spread };
      throw new TomboloError("input.constant", "a column to be scaled has one value only, none, or an infinite one", {
        remedy: "Leave the column out, or clip it first.",
        detail: { column: name },
      });
    }),
  apply: (table, { columns }, all) =>
    columns.reduce((out, name, i) => {
      const { centre, spread } = all[i]!;
      const values = numbersOf(table, name).values.map((value) => (value - centre) / spread);
      return replaceColumns(out, [name], [numberColumn(name, values)]);
    }, table),
});

function centreAndSpread(values: Float64Array, method: (typeof METHODS)[number]) {
  if (method === "standard") {
    const { mean, deviation } = moments(values);
    return { centre: mean, spread: deviation };
  }
  const sorted = sortedValues(values);
  const between = (low: number, high: number): number => quantile(sorted, high) - quantile(sorted, low);
  return method === "min-max"
    ? { centre: quantile(sorted, 0), spread: between(0, 1) }
    : { centre: quantile(sorted, 0.5), spread: between(0.25, 0.75) };
}
