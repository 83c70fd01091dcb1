/** A binning as a report shows it, and what another merge of its fine bins would give: figures as the node computes them. */
import { z } from "zod";

const column = z
  .object({
    party: z.string(),
    id: z.number().int(),
    name: z.string().nullable(),
    ordered: z.boolean(),
    /** Ordinary fine bins; special and missing ones come after them. */
    ordinary: z.number().int(),
    /** Whether the last fine bin is of missing values alone. */
    missing: z.boolean(),
    /** Of fine bins; null: another party's. */
    fineNames: z.array(z.string()).nullable(),
    rows: z.array(z.number()).min(1),
    /** Rows with label 1; null: the label is another party's. */
    ones: z.array(z.number()).nullable(),
    groups: z.array(z.number().int()),
    /** Of merged bins; null: not told here. */
    woe: z.array(z.number()).nullable(),
    figures: z.object({ iv: z.number(), ks: z.number(), gini: z.number() }).nullable(),
  })
  .refine(({ rows, groups, ones }) => groups.length === rows.length && (ones?.length ?? rows.length) === rows.length);
export type BinnedColumn = z.infer<typeof column>;

export const binning = z.object({
  mode: z.enum(["host-learns-woe", "shared"]),
  smoothing: z.number(),
  minimumEvents: z.number(),
  positive: z.string().nullable(),
  columns: z.array(column),
});
export type Binning = z.infer<typeof binning>;

export interface MergedBin {
  /** Fine bins in it. */
  readonly bins: readonly number[];
  readonly rows: number;
  /** Null at a party without the label. */
  readonly ones: number | null;
  readonly woe: number | null;
  readonly iv: number | null;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** In order of their numbers. */
export function mergedBins(of: BinnedColumn, groups: readonly number[], smoothing: number): MergedBin[] {
  const members = Array.from({ length: Math.max(...groups) + 1 }, (_, group) =>
    groups.flatMap((each, bin) => (each === group ? [bin] : [])),
  );
  const total = (values: readonly number[], bins: readonly number[]): number => sum(bins.map((bin) => values[bin]!));
  const { rows, ones } = of;
  if (ones === null)
    return members.map((bins, i) => ({
      bins,
      rows: total(rows, bins),
      ones: null,
      woe: of.woe?.[i] ?? null,
      iv: null,
    }));
  const [allOnes, allRows] = [sum(ones), sum(rows)];
  return members.map((bins) => {
    const [inOnes, inRows] = [total(ones, bins), total(rows, bins)];
    const p = (inOnes + smoothing) / (allOnes + smoothing * members.length);
    const q = (inRows - inOnes + smoothing) / (allRows - allOnes + smoothing * members.length);
    const woe = Math.log(p / q);
    return { bins, rows: inRows, ones: inOnes, woe, iv: (p - q) * woe };
  });
}

export const informationOf = (bins: readonly MergedBin[]): number => sum(bins.map(({ iv }) => iv ?? 0));

/** Bins that hold fewer rows of a label than are allowed; one bin alone may. */
export const poorBins = (bins: readonly MergedBin[], least: number): MergedBin[] =>
  bins.length === 1 ? [] : bins.filter(({ ones, rows }) => ones !== null && Math.min(ones, rows - ones) < least);

/** Merged bins numbered from 0 in order of their first fine bins. */
export function renumbered(groups: readonly number[]): number[] {
  const places = new Map<number, number>();
  return groups.map((group) => {
    if (!places.has(group)) places.set(group, places.size);
    return places.get(group)!;
  });
}

/** Of ordinary bins in order: whether a merged bin ends before `bin`. */
export const isCut = (groups: readonly number[], bin: number): boolean => groups[bin] !== groups[bin - 1];

/** Cuts before `bin`, or joins the merged bins that meet there. */
export function withCut(groups: readonly number[], bin: number, ordinary: number): number[] {
  const [here, before] = [groups[bin]!, groups[bin - 1]!];
  const fresh = Math.max(...groups) + 1;
  if (here !== before) return renumbered(groups.map((group) => (group === here ? before : group)));
  return renumbered(groups.map((group, i) => (group === here && i >= bin && i < ordinary ? fresh : group)));
}

/** One fine bin to another merged bin; null: to one of its own. */
export const moved = (groups: readonly number[], bin: number, to: number | null): number[] =>
  renumbered(groups.map((group, i) => (i === bin ? (to ?? Math.max(...groups) + 1) : group)));

/** "[1, 2)" and "[2, 5)" are "[1, 5)". */
export function rangeName(first: string, last: string): string {
  const [from, to] = [first.indexOf(","), last.indexOf(",")];
  return from < 0 || to < 0 ? `${first} – ${last}` : first.slice(0, from) + last.slice(to);
}

export interface EditedColumn {
  readonly party: string;
  readonly column: number;
  readonly groups: readonly number[];
}

/** The flow that leaves the edited version, as text. */
export const editFlow = (
  name: string,
  model: string,
  parties: readonly { readonly party: string; readonly role: string }[],
  merges: readonly EditedColumn[],
): string =>
  JSON.stringify(
    {
      version: "1",
      name,
      parties: parties.map(({ party, role }) => ({ party, role })),
      tasks: { edit: { component: "bin-edit", inputs: { model: `model:${model}` }, parameters: { merges } } },
    },
    null,
    2,
  );
