/** What a cross-validation says: figures of each fold, and what they are over all. */
import { z } from "zod";

const NAMES = [
  ...(["auc", "ks", "averagePrecision", "logLoss", "brier", "accuracy", "f1"] as const),
  ...(["rmse", "mae", "bias", "r2"] as const),
  ...(["balancedAccuracy", "macroF1"] as const),
] as const;
const number = z.number().nullable().catch(null);

const figure = z.object({
  name: z.enum(NAMES),
  folds: z.number(),
  mean: number,
  deviation: number,
  pooled: number,
});
export type Figure = z.infer<typeof figure>;

export const crossValidation = z.object({
  rows: z.number(),
  /** What the guest's columns went through before the folds. */
  before: z.array(z.enum(["prepare", "bin", "select"])),
  folds: z.array(z.object({ fold: z.number(), rows: z.number(), figures: z.record(z.string(), number) })).min(1),
  figures: z.array(figure),
});
export type CrossValidation = z.infer<typeof crossValidation>;

type Points = readonly (readonly [number, number])[];

/** A bar for each fold that has the figure; their mean and a deviation from it as levels over all folds. */
export function linesOf({ folds }: CrossValidation, { name, mean, deviation }: Figure) {
  const bars = folds.flatMap(({ fold, figures }) => {
    const value = figures[name] ?? null;
    return value === null ? [] : [[fold, value] as const];
  });
  const last = Math.max(...folds.map(({ fold }) => fold)) + 1;
  const level = <K extends string>(kind: K, value: number | null): { kind: K; points: Points }[] =>
    value === null
      ? []
      : [
          {
            kind,
            points: [
              [0, value],
              [last, value],
            ],
          },
        ];
  const away = (sign: 1 | -1) => (mean === null || deviation === null ? null : mean + sign * deviation);
  return { bars, levels: [...level("mean", mean), ...level("above", away(1)), ...level("below", away(-1))] };
}

export interface FoldRow {
  /** The fold's number, or what the row says of all. */
  readonly name: number | "mean" | "deviation" | "pooled";
  readonly rows: number | null;
  readonly figures: Readonly<Record<string, number | null>>;
}

export function tableOf({ folds, figures, rows }: CrossValidation): FoldRow[] {
  const over = (name: "mean" | "deviation" | "pooled"): FoldRow => ({
    name,
    rows: name === "pooled" ? rows : null,
    figures: Object.fromEntries(figures.map((figure) => [figure.name, figure[name]])),
  });
  const each = folds.map((fold) => ({ name: fold.fold, rows: fold.rows, figures: fold.figures }));
  return [...each, over("mean"), over("deviation"), over("pooled")];
}
