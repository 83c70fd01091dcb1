/**
 * Products of matrices that each party has in the clear with vectors that both hold shares of: the guest's matrix times one
 * vector and the host's times another, at once. What each side learns: its shares. See protocols/matrix-product.
 */
import { type Secrets, TASK_ATTEMPTS_MAX } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  KeyOwner,
  type MatrixEntries,
  MatrixOwner,
  type ProductMessages,
  type ProductPlan,
  planProduct,
  ReleaseBudget,
} from "@tombolo/protocols/matrix-product";
import { ENTRY_BITS } from "./formats.ts";

export interface Sides<T> {
  readonly guest: T;
  readonly host: T;
}
export type Side = keyof Sides<unknown>;

export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
}

/** Two matrices that are multiplied at once, by name. */
export interface MatrixPair {
  readonly name: string;
  readonly sizes: Sides<MatrixSize>;
  /** The own one, row by row, within ENTRY_BITS. */
  own(): MatrixEntries;
}

export interface ClearProducts {
  /** Own shares of both products, from own shares of both vectors. */
  multiply(pair: string, vectors: Sides<BigUint64Array>): Promise<Sides<BigUint64Array>>;
  /** The same with both matrices transposed. */
  multiplyTransposed(pair: string, vectors: Sides<BigUint64Array>): Promise<Sides<BigUint64Array>>;
}

/**
 * What an attempt at a job may release in products, counted in coefficients, somewhat more than rows times passes: 2·10^8. Each
 * attempt has a budget of its own, while the partner keeps what all of them released: so plans flood for the most attempts that
 * a task has. 2^32 in all of them is what the smaller ring has room for, in batches of 4,096 rows.
 */
export const RELEASED_MAX = Math.floor(2 ** 32 / TASK_ATTEMPTS_MAX);
/** Of transforms of own matrices, in all. */
export const CACHE_BYTES = 3 * 2 ** 29;

export interface ProductEnd {
  readonly side: Side;
  /** Where the own matrix is multiplied, and where the partner's is. */
  readonly own: Peer<ProductMessages, "matrixOwner">;
  readonly theirs: Peer<ProductMessages, "keyOwner">;
  readonly secrets: Secrets;
}

type Multiply = (share: BigUint64Array) => Promise<BigUint64Array>;

export async function openProducts(end: ProductEnd, pairs: readonly MatrixPair[]): Promise<ClearProducts> {
  const { side, secrets } = end;
  const plans = pairs.map(({ sizes }) => ({ guest: planOf(sizes.guest), host: planOf(sizes.host) }));
  const plansOf = (one: Side): ProductPlan[] => plans.flatMap((plan) => plan[one] ?? []);
  const budget = new ReleaseBudget(RELEASED_MAX);
  const options = { secrets, budget, cacheBytesMax: CACHE_BYTES };
  // The guest's keys first, so that messages of the two directions cannot come in another order.
  const asOwner = () => MatrixOwner.open(plansOf(side), end.own, options);
  const asKeyOwner = () => KeyOwner.open(plansOf(other(side)), end.theirs, secrets);
  const [first, second] = side === "guest" ? [asKeyOwner, asOwner] : [asOwner, asKeyOwner];
  const opened = [await first(), await second()];
  const owner = opened.find((one) => one instanceof MatrixOwner)!;
  const keyOwner = opened.find((one) => one instanceof KeyOwner)!;
  const [forward, backward] = [new Map<string, Sides<Multiply>>(), new Map<string, Sides<Multiply>>()];
  pairs.forEach((pair, i) => {
    const [ownPlan, theirPlan] = [plans[i]![side], plans[i]![other(side)]];
    const none: Multiply = async () => new BigUint64Array(0);
    const own = ownPlan === null ? null : owner.product(ownPlan, pair.own());
    const theirs = theirPlan === null ? null : keyOwner.product(theirPlan);
    const sided = (mine: Multiply | undefined, yours: Multiply | undefined): Sides<Multiply> => {
      const [first, second] = [mine ?? none, yours ?? none];
      return side === "guest" ? { guest: first, host: second } : { guest: second, host: first };
    };
    forward.set(pair.name, sided(own?.multiply.bind(own), theirs?.multiply.bind(theirs)));
    backward.set(pair.name, sided(own?.multiplyTransposed.bind(own), theirs?.multiplyTransposed.bind(theirs)));
  });
  return {
    multiply: (name, vectors) => bothAtOnce(side, forward.get(name)!, vectors, sizeOf(pairs, name)),
    multiplyTransposed: (name, vectors) =>
      bothAtOnce(side, backward.get(name)!, vectors, transposed(sizeOf(pairs, name))),
  };
}

const transposed = ({ guest, host }: Sides<MatrixSize>): Sides<MatrixSize> => ({
  guest: { rows: guest.columns, columns: guest.rows },
  host: { rows: host.columns, columns: host.rows },
});

/**
 * Each sends its encrypted share of the partner's vector, then answers for its own matrix: two messages each way. The own matrix's
 * product is started first, since what comes first is what it waits for.
 */
async function bothAtOnce(
  side: Side,
  products: Sides<Multiply>,
  vectors: Sides<BigUint64Array>,
  sizes: Sides<MatrixSize>,
): Promise<Sides<BigUint64Array>> {
  const own = products[side](vectors[side]);
  const theirs = products[other(side)](vectors[other(side)]);
  const [mine, yours] = await Promise.all([own, theirs]);
  const [guest, host] = side === "guest" ? [mine, yours] : [yours, mine];
  const filled = (share: BigUint64Array, { rows }: MatrixSize): BigUint64Array =>
    share.length === rows ? share : new BigUint64Array(rows);
  return { guest: filled(guest, sizes.guest), host: filled(host, sizes.host) };
}

const other = (side: Side): Side => (side === "guest" ? "host" : "guest");

const sizeOf = (pairs: readonly MatrixPair[], name: string): Sides<MatrixSize> =>
  pairs.find((pair) => pair.name === name)!.sizes;

/** Null for a party without columns. */
export const planOf = ({ rows, columns }: MatrixSize): ProductPlan | null =>
  rows * columns === 0
    ? null
    : planProduct({
        rows,
        columns,
        vectors: 1,
        entryBits: ENTRY_BITS,
        bits: 64,
        releasedMax: RELEASED_MAX,
        attempts: TASK_ATTEMPTS_MAX,
        bothWays: true,
      });
