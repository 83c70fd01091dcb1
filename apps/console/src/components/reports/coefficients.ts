/** What regression-train tells each party, and what a version of such a model keeps: own coefficients. */
import { z } from "zod";

const estimate = z.object({
  error: z.number(),
  statistic: z.number(),
  p: z.number(),
  low: z.number(),
  high: z.number(),
});

export const fit = z.object({
  family: z.enum(["logistic", "linear", "poisson", "gamma", "tweedie", "multinomial", "one-vs-rest"]).nullable(),
  positive: z.string().nullable(),
  /** The guest's alone. */
  intercept: z.number().nullable(),
  /** Of several classes; names and intercepts are the guest's alone. */
  classes: z
    .object({ count: z.number(), names: z.array(z.string()).nullable(), intercepts: z.array(z.number()).nullable() })
    .nullable()
    .default(null),
  /** Reports of earlier versions have none. */
  inference: z
    .object({
      asked: z.boolean(),
      degrees: z.number().nullable(),
      residual: z.number().nullable(),
      dispersion: z.number().nullable().default(null),
      intercept: estimate.nullable(),
    })
    .nullable()
    .default(null),
  coefficients: z.array(
    z.object({
      column: z.string(),
      category: z.string().nullable(),
      scale: z.number(),
      coefficient: z.number(),
      estimate: estimate.nullable().default(null),
      /** The number of its class, from 0 on. */
      class: z.number().nullable().default(null),
    }),
  ),
});
export type Fit = z.infer<typeof fit>;

export const coefficients = fit.extend({
  solver: z.enum(["quasi-newton", "sgd"]),
  converged: z.boolean(),
  steps: z.number().nullish(),
  /** With early stopping: the epoch whose coefficients they are. */
  chosen: z.number().nullish(),
  /** The guest's, where it was asked for: counts below the first bound, between two, above the last, of each class. */
  residuals: z
    .object({
      bounds: z.array(z.number()).min(1),
      counts: z.array(z.array(z.number())).min(1),
      step: z.number(),
      rows: z.number(),
    })
    .nullish(),
  /** Known to those who compute alone. With an arbiter gradients are of own columns, and the loss is known to nobody. */
  course: z.array(
    z.object({
      step: z.number(),
      gradient: z.number(),
      lossChange: z.number().nullable(),
      /** With early stopping: on the rows kept out. */
      validation: z.number().nullish(),
    }),
  ),
});
export type Coefficients = z.infer<typeof coefficients>;

/** By effect: what one standard deviation of the column adds to the linear predictor, of several classes to that of one. */
export const effectsOf = ({ coefficients: rows }: Fit, place: number | null = null) =>
  rows
    .filter((row) => row.class === place)
    .map(({ column, category, scale, coefficient, estimate: known }) => ({
      name: category === null ? column : `${column} = ${category}`,
      coefficient,
      estimate: known,
      effect: coefficient * scale,
      low: known === null ? null : known.low * scale,
      high: known === null ? null : known.high * scale,
    }))
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));

/** Ranges of residuals as they are written, from the lowest. */
export function rangesOf(bounds: readonly number[]): string[] {
  const shown = bounds.map((bound) => String(Number(bound.toPrecision(3))));
  return [`< ${shown[0]}`, ...shown.slice(1).map((to, i) => `${shown[i]} … ${to}`), `≥ ${shown.at(-1)}`];
}

/** Where a value stands between -largest and largest, in percent. */
export const placeOf = (value: number, largest: number): number => 50 + (50 * value) / largest;

export const shownP = (p: number): string => (p < 0.001 ? "< 0.001" : p.toFixed(3));
