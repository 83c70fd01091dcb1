/** First and second derivatives of the loss at shared margins, for the rows that a tree sees. */
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import type { Gradients } from "./choose.ts";
import { COUNT_SHIFT, type Formats, UNIT_BITS } from "./formats.ts";
import { sharedSigmoid, sigmoidOf } from "./sigmoid.ts";

const ONE = 1n << BigInt(UNIT_BITS);
const COUNTED = 1n << BigInt(COUNT_SHIFT);

export interface Targets {
  /** In units of margins. */
  readonly labels: Words;
  /** Likewise, of the row's weight; null where all count alike. */
  readonly weights: Words | null;
}

/** `seen`: 1 for each row that counts, which is public. */
export async function gradientsAt(
  backend: Backend,
  margins: Words,
  { labels, weights }: Targets,
  seen: Uint8Array,
  { objective, marginBits }: Formats,
): Promise<Gradients> {
  const factors = BigUint64Array.from(seen, BigInt);
  const only = (words: Words): Words => backend.scale(words, factors);
  const weighing = async (words: Words): Promise<Words> =>
    weights === null ? words : backend.shift(await backend.multiply(words, weights), UNIT_BITS, "down");
  if (objective === "regression") {
    const q = weights === null ? backend.publicWords(factors) : only(backend.addPublic(weights, COUNTED));
    return { g: only(await weighing(backend.subtract(margins, labels))), q };
  }
  const p = await sharedSigmoid(backend, margins, marginBits);
  const product = backend.subtract(backend.scale(p, ONE), await backend.square(p)); // p·(1 - p)
  const h = await backend.shift(product, UNIT_BITS, "down");
  const g = await weighing(backend.subtract(p, labels));
  return { g: only(g), q: only(backend.addPublic(await weighing(h), COUNTED)) };
}

/** The same of one row in the clear. */
export function gradientOf(
  margin: bigint,
  label: bigint,
  weight: bigint,
  { objective }: Formats,
): { readonly g: bigint; readonly h: bigint } {
  const weighed = (value: bigint): bigint => (value * weight) >> BigInt(UNIT_BITS);
  if (objective === "regression") return { g: weighed(margin - label), h: weight };
  const p = sigmoidOf(margin);
  return { g: weighed(p - label), h: weighed((p * (ONE - p)) >> BigInt(UNIT_BITS)) };
}
