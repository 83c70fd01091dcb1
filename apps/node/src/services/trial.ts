/** What a deployment on trial does, step by step, held against the champion beside it. Counts only, never an id. */
import type { ScoreAnswer } from "@tombolo/sdk";
import type { ScoreReference, TrialCounts } from "../store/tables/services.ts";
import {
  addCounts,
  binOf,
  LATENCY_EDGES_MS,
  quantileOf,
  ROWS_FOR_STABILITY,
  scoreEdges,
  stabilityIndex,
  sum,
  zeros,
} from "./figures.ts";
import type { StepFigures } from "./roll-out.ts";

/** As the model's own answer does not fail because of it, its partners' absence is counted apart. */
const ALONE = new Set(["missing-host", "time-out"]);
const FAULTS = /^(transport|resource|protocol)\./;

const nothing = { calls: 0, refused: 0, rows: 0, alone: 0 };

/** `champion`: what its scores are held against; theirs are counted by the same bins. */
export function emptyTrial(champion: ScoreReference | null): TrialCounts {
  const edges = champion?.edges ?? scoreEdges([]);
  const [scores, rival] = [zeros(edges.length + 1), zeros(edges.length + 1)];
  return {
    edges,
    before: champion?.counts ?? null,
    rival,
    ...nothing,
    latency: zeros(LATENCY_EDGES_MS.length + 1),
    scores,
  };
}

/** The next step counts anew; what the champion scored goes on: it may have few callers left. */
export const nextStep = ({ edges, before, rival }: TrialCounts): TrialCounts => ({
  ...emptyTrial(null),
  ...{ edges, before, rival, scores: zeros(edges.length + 1) },
});

export class Trial {
  readonly #edges: readonly number[];
  readonly #before: readonly number[] | null;
  readonly #rival: number[];
  readonly #latency: number[];
  readonly #scores: number[];
  readonly #counts: { calls: number; refused: number; rows: number; alone: number };
  /** Of what was written last; another plan or step is another trial. */
  readonly key: string;
  isChanged = false;

  constructor(key: string, { edges, before, rival, latency, scores, ...counts }: TrialCounts) {
    this.key = key;
    this.#edges = edges;
    this.#before = before;
    [this.#rival, this.#latency, this.#scores] = [[...rival], [...latency], [...scores]];
    this.#counts = counts;
  }

  answered(items: readonly ScoreAnswer[], ms: number): void {
    this.#counts.calls++;
    this.#counts.rows += items.length;
    this.#latency[binOf(LATENCY_EDGES_MS, ms)]!++;
    for (const { policy, refusal } of items)
      if (ALONE.has(policy?.cause ?? "") || FAULTS.test(refusal?.code ?? "")) this.#counts.alone++;
    this.#count(this.#scores, items);
  }

  refused(): void {
    this.#counts.calls++;
    this.#counts.refused++;
    this.isChanged = true;
  }

  /** The champion's answer to a call beside. */
  beside(items: readonly ScoreAnswer[]): void {
    this.#count(this.#rival, items);
  }

  get counts(): TrialCounts {
    const [edges, before, rival, latency, scores] = [
      this.#edges,
      this.#before,
      this.#rival,
      this.#latency,
      this.#scores,
    ];
    return { edges, before, rival, ...this.#counts, latency, scores };
  }

  #count(into: number[], items: readonly ScoreAnswer[]): void {
    this.isChanged = true;
    for (const { score, policy } of items)
      if (policy == null && typeof score === "number") into[binOf(this.#edges, score)]!++;
  }
}

export function figuresOf(counts: TrialCounts, p99MsMax: number | null): StepFigures {
  const { calls, refused, rows, alone, latency } = counts;
  const p99Ms = quantileOf(LATENCY_EDGES_MS, latency, 0.99);
  const slow = p99MsMax === null ? 0 : slowerThan(latency, p99MsMax);
  return { ...{ calls, refused, rows, alone, slow, p99Ms }, drift: driftOf(counts) };
}

function driftOf({ before, rival, scores }: TrialCounts): number | null {
  const against = [...rival];
  // A champion that was asked too little since: what it scored before stands in.
  if (sum(rival) < ROWS_FOR_STABILITY && before !== null) addCounts(against, before);
  return stabilityIndex(against, scores);
}

/** How many took longer, linear within the bin that holds the limit. */
function slowerThan(latency: readonly number[], ms: number): number {
  const bin = binOf(LATENCY_EDGES_MS, ms);
  const [from, to] = [LATENCY_EDGES_MS[bin - 1] ?? 0, LATENCY_EDGES_MS[bin] ?? ms];
  const part = to === from ? 0 : (to - ms) / (to - from);
  return part * (latency[bin] ?? 0) + sum(latency.slice(bin + 1));
}
