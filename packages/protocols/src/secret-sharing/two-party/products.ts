/**
 * Random products by whichever way is cheaper for their number: by encryption on rings in whole batches, by transfers the few, and
 * all that an attempt needs beyond what encryption may release. Both parties decide alike, from numbers that both know.
 */
import { SLOTS } from "@tombolo/crypto";
import type { ProductSource } from "./correlations.ts";
import { type GilboaOptions, gilboa } from "./gilboa.ts";
import type { SlotCipher } from "./slot-cipher.ts";
import { slotProducts } from "./slot-products.ts";
import { joined } from "./stock.ts";

export interface ProductOptions extends GilboaOptions {
  readonly cipher: SlotCipher;
}

/** So many take by transfers what a batch takes, in bytes; less than that in time. */
const BATCH_LEAST = 1536;

export function productSource(options: ProductOptions): ProductSource {
  const [many, few] = [slotProducts(options), gilboa(options)];
  const takes = batchBudget(options.cipher.batchesMax);
  return {
    triples: (count) => split(count, takes, many.triples, few.triples),
    squares: (count) => split(count, takes, many.squares, few.squares),
    matrixTriple: few.matrixTriple,
  };
}

/** Whether so many more batches may be made: each party answers half of them, the larger at most. */
export function batchBudget(max: number): (batches: number) => boolean {
  let left = max;
  return (batches) => {
    const answered = Math.ceil(batches / 2);
    if (answered > left) return false;
    left -= answered;
    return true;
  };
}

async function split<T extends Readonly<Record<string, BigUint64Array>>>(
  count: number,
  takes: (batches: number) => boolean,
  many: (count: number) => Promise<T>,
  few: (count: number) => Promise<T>,
): Promise<T> {
  const rest = count % SLOTS;
  const whole = rest < BATCH_LEAST ? count - rest : count - rest + SLOTS;
  if (whole === 0 || !takes(whole / SLOTS)) return few(count);
  const made = await many(whole);
  return whole >= count ? made : joined([made, await few(rest)]);
}
