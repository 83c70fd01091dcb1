/** First and second derivatives of the loss at shared margins, for the rows that a tree sees. */
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import type { Gradients } from "./choose.ts";
import { COUNT_SHIFT, type Formats, UNIT_BITS } from "./formats.ts";
import { sharedSigmoid, sigmoidOf } from "./sigmoid.ts";

const ONE = 1n << BigInt(UNIT_BITS);
const COUNTED = 1n << BigInt(COUNT_SHIFT);

/** `labels`: in units of margins. `seen`: 1 for each row that counts, which is public. */
export async function gradientsAt(
  backend: Backend,
  margins: Words,
  labels: Words,
  seen: Uint8Array,
  { objective, marginBits }: Formats,
): Promise<Gradients> {
  const factors = BigUint64Array.from(seen, BigInt);
  const only = (words: Words): Words => backend.scale(words, factors);
  if (objective === "regression")
    return { g: only(backend.subtract(margins, labels)), q: backend.publicWords(factors) };
  const p = await sharedSigmoid(backend, margins, marginBits);
  const product = backend.subtract(backend.scale(p, ONE), await backend.square(p)); // p·(1 - p)
  const h = await backend.shift(product, UNIT_BITS, "down");
  return { g: only(backend.subtract(p, labels)), q: only(backend.addPublic(h, COUNTED)) };
}

/** The same of one row in the clear. */
export function gradientOf(
  margin: bigint,
  label: bigint,
  { objective }: Formats,
): { readonly g: bigint; readonly h: bigint } {
  if (objective === "regression") return { g: margin - label, h: ONE };
  const p = sigmoidOf(margin);
  return { g: p - label, h: (p * (ONE - p)) >> BigInt(UNIT_BITS) };
}
