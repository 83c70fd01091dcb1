/**
 * Products of matrices that each party has in the clear with vectors that both hold shares of: the guest's matrix times one
 * vector and the host's times another, at once. What each side learns: its shares. See protocols/matrix-product.
 */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  KeyOwner,
  MatrixOwner,
  type ProductMessages,
  planProduct,
  ReleaseBudget,
} from "@tombolo/protocols/matrix-product";
import { ENTRY_BITS } from "./formats.ts";

export interface Sides<T> {
  readonly guest: T;
  readonly host: T;
}
export type Side = keyof Sides<unknown>;
export const otherSide = (side: Side): Side => (side === "guest" ? "host" : "guest");

export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
}

/** Two matrices that are multiplied at once, by name. The own one is made when it is needed. */
export interface MatrixPair {
  readonly name: string;
  readonly sizes: Sides<MatrixSize>;
  /** Row by row, within ENTRY_BITS. */
  own(): BigInt64Array;
}

export interface ClearProducts {
  /** Own shares of both products, from own shares of both vectors. */
  multiply(pair: string, vectors: Sides<BigUint64Array>): Promise<Sides<BigUint64Array>>;
}

/** What a job may release in products, counted in coefficients: see `ProductShape.releasedMax`. */
const RELEASED_MAX = 2 ** 30;
/** Of transforms of own matrices, in all. */
const CACHE_BYTES = 2 ** 30;

export interface ProductEnd {
  readonly side: Side;
  /** Where the own matrix is multiplied, and where the partner's is. */
  readonly own: Peer<ProductMessages, "matrixOwner">;
  readonly theirs: Peer<ProductMessages, "keyOwner">;
  readonly secrets: Secrets;
}

export async function openProducts(end: ProductEnd, pairs: readonly MatrixPair[]): Promise<ClearProducts> {
  const budget = new ReleaseBudget(RELEASED_MAX);
  const owners = new Map<string, Sides<((share: BigUint64Array) => Promise<BigUint64Array>) | null>>();
  for (const pair of pairs) {
    const opened: Record<Side, ((share: BigUint64Array) => Promise<BigUint64Array>) | null> = {
      guest: null,
      host: null,
    };
    // One direction after the other, so that messages of the two cannot come in another order.
    for (const side of ["guest", "host"] as const) {
      const { rows, columns } = pair.sizes[side];
      if (rows * columns === 0) continue;
      const plan = planProduct({
        rows,
        columns,
        vectors: 1,
        entryBits: ENTRY_BITS,
        bits: 64,
        releasedMax: RELEASED_MAX,
      });
      if (side === end.side) {
        const options = { secrets: end.secrets, budget, cacheBytesMax: CACHE_BYTES / pairs.length };
        const owner = await MatrixOwner.open(plan, pair.own(), end.own, options);
        opened[side] = (share) => owner.multiply(share);
      } else {
        const owner = await KeyOwner.open(plan, end.theirs, end.secrets);
        opened[side] = (share) => owner.multiply(share);
      }
    }
    owners.set(pair.name, opened);
  }
  return {
    async multiply(name, vectors) {
      const pair = owners.get(name)!;
      const size = pairs.find((each) => each.name === name)!.sizes;
      const guest = (await pair.guest?.(vectors.guest)) ?? new BigUint64Array(size.guest.rows);
      const host = (await pair.host?.(vectors.host)) ?? new BigUint64Array(size.host.rows);
      return { guest, host };
    },
  };
}
