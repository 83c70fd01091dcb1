/** What a service needs to know of a model, whatever kind it is: the guest's part, and what hosts' answers make of a row. */
import type { BinnedColumn, HostAnswer, UsedColumn } from "@tombolo/federated/vertical/serving";
import type { Pipeline } from "../pipeline/pipeline.ts";

export interface ServedModel {
  /** In the order in which answers stand. */
  readonly hosts: readonly string[];
  /** The guest's own, as the model looks at them. */
  readonly columns: readonly UsedColumn[];
  /** What its training rows went through, which rows of each call do too. */
  readonly pipeline: Pipeline;
  readonly watched: readonly BinnedColumn[];
  /** Names of several classes. */
  readonly classes?: readonly string[];
  /** Rows of a batch, with the answers of all hosts. */
  batch(answers: readonly HostAnswer[]): ServedBatch;
}

/** Rows by their place in the batch; their own values begin at `at`. */
export interface ServedBatch {
  /** Of several classes the probability of each, in the order of the model's. */
  score(row: number, values: Float64Array, at: number): number | readonly number[];
  steps(row: number, values: Float64Array, at: number): Iterable<Step>;
}

/** What moved the linear predictor, or the margin, of a row. Steps of the same feature add up. */
export interface Step {
  /** `OWN_STEP`, or the host by its number. */
  readonly owner: number;
  /** An own column by name, a host's by an anonymous number. */
  readonly feature: string | number;
  readonly contribution: number;
}

export const OWN_STEP = -1;
