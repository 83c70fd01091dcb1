/**
 * Products of matrices that each party has in the clear with vectors that both hold shares of: the guest's matrix times one
 * vector and the host's times another, at once; of several classes one for each class, one after another. What each side learns: its
 * shares. See protocols/matrix-product.
 */
import { TASK_ATTEMPTS_MAX } from "@tombolo/base";
import {
  KeyOwner,
  MatrixOwner,
  type ProductPlan,
  planProduct,
  ReleaseBudget,
  type Way,
} from "@tombolo/protocols/matrix-product";
import {
  type MatrixPair,
  type MatrixSize,
  type Multiplies,
  type Multiplying,
  none,
  type Owners,
  other,
  type ProductEnd,
  type Side,
  type Sides,
} from "./product-ends.ts";
import { Making, madeAhead } from "./products-ahead.ts";

export type { MatrixPair, MatrixSize, ProductEnd, Side, Sides } from "./product-ends.ts";

export interface ClearProducts {
  /** Own shares of both products, from own shares of both vectors. */
  multiply(pair: string, vectors: Sides<BigUint64Array>): Promise<Sides<BigUint64Array>>;
  /** The same with both matrices transposed. */
  multiplyTransposed(pair: string, vectors: Sides<BigUint64Array>): Promise<Sides<BigUint64Array>>;
  /** Products of all pairs follow, so that those which are not there are begun with. */
  beginPass(): void;
  /** No product follows; at the same place at both parties. */
  finish(): Promise<void>;
}

/**
 * What an attempt at a job may release in products, counted in coefficients, somewhat more than rows times passes: 2·10^8. Each
 * attempt has a budget of its own, while the partner keeps what all of them released: so plans flood for the most attempts that
 * a task has. 2^32 in all of them is what the smaller ring has room for, in batches of 4,096 rows.
 */
export const RELEASED_MAX = Math.floor(2 ** 32 / TASK_ATTEMPTS_MAX);
/** Coefficients for each number of a result: those of rows and columns that are not there. */
const ROUNDED_UP = 4;
/** Of transforms of own matrices, in all. */
export const CACHE_BYTES = 3 * 2 ** 29;
/** Passes over the rows that products are made for at once: they share ciphertexts. */
const AHEAD_MAX = 8;
/** Vectors in all of them: what is made ahead stands in memory. */
const VECTORS_AHEAD_MAX = 16;

export interface Passes {
  /** Over all rows that are still to come; null: not known. */
  readonly count: number | null;
  /** Vectors in each. */
  readonly outputs: number;
}

/** As many each time, so that few are left over. */
function aheadOf({ count, outputs }: Passes): number {
  const most = Math.min(AHEAD_MAX, Math.max(1, Math.floor(VECTORS_AHEAD_MAX / outputs)));
  return count === null ? 1 : Math.ceil(count / Math.ceil(count / most));
}

/** Coefficients that are released at most, a power of two. */
function releasedMaxOf({ count, outputs }: Passes, pairs: readonly MatrixPair[]): number {
  if (count === null) return RELEASED_MAX;
  const results = pairs.flatMap(({ sizes: { guest, host } }) => [guest.rows + guest.columns, host.rows + host.columns]);
  const most = ROUNDED_UP * outputs * (count + AHEAD_MAX) * results.reduce((sum, one) => sum + one, 0);
  return Math.min(RELEASED_MAX, 2 ** Math.ceil(Math.log2(most)));
}

export async function openProducts(
  end: ProductEnd,
  pairs: readonly MatrixPair[],
  passes: Passes,
): Promise<ClearProducts> {
  const [ahead, releasedMax] = [aheadOf(passes), releasedMaxOf(passes, pairs)];
  const { outputs } = passes;
  const planned = (size: MatrixSize): ProductPlan | null => planOf(size, { vectors: ahead * outputs, releasedMax });
  const plans = pairs.map(({ sizes }) => ({ guest: planned(sizes.guest), host: planned(sizes.host) }));
  const making = ahead === 1 ? null : new Making();
  const owners = await openOwners(making === null ? end : { ...end, ...(await end.lane()) }, plans, releasedMax);
  const made = (pair: MatrixPair, i: number): Multiplying =>
    making === null
      ? oneByOne(end, owners, pair, plans[i]!)
      : madeAhead(end, owners, pair, { making, plans: plans[i]!, outputs });
  const multiplies = new Map(pairs.map((pair, i) => [pair.name, made(pair, i)]));
  const lengthsOf = (name: string, along: "rows" | "columns"): Sides<number> => {
    const { guest, host } = pairs.find((pair) => pair.name === name)!.sizes;
    return { guest: outputs * guest[along], host: outputs * host[along] };
  };
  return {
    multiply: (name, vectors) =>
      bothAtOnce(end.side, multiplies.get(name)!, "forward", vectors, lengthsOf(name, "rows")),
    multiplyTransposed: (name, vectors) =>
      bothAtOnce(end.side, multiplies.get(name)!, "transposed", vectors, lengthsOf(name, "columns")),
    beginPass: () => making?.beginPass(),
    finish: async () => making?.finish(),
  };
}

/** The guest's keys first, so that messages of the two directions cannot come in another order. */
async function openOwners(
  { side, own, theirs, secrets, store }: ProductEnd,
  plans: readonly Sides<ProductPlan | null>[],
  releasedMax: number,
): Promise<Owners> {
  const plansOf = (one: Side): ProductPlan[] => plans.flatMap((plan) => plan[one] ?? []);
  const options = { secrets, budget: new ReleaseBudget(releasedMax), cacheBytesMax: CACHE_BYTES, store };
  const asOwner = () => MatrixOwner.open(plansOf(side), own, options);
  const asKeyOwner = () => KeyOwner.open(plansOf(other(side)), theirs, secrets);
  if (side === "guest") {
    const keyOwner = await asKeyOwner();
    return { keyOwner, owner: await asOwner() };
  }
  const owner = await asOwner();
  return { owner, keyOwner: await asKeyOwner() };
}

/** Shares of vectors go encrypted, each when it is there. */
function oneByOne(
  { side }: ProductEnd,
  owners: Owners,
  pair: MatrixPair,
  plans: Sides<ProductPlan | null>,
): Multiplying {
  const [ownPlan, theirPlan] = [plans[side], plans[other(side)]];
  const own = ownPlan === null ? null : owners.owner.product(ownPlan, pair.own);
  const theirs = theirPlan === null ? null : owners.keyOwner.product(theirPlan);
  const both = (product: typeof own | typeof theirs): Multiplies =>
    product === null
      ? none
      : {
          forward: (share) => product.multiply(share),
          transposed: (share) => product.multiplyTransposed(share),
        };
  return { ready: async () => {}, mine: both(own), yours: both(theirs) };
}

/**
 * Each sends its share of the partner's vector, masked or encrypted, then answers for its own matrix where it is encrypted: a message each
 * way, or two. The own matrix's product is started first, since what comes first is what it waits for.
 */
async function bothAtOnce(
  side: Side,
  { ready, mine, yours }: Multiplying,
  way: Way,
  vectors: Sides<BigUint64Array>,
  lengths: Sides<number>,
): Promise<Sides<BigUint64Array>> {
  await ready(way);
  const [own, theirs] = await Promise.all([mine[way](vectors[side]), yours[way](vectors[other(side)])]);
  const [guest, host] = side === "guest" ? [own, theirs] : [theirs, own];
  const filled = (share: BigUint64Array, length: number): BigUint64Array =>
    share.length === length ? share : new BigUint64Array(length);
  return { guest: filled(guest, lengths.guest), host: filled(host, lengths.host) };
}

/** Null for a party without columns. */
export const planOf = (
  { rows, columns, entryBits }: MatrixSize,
  { vectors, releasedMax }: Pick<ProductPlan, "vectors" | "releasedMax"> = { vectors: 1, releasedMax: RELEASED_MAX },
): ProductPlan | null =>
  rows * columns === 0
    ? null
    : planProduct({
        rows,
        columns,
        vectors,
        entryBits,
        bits: 64,
        releasedMax,
        attempts: TASK_ATTEMPTS_MAX,
        bothWays: true,
      });
