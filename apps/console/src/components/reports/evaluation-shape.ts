/** What an evaluation says beside its curves: costs, groups, periods and a second model. Older reports have none of it. */
import { z } from "zod";

export const figure = z.number().nullable().catch(null);
const point = z.union([
  z.tuple([z.number(), z.number()]),
  z.object({ x: z.number(), y: z.number() }).transform(({ x, y }): [number, number] => [x, y]),
]);
export const curve = z.array(point).catch([]);

const estimate = z.object({ auc: z.number(), error: z.number(), low: z.number(), high: z.number() });
export const interval = estimate.nullable().catch(null);

const costRow = z.object({
  threshold: figure,
  called: z.number(),
  truePositives: z.number(),
  falsePositives: z.number(),
  precision: figure,
  recall: figure,
  falsePositiveRate: figure,
  cost: z.number(),
});
export type CostRow = z.infer<typeof costRow>;
export const costs = z
  .object({
    costs: z.object({ falsePositive: z.number(), falseNegative: z.number() }),
    rows: z.array(costRow),
    best: costRow,
    calibrated: z.number(),
  })
  .nullable()
  .catch(null);
export type Costs = NonNullable<z.infer<typeof costs>>;

export const second = z
  .object({
    ks: figure,
    roc: curve,
    auc: z
      .object({
        first: estimate,
        second: estimate,
        difference: z.number(),
        low: z.number(),
        high: z.number(),
        p: figure,
      })
      .nullable(),
  })
  .nullable()
  .catch(null);
export type Second = NonNullable<z.infer<typeof second>>;

/** Of yes and no, or of numbers: what one kind lacks is null. */
const segment = z.object({
  name: z.string().nullable(),
  rows: z.number(),
  meanScore: z.number(),
  stability: figure,
  positives: figure,
  auc: figure,
  ks: figure,
  meanLabel: figure,
  rmse: figure,
  bias: figure,
});
export type Segment = z.infer<typeof segment>;

const segments = {
  column: z.string(),
  segments: z.array(segment),
  small: z.object({ segments: z.number(), rows: z.number() }),
};
export const periods = z.object(segments).nullable().catch(null);
export type Periods = NonNullable<z.infer<typeof periods>>;

const rates = z.object({
  name: z.string().nullable(),
  rows: z.number(),
  selectionRate: z.number(),
  truePositiveRate: figure,
  falsePositiveRate: figure,
  precision: figure,
});
const fairness = z
  .object({
    threshold: z.number(),
    groups: z.array(rates),
    demographicParityDifference: figure,
    demographicParityRatio: figure,
    equalOpportunityDifference: figure,
    equalisedOddsDifference: figure,
  })
  .nullable()
  .catch(null);
export type Fairness = NonNullable<z.infer<typeof fairness>>;
export const groups = z
  .object({ ...segments, fairness })
  .nullable()
  .catch(null);
export type Groups = NonNullable<z.infer<typeof groups>>;

export const reasonCodes = z.object({
  rows: z.number(),
  direction: z.enum(["raised", "lowered"]),
  reasons: z.array(z.object({ name: z.string(), first: z.number(), any: z.number() })),
});
export type ReasonCodes = z.infer<typeof reasonCodes>;
