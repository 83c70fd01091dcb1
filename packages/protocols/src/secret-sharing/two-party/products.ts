/** Random products by whichever way is cheaper for their number: by encryption on rings in whole batches, by transfers the few. */
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
  return {
    triples: (count) => split(count, many.triples, few.triples),
    squares: (count) => split(count, many.squares, few.squares),
    matrixTriple: few.matrixTriple,
  };
}

async function split<T extends Readonly<Record<string, BigUint64Array>>>(
  count: number,
  many: (count: number) => Promise<T>,
  few: (count: number) => Promise<T>,
): Promise<T> {
  const rest = count % SLOTS;
  const whole = rest < BATCH_LEAST ? count - rest : count - rest + SLOTS;
  if (whole === 0) return few(count);
  const made = await many(whole);
  return whole >= count ? made : joined([made, await few(rest)]);
}
