/**
 * The bins that a bin task fixed, on other rows: each party's own, with the weights that it knows. What rows hold that the bins
 * were not fixed on is counted and reported.
 */
import { TomboloError } from "@tombolo/base";
import { storedBinning } from "@tombolo/federated/binning";
import type { StepNote } from "@tombolo/federated/features";
import { binnedNames, fittedBins } from "../bin/transform.ts";
import type { TaskTable } from "../component.ts";
import { applying } from "../pipeline/applying.ts";
import { openTransform } from "../pipeline/kinds.ts";
import type { FittedTransform } from "../pipeline/pipeline.ts";
import { withFeatures } from "../pipeline/with-features.ts";

export const binApply = applying({
  name: "bin-apply",
  version: "1.0.0",
  title: { en: "Apply bins", zh: "应用分箱" },
  summary: {
    en: "Puts other rows into the bins that a bin task fixed, with the weights that each party knows.",
    zh: "把其他行归入分箱任务定下的箱，并换成各方已知的 WOE。",
  },
  holds: "binning",
  why: {
    en: "that a binned column of its party is missing or of another kind than when its bins were fixed, or that the rows are binned already",
    zh: "某方的分箱列缺失或类型与定箱时不同，或这些行已经分过箱",
  },
  inOrder: true,
  stored: (value) => fittedBins(storedBinning(value)),
  apply(data, fitted) {
    requireUnbinned(data, fitted);
    const fit = openTransform(fitted.kind, fitted.part);
    const notes: StepNote[] = [];
    const { done } = withFeatures(data, (features) => ({ table: fit.apply(features, (note) => notes.push(note)) }));
    return {
      done,
      report: {
        kind: "replay",
        title: { en: "Bins applied", zh: "应用分箱" },
        data: {
          rows: data.rowCount,
          steps: [{ kind: fitted.kind, steps: fit.steps }],
          notes: notes.map((note) => ({ ...note, transform: 1 })),
        },
      },
    };
  },
});

/** Other versions of the bins count, too: a column of weights would go through edges of the values that they stand for. */
function requireUnbinned({ pipeline = [] }: TaskTable, fitted: FittedTransform): void {
  const names = new Set(binnedNames(fitted));
  const twice = pipeline.filter(({ kind }) => kind === fitted.kind).flatMap(binnedNames);
  const column = twice.find((name) => names.has(name));
  if (column === undefined) return;
  throw new TomboloError("input.pipeline", "a column is in bins already, by this or another version of them", {
    remedy: "Apply the bins to rows as they were before the bin task.",
    detail: { column },
  });
}
