/** Public polynomials, and what is left of a stream that a partner gets wrong. */
import { canonicalJson, concat, utf8 } from "@tombolo/base";
import { type SumRings, sumRings } from "@tombolo/crypto";
import { blaming, wrongCount } from "../ciphertexts.ts";

const LABEL = utf8("tombolo/linear-answers/2/mask\0");

/** One for each block of rows, as values. */
export const blockPolynomials = (seed: Uint8Array, blocks: number): Promise<BigUint64Array> =>
  sumRings().wide.uniform(seed, blocks);

export interface MaskParts {
  readonly binding: Uint8Array;
  /** Party ids: the binding is the same for all owners, who may send the same seed. */
  readonly asker: string;
  readonly owner: string;
  readonly askerSeed: Uint8Array;
  readonly ownerSeed: Uint8Array;
}

/** Neither side alone has chosen it: it hides the owner's bins in hints and the asker's secrets in what meets masks. */
export async function maskPolynomial(parts: MaskParts): Promise<BigUint64Array> {
  const { binding, asker, owner, askerSeed, ownerSeed } = parts;
  const ids = canonicalJson({ asker, owner });
  const hashed = concat(LABEL, binding, askerSeed, ownerSeed, ids);
  const seed = await globalThis.crypto.subtle.digest("SHA-256", Uint8Array.from(hashed));
  return sumRings().wide.uniform(new Uint8Array(seed), 1);
}

export const blockCount = (rows: number, { size }: SumRings = sumRings()): number => Math.ceil(rows / size);

/** Words modulo the first prime as messages, the last padded by zeros, and back. */
export async function* packedWords(words: BigUint64Array, polynomialsAtOnce: number): AsyncGenerator<Uint8Array> {
  const { narrow, size } = sumRings();
  for (let at = 0; at < words.length; at += polynomialsAtOnce * size) {
    const own = words.subarray(at, at + polynomialsAtOnce * size);
    const whole = new BigUint64Array(Math.ceil(own.length / size) * size);
    whole.set(own);
    yield await narrow.pack(whole);
  }
}

export async function collectWords(
  chunks: AsyncIterable<Uint8Array>,
  count: number,
  party: string,
): Promise<BigUint64Array> {
  const { narrow, narrowBytes, size } = sumRings();
  const out = new BigUint64Array(Math.ceil(count / size) * size);
  let at = 0;
  for await (const chunk of chunks) {
    const room = chunk.length % narrowBytes === 0 && (chunk.length / narrowBytes) * size <= out.length - at;
    if (!room || chunk.length === 0) throw wrongCount(party);
    out.set(await blaming(party, () => narrow.unpack(chunk)), at);
    at += (chunk.length / narrowBytes) * size;
  }
  if (at !== out.length) throw wrongCount(party);
  return out.subarray(0, count);
}
