/** The boosting loop, shared by the plaintext twin and the federated guest. */
import type { Sampling } from "@tombolo/base";
import { type Evaluation, evaluate } from "./evaluate.ts";
import { baseMargin, type Gradients, gradientsAt, type Scoring } from "./objective.ts";
import type { BoostingParameters } from "./parameters.ts";
import { Partition } from "./partition.ts";
import { flags, type RowParts, treeRows } from "./sample.ts";
import type { Site } from "./site.ts";
import { type GrownTree, growTree } from "./tree.ts";

export interface Progress {
  readonly stage: "prepare" | "encrypt" | "grow" | "finish";
  readonly tree: number;
  readonly level: number;
  /** Trees finished, of `total` at most. */
  readonly done: number;
  readonly total: number;
}

export interface Hooks {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly onEvaluation?: ((evaluation: Evaluation) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A finished tree and the leaf of every row in it. */
export interface FinishedTree {
  readonly tree: GrownTree;
  readonly leaves: Uint16Array;
}

export interface BoostJob extends Hooks {
  readonly sites: readonly Site[];
  readonly labels: Float64Array;
  readonly parts: RowParts;
  readonly parameters: BoostingParameters;
  readonly sampling: Sampling;
  /** Trees finished in an earlier attempt. */
  readonly finished: readonly FinishedTree[];
  /** Called before the gradients of a tree are used. */
  readonly beforeTree?: (tree: number) => Promise<void>;
  readonly afterTree?: (finished: FinishedTree) => Promise<void>;
}

export interface Boosted {
  readonly baseMargin: number;
  /** Up to the best one if training stopped early. */
  readonly trees: readonly FinishedTree[];
  readonly evaluations: readonly Evaluation[];
}

export async function boost(job: BoostJob): Promise<Boosted> {
  const { labels, parameters, parts } = job;
  const state = new Margins(job, baseMargin(parameters, labels, parts.training));
  for (const finished of job.finished) state.add(finished);
  while (!state.ended()) {
    job.signal?.throwIfAborted();
    const tree = state.trees.length;
    await job.beforeTree?.(tree);
    const finished = await nextTree(job, tree, state.margins);
    state.add(finished);
    await job.afterTree?.(finished);
  }
  const trees = state.trees.slice(0, state.best());
  return { baseMargin: state.base, trees, evaluations: state.evaluations };
}

async function nextTree(job: BoostJob, tree: number, margins: Float64Array): Promise<FinishedTree> {
  const { labels, parameters, sites } = job;
  const rows = treeRows(job.parts.training, tree, parameters, job.sampling);
  const gradients = gradientsAt(parameters.objective, labels, margins, rows);
  const partition = new Partition(flags(labels.length, rows));
  await Promise.all(sites.map((site) => site.startTree(tree, gradients, rows)));
  const grown = await growTree(sites, partition, gradients, {
    depth: parameters.depth,
    minimumRows: parameters.minimumRows,
    scoring: scoringOf(parameters, gradients),
    onLevel: (level) => {
      job.signal?.throwIfAborted();
      job.onProgress?.({ stage: "grow", tree, level, done: tree, total: parameters.trees });
    },
  });
  const leaves = new Uint16Array(labels.length);
  for (const { node } of grown.leaves) for (const row of partition.rows(node)) leaves[row] = node;
  return { tree: grown, leaves };
}

const scoringOf = (parameters: BoostingParameters, { gScale, hScale }: Gradients): Scoring => ({
  lambda: parameters.lambda,
  alpha: parameters.alpha,
  gamma: parameters.gamma,
  minChildWeight: parameters.minChildWeight,
  learningRate: parameters.learningRate,
  gScale,
  hScale,
});

/** The margin of every row, moved tree by tree in order, so that resuming gives the same doubles. */
class Margins {
  readonly trees: FinishedTree[] = [];
  readonly evaluations: Evaluation[] = [];
  readonly margins: Float64Array;
  readonly base: number;
  private readonly job: BoostJob;

  constructor(job: BoostJob, base: number) {
    this.job = job;
    this.base = base;
    this.margins = new Float64Array(job.labels.length).fill(base);
  }

  add(finished: FinishedTree): void {
    const weights = new Map(finished.tree.leaves.map(({ node, weight }) => [node, weight]));
    for (let row = 0; row < this.margins.length; row++) this.margins[row]! += weights.get(finished.leaves[row]!)!;
    this.trees.push(finished);
    const { parameters, labels, parts } = this.job;
    const evaluation = evaluate(parameters.objective, labels, this.margins, parts, this.trees.length);
    this.evaluations.push(evaluation);
    this.job.onEvaluation?.(evaluation);
  }

  /** How many trees to keep. */
  best(): number {
    if (this.job.parameters.earlyStopping === null) return this.trees.length;
    let best = 0;
    this.evaluations.forEach(({ validation }, i) => {
      if (validation!.loss < this.evaluations[best]!.validation!.loss) best = i;
    });
    return Math.min(best + 1, this.trees.length);
  }

  ended(): boolean {
    const { trees, earlyStopping } = this.job.parameters;
    if (this.trees.length >= trees) return true;
    return earlyStopping !== null && this.trees.length - this.best() >= earlyStopping.rounds && this.trees.length > 0;
  }
}
