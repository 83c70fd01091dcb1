/** What a selection says of each column. */
import { z } from "zod";

const RULES = [
  ...(["manual", "missing", "unique", "commonest", "variance", "stability", "information-min"] as const),
  ...(["information-max", "importance", "p-value", "permutation", "correlation", "inflation", "stepwise"] as const),
] as const;
const rule = z.enum(RULES);
export type SelectionRule = z.infer<typeof rule>;

const FIGURES = [
  ...(["missing", "unique", "commonest", "variance", "stability", "information"] as const),
  ...(["importance", "p-value", "permutation"] as const),
] as const;
export type SelectionFigure = (typeof FIGURES)[number];

const fell = z.object({
  rule,
  value: z.number().nullable(),
  limit: z.number().nullable(),
  with: z.string().nullable(),
});

export const selection = z.object({
  party: z.string(),
  rows: z.number(),
  kept: z.number(),
  columns: z.array(
    z.object({
      name: z.string(),
      figures: z.partialRecord(z.enum(FIGURES), z.number().nullable()),
      fell: fell.nullable(),
      spared: z.array(rule),
    }),
  ),
  partners: z.array(
    z.object({
      party: z.string(),
      number: z.number(),
      name: z.string().nullable(),
      figure: z.enum(["information", "importance"]),
      value: z.number(),
      rule: rule.nullable(),
    }),
  ),
  alike: z.array(
    z.object({
      party: z.string(),
      number: z.number(),
      rule,
      value: z.number().nullable(),
      with: z.string().nullable(),
    }),
  ),
  steps: z
    .object({
      rows: z.number(),
      steps: z.array(
        z.object({
          action: z.enum(["start", "enter", "leave"]),
          column: z.string().nullable(),
          criterion: z.number().nullable(),
        }),
      ),
    })
    .nullable(),
});
export type Selection = z.infer<typeof selection>;
export type SelectedColumn = Selection["columns"][number];

/** Figures that any column has, in order. */
export const figuresOf = ({ columns }: Selection): SelectionFigure[] =>
  FIGURES.filter((figure) => columns.some(({ figures }) => typeof figures[figure] === "number"));

/** How many columns each rule let fall, most first. */
export function fallenBy({ columns }: Selection): { readonly rule: SelectionRule; readonly count: number }[] {
  const counts = Map.groupBy(
    columns.flatMap((column) => column.fell?.rule ?? []),
    (each) => each,
  );
  return [...counts].map(([each, all]) => ({ rule: each, count: all.length })).sort((a, b) => b.count - a.count);
}
