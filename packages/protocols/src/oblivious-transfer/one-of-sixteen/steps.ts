/**
 * Oblivious transfer of one in sixteen short entries, from four random transfers of one in two each.
 *
 * Naor, Pinkas, "Oblivious Transfer and Polynomial Evaluation", STOC 1999. Entry v is masked with pad_v, the XOR over i of
 * bit v of the key for bit i of v; each bit of a key serves one entry, so whoever lacks a key of v knows nothing of pad_v.
 *
 * 1. receiver -> sender: its digit XOR the four random choices, half a byte.   2. sender -> receiver: the sixteen entries, in
 *    the order that this gives the pads, each masked with its pad.
 *
 * The sender learns nothing of the digit, the receiver the entry at its digit and no other. The adversary and assumptions
 * are those of the random transfers. An entry has two bits: tables of sixteen are a word, first bits low, second bits high.
 * Who needs one bit sends the lower half. Pure steps: messages belong to the protocol that uses them.
 */
export const DIGIT_TRANSFERS = 4;

/** Bit v of the mask says whether bit i of v is set, in both halves. */
const HALVES = [0xaaaaaaaa, 0xcccccccc, 0xf0f0f0f0, 0xff00ff00] as const;
const KEY_WORDS = 4;

/** The first four bytes of each 16-byte key: all that is used of it here. */
export function keyWords(keys: Uint8Array): Uint32Array {
  const aligned = keys.byteOffset % 4 === 0 ? keys : keys.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  const out = new Uint32Array(words.length / KEY_WORDS);
  for (let i = 0; i < out.length; i++) out[i] = words[KEY_WORDS * i]!;
  return out;
}

/** Half a byte of four random choices, which are those of transfers 4·at to 4·at + 3. */
const chanceAt = (choices: Uint8Array, at: number): number => (choices[at >> 1]! >> (4 * (at & 1))) & 15;

/** The receiver's digits in place of its random choices: half a byte each, two to a byte. */
export function maskedDigits(digits: Uint8Array, choices: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(digits.length / 2));
  for (let at = 0; at < digits.length; at++) out[at >> 1]! |= (digits[at]! ^ chanceAt(choices, at)) << (4 * (at & 1));
  return out;
}

/** v -> v ^ by, among the sixteen bits of each half of a word. */
function permuted(word: number, by: number): number {
  let out = word;
  if (by & 1) out = ((out & 0xaaaaaaaa) >>> 1) | ((out & 0x55555555) << 1);
  if (by & 2) out = ((out & 0xcccccccc) >>> 2) | ((out & 0x33333333) << 2);
  if (by & 4) out = ((out & 0xf0f0f0f0) >>> 4) | ((out & 0x0f0f0f0f) << 4);
  if (by & 8) out = ((out & 0xff00ff00) >>> 8) | ((out & 0x00ff00ff) << 8);
  return out;
}

/** The sender's pads of all entries, in the order of the receiver's masked digits. */
export function tablePads(zero: Uint32Array, one: Uint32Array, masked: Uint8Array): Uint32Array {
  const out = new Uint32Array(zero.length / DIGIT_TRANSFERS);
  for (let at = 0; at < out.length; at++) {
    let pads = 0;
    for (let i = 0; i < DIGIT_TRANSFERS; i++)
      pads ^= (zero[4 * at + i]! & ~HALVES[i]!) | (one[4 * at + i]! & HALVES[i]!);
    out[at] = permuted(pads, chanceAt(masked, at));
  }
  return out;
}

/** The receiver's pad of its entry: the first bit at bit 0, the second at bit 16. Other bits mean nothing. */
export function chosenPads(choices: Uint8Array, chosen: Uint32Array): Uint32Array {
  const out = new Uint32Array(chosen.length / DIGIT_TRANSFERS);
  for (let at = 0; at < out.length; at++) {
    const pad = chosen[4 * at]! ^ chosen[4 * at + 1]! ^ chosen[4 * at + 2]! ^ chosen[4 * at + 3]!;
    out[at] = pad >>> chanceAt(choices, at);
  }
  return out;
}
