/**
 * The plaintext twin: the same bins, plans, quantised sums and choices with everyone's columns in one memory. What the
 * federated training must equal, split for split. For tests, benchmarks and for a guest alone.
 */
import type { Column, Sampling } from "@tombolo/base";
import { binColumns, type ColumnSource } from "./binning.ts";
import { predictionsOf } from "./classes.ts";
import { orderColumns } from "./column-order.ts";
import { type Directions, directionsOf } from "./directions.ts";
import { columnEvaluator } from "./evaluate-split.ts";
import { baseMargin, checkLabels, rowWeights } from "./objective.ts";
import { type BoostingParameters, checkParameters } from "./parameters.ts";
import { partRows, treeColumns } from "./sample.ts";
import { localSite } from "./site.ts";
import { type Boosted, boost, type Hooks } from "./train.ts";

export interface TwinInput extends Hooks {
  /** By party, the guest first. Rows are aligned. */
  readonly columns: readonly ColumnSource[];
  readonly labels: Float64Array;
  /** By row, where `parameters.weighted`. */
  readonly weights?: Float64Array;
  readonly parameters: BoostingParameters;
  readonly sampling: Sampling;
  /** Of the guest's columns. */
  readonly directions?: Directions;
}

export async function trainTwin(input: TwinInput): Promise<Boosted> {
  const { columns, labels, parameters, sampling } = input;
  checkParameters(parameters);
  checkLabels(parameters, labels);
  const weights = rowWeights(parameters, labels, input.weights);
  const parts = partRows(labels.length, parameters, sampling);
  const sites = await Promise.all(
    columns.map(async (own, site) => {
      const binned = await binColumns(own, labels.length, parts.training, parameters);
      const features = await orderColumns(binned, parts.training, sampling);
      return localSite(
        features,
        parameters.minimumRows,
        (tree) => treeColumns(features.length, site, tree, parameters, sampling),
        site === 0 ? directionsOf(features, parameters, input.directions) : undefined,
      );
    }),
  );
  const base = baseMargin(parameters, labels, parts.training, weights);
  return boost({ ...input, weights, base, sites, parts, finished: [] });
}

/** Predictions, as `predictGuest` gives them, by walking the trees over raw columns of all parties. */
export function predictTwin(
  model: Boosted,
  columns: readonly (readonly Column[])[],
  rowCount: number,
  objective: BoostingParameters["objective"],
): Float64Array {
  const margins = Array.from({ length: model.outputs }, () => new Float64Array(rowCount).fill(model.baseMargin));
  model.trees.forEach(({ tree }, t) => {
    const own = margins[t % model.outputs]!;
    const goesLeft = new Map(
      tree.splits.map(({ node, site, split }) => [node, columnEvaluator(split!, columns[site]!)]),
    );
    const weights = new Map(tree.leaves.map(({ node, weight }) => [node, weight]));
    for (let row = 0; row < rowCount; row++) {
      let node = 1;
      for (let left = goesLeft.get(node); left !== undefined; left = goesLeft.get(node))
        node = 2 * node + (left(row) ? 0 : 1);
      own[row]! += weights.get(node)!;
    }
  });
  return predictionsOf({ objective }, margins);
}
