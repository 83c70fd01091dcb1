/** What explore and prepare say of each column. */
import { z } from "zod";

const bar = z.object({ from: z.number(), to: z.number(), rows: z.number() });
const labelRow = z.object({
  category: z.string().nullable(),
  from: z.number().nullable(),
  to: z.number().nullable(),
  missing: z.boolean(),
  rows: z.number(),
  mean: z.number(),
});
export type LabelRow = z.infer<typeof labelRow>;

const described = z.object({
  name: z.string(),
  kind: z.enum(["number", "text"]),
  rows: z.number(),
  missing: z.number(),
  distinct: z.number().nullable(),
  numbers: z
    .object({
      mean: z.number(),
      deviation: z.number(),
      min: z.number(),
      max: z.number(),
      quantiles: z.array(z.number()).length(5),
      outliers: z.number(),
      infinite: z.number(),
      histogram: z.array(bar),
    })
    .nullable(),
  top: z.array(z.object({ category: z.string(), rows: z.number() })).nullable(),
  label: z.array(labelRow).nullable(),
  stability: z.number().nullable().optional(),
});
export type Described = z.infer<typeof described>;

export const exploration = z.object({
  rows: z.number(),
  label: z.string().nullable(),
  referenceRows: z.number().nullable(),
  columns: z.array(described),
  periods: z
    .object({
      column: z.string(),
      leftOut: z.number(),
      periods: z.array(
        z.object({
          from: z.union([z.number(), z.string()]),
          to: z.union([z.number(), z.string()]),
          rows: z.number(),
          label: z.number().nullable(),
          stability: z.record(z.string(), z.number()),
        }),
      ),
    })
    .nullable()
    .optional(),
});

const STEPS = [
  ...(["impute", "clip", "scale", "power", "encode", "derive", "rename", "drop", "cast", "cross"] as const),
  ...(["date-parts", "text-length", "hash"] as const),
] as const;

const note = z.object({
  step: z.number(),
  column: z.string(),
  what: z.enum(["unseen", "outside", "undefined", "missing"]),
  rows: z.number(),
});
export type Note = z.infer<typeof note>;

export const preparation = z.object({
  rows: z.number(),
  steps: z.array(z.enum(STEPS)),
  notes: z.array(note),
  gone: z.array(z.string()),
  made: z.array(z.string()),
  columns: z.array(described),
});

const replayNote = note.extend({ transform: z.number() });
export type ReplayNote = z.infer<typeof replayNote>;
export const STAGES = ["prepare", "bin", "select"] as const;
const stage = z.object({ kind: z.enum(STAGES), steps: z.array(z.string()) });
export type ReplayStage = z.infer<typeof stage>;

/** What a model did to raw rows before it scored them. */
export const replay = z.object({ rows: z.number(), steps: z.array(stage), notes: z.array(replayNote) });
