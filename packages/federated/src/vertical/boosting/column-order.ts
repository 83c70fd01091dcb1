/**
 * The order in which a party's columns stand: a tree's share of them is drawn from it (`colsample`), and of candidates that gain the same
 * the column that comes first is taken.
 *
 * The draw is public, and so are the columns' names and places, in the consent. Were it made from the places, the guest
 * could see under which trees a host's anonymous column number never appears, and name the column after a few trees; and
 * a guest that calls columns equal that are not would be told by the answers which place is before which. So
 * each party first orders its columns by SHA-256(key, name), with a key made from its own bins and how many training
 * rows each holds, and from the seed: the same data and seed give the same trees in every run and attempt, and whoever
 * cannot guess the party's table sees a random order (as in components/split).
 */
import type { Sampling } from "@tombolo/base";
import { sha256Hex } from "./agreement.ts";
import type { Feature } from "./binning.ts";
import { binOffsets, countBins } from "./histogram.ts";

const LABELS = { key: "tombolo/boosting/columns/1/key", rank: "tombolo/boosting/columns/1/rank" } as const;

export async function orderColumns(
  features: readonly Feature[],
  training: Int32Array,
  sampling: Sampling,
): Promise<Feature[]> {
  const offsets = binOffsets(features);
  const counts = countBins(features, offsets, training);
  const contents = features.map((feature, f) => [
    feature.name,
    feature.kind === "numeric" ? feature.cuts.map(String) : feature.members.map((names) => [...names]),
    Array.from(counts.subarray(offsets[f]!, offsets[f + 1]!)),
  ]);
  const key = await sha256Hex([LABELS.key, contents, sampling.fork("boosting/columns").next()]);
  const ranked = await Promise.all(
    features.map(async (feature) => ({ feature, rank: await sha256Hex([LABELS.rank, key, feature.name]) })),
  );
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ feature }) => feature);
}
