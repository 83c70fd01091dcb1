/** The boosting loop, shared by the plaintext twin and the federated guest. */
import { discard, type Sampling } from "@tombolo/base";
import { guestOnly, indicator, logProbabilities, outputsOf, treesMax } from "./classes.ts";
import { badness, type Evaluation, evaluate } from "./evaluate.ts";
import { lossOf } from "./losses.ts";
import { median } from "./median.ts";
import { type RowLeaves, rowLeaves } from "./model.ts";
import { fewBitGradients, type GradientInput, gradientsAt, leafWeight, scoringOf } from "./objective.ts";
import type { BoostingParameters } from "./parameters.ts";
import { Partition } from "./partition.ts";
import { flags, gossRows, type RowParts, treeRows } from "./sample.ts";
import type { Site } from "./site.ts";
import { type GrownTree, type GrowOptions, growTree, sumOf } from "./tree.ts";

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
  readonly leaves: RowLeaves;
}

export interface BoostJob extends Hooks {
  readonly sites: readonly Site[];
  readonly labels: Float64Array;
  /** What each row counts; null where all count alike. */
  readonly weights: Float64Array | null;
  readonly parts: RowParts;
  readonly parameters: BoostingParameters;
  readonly sampling: Sampling;
  /** The margin before the first tree. */
  readonly base: number;
  /** Trees finished in an earlier attempt. */
  readonly finished: readonly FinishedTree[];
  /** Called before the gradients of a tree are used. */
  readonly beforeTree?: (tree: number) => Promise<void>;
  readonly afterTree?: (finished: FinishedTree) => Promise<void>;
}

export interface Boosted {
  readonly baseMargin: number;
  /** Margins a row has; tree t moves number t modulo this many. */
  readonly outputs: number;
  /** Up to the best one if training stopped early. */
  readonly trees: readonly FinishedTree[];
  readonly evaluations: readonly Evaluation[];
}

export async function boost(job: BoostJob): Promise<Boosted> {
  const state = new Margins(job, job.base);
  for (const finished of job.finished) state.add(finished);
  while (!state.ended()) {
    job.signal?.throwIfAborted();
    const tree = state.trees.length;
    await job.beforeTree?.(tree);
    const finished = await nextTree(job, tree, state.target());
    state.add(finished);
    await job.afterTree?.(finished);
  }
  const trees = state.trees.slice(0, state.best());
  return { baseMargin: state.base, outputs: state.outputs, trees, evaluations: state.evaluations };
}

/** Margins of some rows by the trees kept, of a model with one output. */
export function marginsOf({ baseMargin, trees }: Boosted, rows: Int32Array): Float64Array {
  const margins = new Float64Array(rows.length).fill(baseMargin);
  for (const { tree, leaves } of trees) {
    const weights = weightsOf(tree);
    rows.forEach((row, i) => {
      margins[i]! += weights[leaves[row]!]!;
    });
  }
  return margins;
}

type Target = Pick<GradientInput, "labels" | "margins">;

async function nextTree(job: BoostJob, tree: number, target: Target): Promise<FinishedTree> {
  const { labels, parameters } = job;
  const sites = guestOnly(parameters, tree) ? job.sites.slice(0, 1) : job.sites;
  const { rows, weights } = rowsOf(job, tree, target, sites.length === 1);
  const input = { parameters, ...target, rows, weights };
  const gradients =
    parameters.gradientBits === null
      ? gradientsAt(input)
      : fewBitGradients(input, job.sampling.fork(`boosting/tree/${tree}/rounding`));
  const partition = new Partition(flags(labels.length, rows));
  await Promise.all(sites.map((site) => site.startTree(tree, gradients, rows)));
  const grown = await growTree(sites, partition, gradients, {
    depth: parameters.depth,
    minimumRows: parameters.minimumRows,
    maxLeaves: parameters.maxLeaves,
    scoring: scoringOf(parameters, gradients),
    ...weighing(input),
    onLevel: (level) => {
      job.signal?.throwIfAborted();
      job.onProgress?.({ stage: "grow", tree, level, done: tree, total: treesMax(parameters) });
    },
  });
  discard(gradients.g, gradients.h);
  return { tree: grown, leaves: leavesOf(grown, partition, labels.length) };
}

function leavesOf({ leaves }: GrownTree, partition: Partition, rowCount: number): RowLeaves {
  const of = rowLeaves(leaves, rowCount);
  for (const { node } of leaves) {
    const rows = partition.rows(node);
    for (let i = 0; i < rows.length; i++) of[rows[i]!] = node;
  }
  return of;
}

/** By node, dense: looked up for each row. */
function weightsOf({ leaves }: GrownTree): Float64Array {
  const weights = new Float64Array(1 + Math.max(...leaves.map(({ node }) => node)));
  for (const { node, weight } of leaves) weights[node] = weight;
  return weights;
}

/** Leaves whose weights their sums do not give: medians, and those of gradients in few bits, from all bits of their rows. */
function weighing(input: GradientInput): Pick<GrowOptions, "weightOf"> {
  const { parameters, weights } = input;
  if (lossOf(parameters).medianLeaves) return { weightOf: medianLeaf(parameters, input, weights) };
  if (parameters.gradientBits === null) return {};
  const whole = gradientsAt({ ...input, parameters: { ...parameters, gradientBits: null } });
  const scoring = scoringOf(parameters, whole);
  return {
    weightOf(rows, bounds) {
      const { g, h } = sumOf(rows, whole);
      return leafWeight(g, h, scoring, bounds);
    },
  };
}

/** The rows that count in a tree, and what they count. */
function rowsOf(
  { parts, parameters, sampling, weights }: BoostJob,
  tree: number,
  { labels, margins }: Target,
  alone: boolean,
): Pick<GradientInput, "rows" | "weights"> {
  const { goss } = parameters;
  if (goss === null || !alone) return { rows: treeRows(parts.training, tree, parameters, sampling), weights };
  const loss = lossOf(parameters);
  const size = (row: number): number => Math.abs(loss.gradient(labels[row]!, margins[row]!)) * (weights?.[row] ?? 1);
  const { rows, others, amplify } = gossRows(parts.training, size, goss, sampling.fork(`boosting/tree/${tree}/rows`));
  const amplified = weights?.slice() ?? new Float64Array(labels.length).fill(1);
  for (const row of others) amplified[row]! *= amplify;
  return { rows, weights: amplified };
}

/** What a leaf with these rows adds where the loss is least at a median: of what they lack. */
function medianLeaf(
  parameters: BoostingParameters,
  { labels, margins }: Target,
  weights: Float64Array | null,
): (rows: Int32Array) => number {
  const lacking = labels.map((label, row) => label - margins[row]!);
  const rate = parameters.forest ? 1 / parameters.trees : parameters.learningRate;
  return (rows) => rate * median(lacking, rows, weights);
}

/** The margins of every row, moved round by round in order, so that resuming gives the same doubles. */
class Margins {
  readonly trees: FinishedTree[] = [];
  readonly evaluations: Evaluation[] = [];
  /** Of each class, or one alone; as they were when the round began. */
  readonly margins: readonly Float64Array[];
  readonly base: number;
  readonly outputs: number;
  private readonly job: BoostJob;
  /** Of the round under way: log p by class. */
  private logs: readonly Float64Array[] | undefined;

  constructor(job: BoostJob, base: number) {
    this.job = job;
    this.base = base;
    this.outputs = outputsOf(job.parameters);
    this.margins = Array.from({ length: this.outputs }, () => new Float64Array(job.labels.length).fill(base));
  }

  /** What the next tree is to come closer to: from the margins so far, or in a forest from the first. */
  target(): Target {
    const { labels, parameters } = this.job;
    const from = parameters.forest ? this.margins.map((own) => own.map(() => this.base)) : this.margins;
    if (this.outputs === 1) return { labels, margins: from[0]! };
    this.logs ??= logProbabilities(from);
    const output = this.trees.length % this.outputs;
    return { labels: indicator(labels, output), margins: this.logs[output]! };
  }

  add(finished: FinishedTree): void {
    this.trees.push(finished);
    if (this.trees.length % this.outputs === 0) this.endRound();
  }

  private endRound(): void {
    this.trees.slice(-this.outputs).forEach(({ tree, leaves }, output) => {
      const weights = weightsOf(tree);
      const own = this.margins[output]!;
      for (let row = 0; row < own.length; row++) own[row]! += weights[leaves[row]!]!;
    });
    this.logs = undefined;
    const { parameters, labels, parts } = this.job;
    const evaluation = evaluate(parameters, labels, this.shown(), parts, this.trees.length);
    this.evaluations.push(evaluation);
    this.job.onEvaluation?.(evaluation);
  }

  /** A forest's trees each weigh their share of all of them, and stand for all until the others are there. */
  private shown(): readonly Float64Array[] {
    const { parameters } = this.job;
    if (!parameters.forest) return this.margins;
    const scale = treesMax(parameters) / this.trees.length;
    return this.margins.map((own) => own.map((margin) => this.base + scale * (margin - this.base)));
  }

  /** How many trees to keep. */
  best(): number {
    return this.job.parameters.earlyStopping === null ? this.trees.length : this.bestRound() * this.outputs;
  }

  private bestRound(): number {
    const { parameters } = this.job;
    const figures = this.evaluations.map((evaluation) => badness(evaluation, parameters));
    return figures.length === 0 ? 0 : figures.indexOf(Math.min(...figures)) + 1;
  }

  ended(): boolean {
    const { parameters } = this.job;
    if (this.trees.length >= treesMax(parameters)) return true;
    const rounds = this.evaluations.length;
    if (parameters.earlyStopping === null || rounds === 0) return false;
    return rounds - this.bestRound() >= parameters.earlyStopping.rounds;
  }
}
