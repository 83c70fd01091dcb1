/**
 * Products with random vectors, for several passes at once, made on a lane of their own while the solver computes: those of all batches, one after
 * another, when a pass begins for which none are left.
 */
import {
  clearMatrix,
  KeyOwnerAhead,
  MatrixOwnerAhead,
  type ProductPlan,
  type Way,
} from "@tombolo/protocols/matrix-product";
import {
  type MatrixPair,
  type Multiplies,
  type Multiply,
  type Multiplying,
  none,
  type Owners,
  other,
  type ProductEnd,
  type Sides,
} from "./product-ends.ts";

/** Makes what the pairs of matrices lack, one after another in the order in which both parties' programs come to it. */
export class Making {
  readonly #pairs: PassesAhead[] = [];
  #last: Promise<void> = Promise.resolve();

  pair(passes: number, make: () => Promise<void>): PassesAhead {
    const pair = new PassesAhead(passes, () => this.#next(make));
    this.#pairs.push(pair);
    return pair;
  }

  beginPass(): void {
    for (const pair of this.#pairs) pair.begin();
  }

  finish(): Promise<void> {
    return this.#last;
  }

  #next(make: () => Promise<void>): Promise<void> {
    const made = this.#last.then(make);
    made.catch(() => {}); // whoever waits for it, or for what comes after, gets its failure
    this.#last = made;
    return made;
  }
}

/** Of one pair of matrices. */
class PassesAhead {
  readonly #passes: number;
  readonly #make: () => Promise<void>;
  /** Products taken, of each way. */
  readonly #taken = { forward: 0, transposed: 0 };
  /** For so many passes each. */
  readonly #made: Promise<void>[] = [];

  constructor(passes: number, make: () => Promise<void>) {
    this.#passes = passes;
    this.#make = make;
  }

  begin(): void {
    if (Math.min(this.#taken.forward, this.#taken.transposed) === this.#made.length * this.#passes)
      this.#made.push(this.#make());
  }

  /** Waits for the next product of this way. */
  async take(way: Way): Promise<void> {
    const place = Math.floor(this.#taken[way] / this.#passes);
    this.#taken[way] += 1;
    if (place === this.#made.length) this.#made.push(this.#make());
    await this.#made[place];
  }
}

interface AheadPlans {
  readonly making: Making;
  readonly plans: Sides<ProductPlan | null>;
  readonly outputs: number;
}

export function madeAhead(
  end: ProductEnd,
  owners: Owners,
  pair: MatrixPair,
  { making, plans, outputs }: AheadPlans,
): Multiplying {
  const { side, secrets } = end;
  const [ownPlan, theirPlan] = [plans[side], plans[other(side)]];
  const own = ownPlan === null ? null : new MatrixOwnerAhead(ownPlan, owners.owner, end.own, clearMatrix(pair.own));
  const theirs = theirPlan === null ? null : new KeyOwnerAhead(theirPlan, owners.keyOwner, end.theirs, secrets);
  const both = (ahead: typeof own | typeof theirs): Multiplies => {
    if (ahead === null) return none;
    const each =
      (way: Way): Multiply =>
      async (shares) => {
        const length = shares.length / outputs;
        const products: BigUint64Array[] = [];
        for (let at = 0; at < outputs; at++)
          products.push(await ahead.multiply(way, shares.slice(at * length, (at + 1) * length)));
        return joined(products);
      };
    return { forward: each("forward"), transposed: each("transposed") };
  };
  const passes = making.pair((ownPlan ?? theirPlan)!.vectors / outputs, async () => {
    await Promise.all([own?.make(WAYS), theirs?.make(WAYS)]);
  });
  return { ready: (way) => passes.take(way), mine: both(own), yours: both(theirs) };
}

const WAYS = ["forward", "transposed"] as const satisfies readonly Way[];

function joined(parts: readonly BigUint64Array[]): BigUint64Array {
  const out = new BigUint64Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    out.set(part, at);
    return at + part.length;
  }, 0);
  return out;
}
