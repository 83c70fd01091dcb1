/**
 * Sums of shared words over the left sides of both parties' candidates: the own matrix of 0 and 1 times a vector of shares, and the partner's, with products
 * made ahead (protocols/matrix-product), a tree's vectors at once. What each side learns: its shares, and how many candidates the other has.
 */
import { type Secrets, TASK_ATTEMPTS_MAX } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  type AheadMessages,
  KeyOwner,
  KeyOwnerAhead,
  MatrixOwner,
  MatrixOwnerAhead,
  type ProductPlan,
  planProduct,
  ReleaseBudget,
} from "@tombolo/protocols/matrix-product";
import type { Candidates } from "./candidates.ts";

export type Side = "guest" | "host";
export type Sides<T> = Readonly<Record<Side, T>>;
export const other = (side: Side): Side => (side === "guest" ? "host" : "guest");

/** Random vectors in memory at once, a word a row each. */
const VECTORS_MAX = 64;

export interface SumsEnd {
  readonly side: Side;
  /** Where the own matrix is multiplied, and where the partner's is. */
  readonly own: Peer<AheadMessages, "matrixOwner">;
  readonly theirs: Peer<AheadMessages, "keyOwner">;
  readonly secrets: Secrets;
}

export interface SumsSizes {
  readonly rows: number;
  readonly candidates: Sides<number>;
  /** In the whole training, at most. */
  readonly vectors: number;
  /** Of a tree. */
  readonly perTree: number;
}

/** Null for a party without candidates. */
export function sumsPlan({ rows, vectors, perTree }: SumsSizes, candidates: number): ProductPlan | null {
  if (candidates === 0) return null;
  const together = Math.min(perTree, VECTORS_MAX);
  const shape = { rows: candidates, columns: rows, vectors: together, entryBits: 1, bits: 64 };
  for (let releasedMax = 2 ** 16; ; releasedMax *= 2) {
    const plan = planProduct({ ...shape, releasedMax, attempts: TASK_ATTEMPTS_MAX });
    if (plan.forward.released * Math.ceil(vectors / together) <= releasedMax) return plan;
  }
}

export class CandidateSums {
  readonly #side: Side;
  readonly #sizes: SumsSizes;
  readonly #own: MatrixOwnerAhead | null;
  readonly #theirs: KeyOwnerAhead | null;
  readonly #together: number;
  #left = 0;

  private constructor(side: Side, sizes: SumsSizes, own: MatrixOwnerAhead | null, theirs: KeyOwnerAhead | null) {
    this.#side = side;
    this.#sizes = sizes;
    this.#own = own;
    this.#theirs = theirs;
    this.#together = Math.min(sizes.perTree, VECTORS_MAX);
  }

  /** The guest's keys first, so that messages of the two directions cannot come in another order. */
  static async open(end: SumsEnd, own: Candidates, sizes: SumsSizes): Promise<CandidateSums> {
    const { side, secrets } = end;
    const [ownPlan, theirPlan] = [sumsPlan(sizes, own.count), sumsPlan(sizes, sizes.candidates[other(side)])];
    const asOwner = async (): Promise<MatrixOwnerAhead | null> => {
      if (ownPlan === null) return null;
      const options = { secrets, budget: new ReleaseBudget(ownPlan.releasedMax), cacheBytesMax: 0 };
      return new MatrixOwnerAhead(ownPlan, await MatrixOwner.open([ownPlan], end.own, options), end.own, own);
    };
    const asKeyOwner = async (): Promise<KeyOwnerAhead | null> => {
      if (theirPlan === null) return null;
      return new KeyOwnerAhead(theirPlan, await KeyOwner.open([theirPlan], end.theirs, secrets), end.theirs, secrets);
    };
    if (side === "guest") {
      const theirs = await asKeyOwner();
      return new CandidateSums(side, sizes, await asOwner(), theirs);
    }
    const owner = await asOwner();
    return new CandidateSums(side, sizes, owner, await asKeyOwner());
  }

  /** Of shares of vectors, one after the other: of each the sums of the guest's candidates, then of the host's. */
  async of(shares: BigUint64Array): Promise<BigUint64Array> {
    const { rows, candidates } = this.#sizes;
    const out: BigUint64Array[] = [];
    for (let from = 0; from < shares.length; from += rows) {
      const vector = shares.subarray(from, from + rows);
      await this.#ready();
      const none = new BigUint64Array(0);
      const [own, theirs] = await Promise.all([
        this.#own?.multiply("forward", vector) ?? none,
        this.#theirs?.multiply("forward", vector) ?? none,
      ]);
      out.push(...(this.#side === "guest" ? [own, theirs] : [theirs, own]));
    }
    const joined = new BigUint64Array((shares.length / rows) * (candidates.guest + candidates.host));
    let at = 0;
    for (const part of out) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  async #ready(): Promise<void> {
    if (this.#left === 0) {
      await Promise.all([this.#own?.make(["forward"]), this.#theirs?.make(["forward"])]);
      this.#left = this.#together;
    }
    this.#left--;
  }
}
