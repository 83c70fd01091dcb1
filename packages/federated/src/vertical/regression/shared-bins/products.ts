/**
 * Products with the matrix X of a host's columns whose weights the guest has: X = H·A + 1·c, H one-hot at the host (rows × bins of all
 * columns), A the guest's: for each bin weight / sd in its column's place, c: for each column -mean / sd.
 *
 *   X·w  = H·(A·w) + (c·w)·1      Xᵀ·r = Aᵀ·(Hᵀ·r) + c·Σ r
 *
 * A·w and Aᵀ·s are products of what the guest has with what is shared, by the engine: as many as there are bins and columns. Those with H
 * are protocols/matrix-product's. Nothing is rounded between: entries of H are 0 and 1, those of A and c have the fraction bits that
 * entries of other matrices have. Words may wrap on the way, what comes out has the bounds of formats.ts. A row in no bin has weight 0.
 *
 * Learns: nothing beyond what those two show. Adversary: semi-honest, one of the two.
 */
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import { sharesOf, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import type { BinsTold } from "../messages.ts";
import type { ClearProducts } from "../products.ts";
import type { WeighedBins } from "./bins.ts";

export interface Weighing {
  readonly told: BinsTold;
  /** At the guest. */
  readonly weights: readonly WeighedBins[] | null;
  /** Fraction bits of A and c. */
  readonly fraction: number;
}

/** In place of the products that `inner` makes with the host's one-hot matrix. To be called within a turn of the engine. */
export async function weighedProducts(
  inner: ClearProducts,
  backend: Backend,
  weighing: Weighing,
): Promise<ClearProducts> {
  const columnOf = weighing.told.flatMap(({ bins }, column) => new Array<number>(bins).fill(column));
  const [bins, columns] = [columnOf.length, weighing.told.length];
  const factors: Words = await backend.share("first", bins + columns, encoded(weighing));
  return {
    ...inner,
    async multiply(pair, { guest, host }) {
      const places = Uint32Array.from([...columnOf, ...weighing.told.keys()]);
      const made = sharesOf(await backend.multiply(backend.pick(wordsOfShares(host), places), factors));
      const constant = sumOf(made.subarray(bins));
      const products = await inner.multiply(pair, { guest, host: made.slice(0, bins) });
      return { ...products, host: products.host.map((word) => word + constant) };
    },
    async multiplyTransposed(pair, vectors) {
      const products = await inner.multiplyTransposed(pair, vectors);
      const sums = new BigUint64Array(bins + columns).fill(sumOf(vectors.host));
      sums.set(products.host);
      const made = sharesOf(await backend.multiply(wordsOfShares(sums), factors));
      const host = made.slice(bins);
      columnOf.forEach((column, bin) => {
        host[column]! += made[bin]!;
      });
      return { ...products, host };
    },
  };
}

/** A bin after bin, then c; null at the host. */
function encoded({ weights, fraction }: Weighing): BigUint64Array | null {
  if (weights === null) return null;
  const word = (value: number): bigint => BigInt(Math.round(value * 2 ** fraction));
  return BigUint64Array.from([
    ...weights.flatMap(({ woe, scale }) => woe.map((weight) => word(weight / scale))),
    ...weights.map(({ mean, scale }) => word(-mean / scale)),
  ]);
}

/** Modulo 2^64. */
function sumOf(words: BigUint64Array): bigint {
  const out = new BigUint64Array(1);
  for (const word of words) out[0]! += word;
  return out[0]!;
}
