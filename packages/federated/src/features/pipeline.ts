/** Steps of preparation one after another: learnt on some rows, applied to these and later ones alike. */
import { type ColumnTable, TomboloError } from "@tombolo/base";
import { z } from "zod";
import { clip } from "./clip.ts";
import { derive } from "./derive.ts";
import { encode } from "./encode.ts";
import { hash } from "./hash.ts";
import { impute } from "./impute.ts";
import { power } from "./power.ts";
import { cast, cross, dateParts, drop, rename, textLength } from "./reshape.ts";
import { scale } from "./scale.ts";
import type { Note, Rules, Step, Touches } from "./step.ts";

const ALL = {
  impute,
  clip,
  scale,
  power,
  encode,
  derive,
  rename,
  drop,
  cast,
  cross,
  "date-parts": dateParts,
  "text-length": textLength,
  hash,
};

export const stepSpec = z.discriminatedUnion("kind", [
  impute.spec,
  clip.spec,
  scale.spec,
  power.spec,
  encode.spec,
  derive.spec,
  rename.spec,
  drop.spec,
  cast.spec,
  cross.spec,
  dateParts.spec,
  textLength.spec,
  hash.spec,
]);
export type StepSpec = z.output<typeof stepSpec>;

export interface LearntStep {
  readonly spec: StepSpec;
  readonly learnt: unknown;
  /** Its number, from 1 on, where it is not its place. */
  readonly step?: number;
}

/** What rows told at one step, and its place. */
export interface StepNote extends Note {
  readonly step: number;
}

export interface Prepared {
  readonly table: ColumnTable;
  readonly steps: readonly LearntStep[];
  readonly notes: readonly StepNote[];
}

/** Each step learns from what those before it made. Throws `input.*` with the number of the step, from 1, in its detail. */
export function fitSteps(table: ColumnTable, specs: readonly StepSpec[], rules: Rules): Prepared {
  const steps: LearntStep[] = [];
  const notes: StepNote[] = [];
  let current = table;
  for (const [i, spec] of specs.entries())
    atStep(i + 1, () => {
      const { fit, apply } = stepOf(spec);
      const learnt = asStored(fit(current, spec, rules));
      current = apply(current, spec, learnt, (note) => notes.push({ step: i + 1, ...note }));
      steps.push({ spec, learnt });
    });
  return { table: current, steps, notes };
}

/** The same on other rows. Throws `input.columns` for a column that is gone or of another kind. */
export function applySteps(table: ColumnTable, steps: readonly LearntStep[]): Omit<Prepared, "steps"> {
  const notes: StepNote[] = [];
  let current = table;
  for (const [i, { spec, learnt, step = i + 1 }] of steps.entries())
    atStep(step, () => {
      current = stepOf(spec).apply(current, spec, learnt, (note) => notes.push({ step, ...note }));
    });
  return { table: current, notes };
}

/** Of a stored part; throws zod's error for what no step has left. */
export function parseSteps(value: unknown): LearntStep[] {
  const steps = z
    .array(z.strictObject({ spec: stepSpec, learnt: z.unknown() }))
    .max(STEPS_MAX)
    .parse(value);
  return steps.map(({ spec, learnt }) => ({ spec, learnt: stepOf(spec).learnt.parse(learnt) }));
}

export const touchesOf = ({ spec, learnt }: LearntStep): readonly Touches[] => stepOf(spec).touches(spec, learnt);

export const STEPS_MAX = 200;

/** As later rows will meet it: JSON knows no sign of zero, so x less a smallest of -0 would be 0 now and -0 later. */
const asStored = (learnt: unknown): unknown => JSON.parse(JSON.stringify(learnt));

/** A spec has gone through the schema of its kind, and what it learnt through the other: forgetting their types is safe. */
const stepOf = (spec: StepSpec): Step<z.ZodType, z.ZodType> => ALL[spec.kind] as unknown as Step<z.ZodType, z.ZodType>;

function atStep(step: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof TomboloError)) throw error;
    throw new TomboloError(error.code, error.message, {
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      detail: { ...error.detail, step },
      cause: error,
    });
  }
}
