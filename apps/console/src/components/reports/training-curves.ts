import type { StepFigures } from "@tombolo/sdk";
import { z } from "zod";

const figures = z.record(z.string(), z.number());

const calibrationFigures = z.object({
  logLoss: z.number(),
  brier: z.number(),
  error: z.number(),
  bins: z.array(z.object({ meanScore: z.number(), observed: z.number() })),
});

/** What boosting-train leaves at the label holder: figures after each round. */
export const training = z.object({
  /** Which loss it is: "log-loss", "rmse"; of older reports unknown. */
  loss: z.string().optional(),
  /** Kept in the end. */
  trees: z.number().int().min(0),
  /** Of probabilities that were calibrated on the rows kept out. */
  calibration: z.object({ rows: z.number(), before: calibrationFigures, after: calibrationFigures }).optional(),
  evaluations: z.array(z.object({ trees: z.number(), training: figures, validation: figures.optional() })).min(1),
});
export type Training = z.infer<typeof training>;

export const PARTS = ["training", "validation"] as const;
export type Part = (typeof PARTS)[number];

/** One figure over the rounds, on each part of the rows that has it. */
export interface Curve {
  readonly metric: string;
  readonly parts: Readonly<Partial<Record<Part, readonly (readonly [number, number])[]>>>;
}

/** A round grows a tree, of several classes one of each: the first entry tells how many. */
export const treesPerRound = ({ evaluations }: Training): number => Math.max(1, evaluations[0]?.trees ?? 1);

export function stepsOf(report: Training): StepFigures[] {
  const each = treesPerRound(report);
  return report.evaluations.map(({ trees, ...parts }) => {
    const values = PARTS.flatMap((part) =>
      Object.entries(parts[part] ?? {}).map(([metric, value]) => [`${part}.${metric}`, value] as const),
    );
    return { step: trees / each, values: Object.fromEntries(values) };
  });
}

/** The round after which the trees were kept, where more were grown. */
export function keptRound(report: Training): number | undefined {
  const kept = report.trees / treesPerRound(report);
  return kept > 0 && kept < report.evaluations.length ? kept : undefined;
}

/** A curve for each metric, the loss first, in the order of steps. */
export function curvesOf(steps: readonly StepFigures[]): Curve[] {
  const names = new Set(steps.flatMap(({ values }) => Object.keys(values)));
  const metrics = new Set([...names].filter((name) => partOf(name) !== undefined).map(metricOf));
  const list = [...metrics].map((metric) => ({ metric, parts: partsOf(metric, names, steps) }));
  return list.sort((a, b) => Number(b.metric === "loss") - Number(a.metric === "loss"));
}

const partOf = (name: string): Part | undefined => PARTS.find((part) => name.startsWith(`${part}.`));
const metricOf = (name: string): string => name.slice(name.indexOf(".") + 1);

function partsOf(metric: string, names: ReadonlySet<string>, steps: readonly StepFigures[]): Curve["parts"] {
  const known = PARTS.filter((part) => names.has(`${part}.${metric}`));
  return Object.fromEntries(
    known.map((part) => {
      const points = steps.flatMap(({ step, values }) => {
        const value = values[`${part}.${metric}`] ?? Number.NaN;
        return Number.isFinite(value) ? [[step, value] as const] : [];
      });
      return [part, points];
    }),
  );
}

/** The last value of a curve on each part. */
export const latest = (curve: Curve, part: Part): number | undefined => curve.parts[part]?.at(-1)?.[1];
