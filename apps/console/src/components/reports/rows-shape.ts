/** What split, sample, filter and union say of rows: how many there were, how many there are, and of which labels. */
import { z } from "zod";

const count = z.number().int().min(0);
const byLabel = z
  .array(z.object({ label: z.string().nullable(), rows: count, chosen: count }))
  .nullable()
  .default(null);
/** Absent in reports of earlier versions. */
const labels = { label: z.string().nullable().default(null), byLabel };

export const rowChoice = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("split"), rows: count, test: count, unused: count.default(0), ...labels }),
  z.object({ kind: z.literal("union"), rows: count, more: count, ...labels }),
  z.object({
    kind: z.literal("sample"),
    method: z.enum(["share", "under", "over"]),
    rows: count,
    kept: count,
    repeated: count,
    ...labels,
  }),
  z.object({
    kind: z.literal("filter"),
    rows: count,
    kept: count,
    undefinedRows: count,
    condition: z.string().nullable().default(null),
    meeting: z.record(z.string(), count).default({}),
    ...labels,
  }),
]);
export type RowChoice = z.infer<typeof rowChoice>;
type Words = "before" | "after" | "training" | "testing" | "first" | "second";

export interface LabelShares {
  readonly name: string | null;
  /** Rows and their share among all labels, on both sides of what was done. */
  readonly sides: readonly [Side, Side];
}
interface Side {
  readonly rows: number;
  readonly share: number;
}

/** What the two sides are called: before and after, or two parts beside each other. */
export const sidesOf = ({ kind }: RowChoice): readonly [Words, Words] =>
  kind === "split" ? ["training", "testing"] : kind === "union" ? ["first", "second"] : ["before", "after"];

/** Null where there is no label here, or too many. */
export function labelShares(report: RowChoice): LabelShares[] | null {
  const { byLabel } = report;
  if (byLabel === null) return null;
  const isParts = report.kind === "split" || report.kind === "union";
  const counted = byLabel.map(({ label, rows, chosen }) => ({
    name: label,
    counts: [isParts ? rows - chosen : rows, chosen] as const,
  }));
  const totals = [0, 1].map((side) => counted.reduce((sum, { counts }) => sum + counts[side]!, 0));
  const sideOf = (counts: readonly [number, number], side: 0 | 1): Side => ({
    rows: counts[side],
    share: counts[side] / Math.max(1, totals[side]!),
  });
  return counted.map(({ name, counts }) => ({ name, sides: [sideOf(counts, 0), sideOf(counts, 1)] }));
}
