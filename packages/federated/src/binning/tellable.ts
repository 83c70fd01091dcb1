/** What merges of the same fine bins tell, alone and together. */
import { TomboloError } from "@tombolo/base";
import { type BinCounts, mergedCounts } from "./woe.ts";

/** Throws `input.merges` unless each merged bin has `events` ones and zeros, or there is but one. */
export function requireTellable(counts: BinCounts, groups: readonly number[], events: number): void {
  const { rows, ones } = mergedCounts(counts, groups);
  if (rows.length === 1) return;
  if (rows.every((count, cell) => ones[cell]! >= events && count - ones[cell]! >= events)) return;
  throw new TomboloError("input.merges", "a merged bin would have too few rows of a label", {
    remedy: `Merge further: at least ${events} rows of either label stay together.`,
  });
}

/**
 * Who knows the sums of several merges knows those of sets of fine bins that are in none of them: of [0, 20) and [0, 30) that of
 * [20, 30). So fine bins are put into cells that every merge which is ever told keeps together, also of versions that know nothing of
 * each other: whatever is known by adding and subtracting is then of whole cells, each of which holds `events` ones and zeros. The cells
 * follow from the counts and from what was told first, so all versions of a binning have the same: within what all told merges keep together,
 * bins in their order, a cell ends as soon as it holds enough.
 */
export function cellsOf(counts: BinCounts, told: readonly (readonly number[])[], events: number): number[] {
  const kept = refined(told);
  const cells = new Array<number>(kept.length);
  let count = 0;
  for (let group = 0; group <= Math.max(...kept); group++) {
    const bins = [...kept.keys()].filter((bin) => kept[bin] === group);
    const ends = endsOf(counts, bins, events);
    let end = 0;
    bins.forEach((bin, i) => {
      cells[bin] = count + end;
      if (i === ends[end] && end < ends.length - 1) end += 1;
    });
    count += ends.length;
  }
  return refined([cells]);
}

/** Places in `bins` of each cell's last bin; what is left after the last full one belongs to it. */
function endsOf({ rows, ones }: BinCounts, bins: readonly number[], events: number): number[] {
  const ends: number[] = [];
  let [positive, negative] = [0, 0];
  bins.forEach((bin, i) => {
    positive += ones[bin]!;
    negative += rows[bin]! - ones[bin]!;
    if (positive < events || negative < events) return;
    ends.push(i);
    [positive, negative] = [0, 0];
  });
  return [...ends.slice(0, -1), bins.length - 1];
}

/** Throws `input.merges` where a merge takes a cell apart. */
export function requireWhole(groups: readonly number[], cells: readonly number[]): void {
  const apart = cells.findIndex((cell, bin) => groups[bin] !== groups[cells.indexOf(cell)]);
  if (apart < 0) return;
  const together = cells.flatMap((cell, bin) => (cell === cells[apart] ? [bin + 1] : []));
  throw new TomboloError(
    "input.merges",
    "together with other merges of these bins, this one would tell of too few rows",
    {
      remedy: `Keep the fine bins ${together.join(", ")} of the column together.`,
      detail: { bins: together },
    },
  );
}

/** Of each bin the number of its group: bins are together that are so in every merge. */
function refined(merges: readonly (readonly number[])[]): number[] {
  const groups = new Map<string, number>();
  return merges[0]!.map((_, bin) => {
    const key = merges.map((merge) => merge[bin]).join(" ");
    if (!groups.has(key)) groups.set(key, groups.size);
    return groups.get(key)!;
  });
}
