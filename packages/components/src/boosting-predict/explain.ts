/** What moved each row's score, beside the score: a column a player, and a report over all rows. */
import { TomboloError } from "@tombolo/base";
import { Contributions, flatGuest, type GuestModel } from "@tombolo/federated/vertical/boosting";
import type { TaskContext } from "../component.ts";

export const CONTRIBUTION_PREFIX = "contribution_";

/** Throws `input.model` for models whose rows cannot be explained. */
export function contributionsOf(model: GuestModel): Contributions {
  if (model.classes !== undefined)
    throw new TomboloError("input.model", "what moves the scores of several classes is not told", {
      remedy: "Set contributions to false, or train a yes-or-no model of each class that matters.",
    });
  return new Contributions(flatGuest(model), model.hosts);
}

/** Names of the columns, in the order of the players. Throws `input.columns` where two would be called the same. */
export function contributionNames(players: readonly { readonly name: string }[]): string[] {
  const names = players.map(({ name }) => `${CONTRIBUTION_PREFIX}${name}`);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return names;
  throw new TomboloError("input.columns", `two columns of the result would be called "${twice}"`, {
    remedy: "Rename the guest's column that is called like a host.",
  });
}

/** Rows of score and contributions, one after another. */
export function besideScores(scores: Float64Array, moved: Float64Array, players: number): Float64Array {
  const width = 1 + players;
  const out = new Float64Array(scores.length * width);
  for (let row = 0; row < scores.length; row++) {
    out[row * width] = scores[row]!;
    out.set(moved.subarray(row * players, (row + 1) * players), row * width + 1);
  }
  return out;
}

/** Passes rows of `besideScores` on and sums up how far each player moved them, either way. */
export class Moves {
  readonly #sums: Float64Array;
  #rows = 0;

  constructor(players: number) {
    this.#sums = new Float64Array(players);
  }

  async *of(parts: AsyncIterable<Float64Array>): AsyncIterable<Float64Array> {
    const width = 1 + this.#sums.length;
    for await (const part of parts) {
      for (let i = 0; i < part.length; i++) if (i % width > 0) this.#sums[(i % width) - 1]! += Math.abs(part[i]!);
      this.#rows += part.length / width;
      yield part;
    }
  }

  /** `players`: of a host there is no feature. `base`: where rows start. */
  async report(context: TaskContext<unknown, unknown>, players: readonly Mover[], base: number) {
    const features = players.map((mover, player) => ({
      ...mover,
      mean: this.#rows === 0 ? 0 : this.#sums[player]! / this.#rows,
    }));
    await context.outputs.report("contributions", {
      kind: "contributions",
      title: { en: "What moves the scores", zh: "分数的构成" },
      data: { rows: this.#rows, base, features: features.sort((a, b) => b.mean - a.mean) },
    });
  }
}

export interface Mover {
  readonly feature: string | null;
  readonly party: string;
}
