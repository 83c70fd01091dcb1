/** Boosted trees as a service has them. */
import { TomboloError } from "@tombolo/base";
import {
  binnedColumns,
  type FlatGuest,
  flatGuest,
  type GuestModel,
  LEAF,
  leafOf,
  marginOf,
  OWN,
  placeRow,
  type RowBits,
  rowBits,
  scoreOf,
} from "@tombolo/federated/vertical/boosting";
import type { StoredModel } from "../boosting-train/model.ts";
import { OWN_STEP, type ServedModel, type Step } from "../score-service/served-model.ts";

/** A service's answers, bands and policies are about one score. */
export function requireOneScore({ classes }: GuestModel): void {
  if (classes === undefined) return;
  throw new TomboloError("input.model", "a model of several classes is not served", {
    remedy: "Score tables with boosting-predict, or train a yes-or-no model of each class that matters.",
  });
}

/** Throws `input.model` for a model of several classes. */
export function servedTrees({ part: model, pipeline = [] }: StoredModel<GuestModel>): ServedModel {
  requireOneScore(model);
  const guest = flatGuest(model);
  return {
    hosts: model.hosts,
    columns: guest.splits.columns,
    pipeline,
    watched: binnedColumns(guest.splits),
    batch(answers) {
      const place = rowBits(answers);
      const rowAt = (row: number): RowBits => {
        placeRow(place, answers, row);
        return place;
      };
      return {
        score: (row, values, at) => scoreOf(guest, marginOf(guest, values, at, rowAt(row))),
        steps: (row, values, at) => stepsOf(guest, values, at, rowAt(row)),
      };
    },
  };
}

/**
 * What each feature moved the margin by: along the row's path, the step from the mean weight below a split to that below
 * the branch taken (Saabas's decomposition, with leaves that count alike). The steps and the means of the roots add up
 * to the margin.
 */
function* stepsOf(guest: FlatGuest, values: Float64Array, at: number, row: RowBits): Iterable<Step> {
  for (const root of guest.roots) {
    const leaf = leafOf(guest, root, values, at, row);
    // Nodes of a tree stand in order, the left branch before the right: the leaf tells the way.
    for (let node = root; guest.owner[node] !== LEAF; ) {
      const next = leaf < guest.right[node]! ? guest.left[node]! : guest.right[node]!;
      const own = guest.owner[node] === OWN;
      yield {
        owner: own ? OWN_STEP : guest.owner[node]!,
        feature: own ? guest.splits.columns[guest.splits.column[guest.split[node]!]!]!.name : guest.feature[node]!,
        contribution: guest.weight[next]! - guest.weight[node]!,
      };
      node = next;
    }
  }
}
