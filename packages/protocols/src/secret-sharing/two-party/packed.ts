/** Vectors of bits, eight to a byte: bit j at bit j mod 8 of byte j / 8. Bits after the last are 0. */

export const byteLength = (bits: number): number => Math.ceil(bits / 8);
/** The next multiple of eight: where vectors meet at whole bytes. */
export const padded = (bits: number): number => 8 * byteLength(bits);

export const bitAt = (bits: Uint8Array, at: number): number => (bits[at >> 3]! >> (at & 7)) & 1;

export function xorBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length);
  const [to, x, y] = inWords(out, a, b);
  for (let i = 0; i < to.length; i++) to[i] = x[i]! ^ y[i]!;
  return out;
}

/** The same memory in words of 32 bits where all of it is aligned: four bytes for the work of one. */
export function inWords<V extends readonly Uint8Array[]>(...vectors: V): { [K in keyof V]: Uint8Array | Uint32Array } {
  const aligned = vectors.every(({ byteOffset, length }) => ((byteOffset | length) & 3) === 0);
  // A mapped tuple is not what map() is known to give.
  return (aligned ? vectors.map(halves) : vectors) as { [K in keyof V]: Uint8Array | Uint32Array };
}

const halves = ({ buffer, byteOffset, length }: Uint8Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length / 4);

/** Clears the bits after the last, in place. */
export function trimmed(bits: Uint8Array, count: number): Uint8Array {
  if (count % 8 !== 0) bits[bits.length - 1]! &= (1 << (count % 8)) - 1;
  return bits;
}

export const isTrimmed = (bits: Uint8Array, count: number): boolean =>
  count % 8 === 0 || bits[bits.length - 1]! >> (count % 8) === 0;

/** Bit `place` of each word. */
export function bitsOfWords(words: BigUint64Array, place: number): Uint8Array {
  const halves = new Uint32Array(words.buffer, words.byteOffset, 2 * words.length);
  const [half, shift] = [place >> 5, place & 31];
  const out = new Uint8Array(byteLength(words.length));
  for (let i = 0; i < words.length; i++) out[i >> 3]! |= ((halves[2 * i + half]! >>> shift) & 1) << (i & 7);
  return out;
}

/** Bits `from` to `from + count - 1` of each word: all of the lowest first, those of each place from a whole byte on. */
export function planesOf(words: BigUint64Array, from: number, count: number): Uint8Array {
  const n = byteLength(words.length);
  const out = new Uint8Array(count * n);
  for (let place = 0; place < count; place++) out.set(bitsOfWords(words, from + place), place * n);
  return out;
}

export function pickBits(bits: Uint8Array, positions: Uint32Array): Uint8Array {
  const out = new Uint8Array(byteLength(positions.length));
  for (let i = 0; i < positions.length; i++) out[i >> 3]! |= bitAt(bits, positions[i]!) << (i & 7);
  return out;
}

/** Joins vectors of these lengths; those of whole bytes are copied. */
export function joinBits(parts: readonly { readonly bits: Uint8Array; readonly count: number }[]): Uint8Array {
  const out = new Uint8Array(byteLength(parts.reduce((sum, { count }) => sum + count, 0)));
  let at = 0;
  for (const { bits, count } of parts) {
    if (at % 8 === 0) out.set(bits, at / 8);
    else for (let i = 0; i < count; i++) out[(at + i) >> 3]! |= bitAt(bits, i) << ((at + i) & 7);
    at += count;
  }
  return out;
}

export const bytesOf = (words: BigUint64Array | Uint32Array | Uint16Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** A view where the memory is aligned, else a copy. */
export function wordsOf(bytes: Uint8Array): BigUint64Array {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  return new BigUint64Array(aligned.buffer, aligned.byteOffset, aligned.length / 8);
}

/** The same for words of 16 bits. */
export function halvesOfBytes(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
}
