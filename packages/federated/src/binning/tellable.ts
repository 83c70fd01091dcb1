/** What several merges of the same fine bins tell together. */
import { TomboloError } from "@tombolo/base";
import { type BinCounts, mergedCounts } from "./woe.ts";

/**
 * Who knows the sums of several merges knows those of sets of fine bins that are in none of them: of [0, 20) and [0, 30) that of
 * [20, 30). Each such set is made of cells of all merges' common refinement, bins that every merge keeps together. So every cell
 * is to hold `events` ones and zeros, unless all merges have one bin. Throws `input.merges`.
 */
export function requireTellable(counts: BinCounts, merges: readonly (readonly number[])[], events: number): void {
  const cells = refined(merges);
  const { rows, ones } = mergedCounts(counts, cells);
  if (rows.length === 1) return;
  if (rows.every((count, cell) => ones[cell]! >= events && count - ones[cell]! >= events)) return;
  throw new TomboloError(
    "input.merges",
    merges.length > 1
      ? "merges, together with those before, would tell of a bin with too few rows of a label"
      : "a merged bin would have too few rows of a label",
    { remedy: `Merge further: at least ${events} rows of either label stay together.` },
  );
}

/** Of each bin the number of its cell: bins are together that are so in every merge. */
function refined(merges: readonly (readonly number[])[]): number[] {
  const cells = new Map<string, number>();
  return merges[0]!.map((_, bin) => {
    const key = merges.map((groups) => groups[bin]).join(" ");
    if (!cells.has(key)) cells.set(key, cells.size);
    return cells.get(key)!;
  });
}
