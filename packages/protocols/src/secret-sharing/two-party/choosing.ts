/**
 * Words that depend on a shared bit, from one transfer for each cross term.
 *
 * Rathee et al., CCS 2020 (CrypTFlow2), sections 3.1.2 and 3.1.3. The receiver of a transfer says whether its bit is its random
 * choice; the sender swaps its keys p_0, p_1 accordingly and sends k = p_0 - p_1 + D. So the receiver has p_0 + bit·D, the
 * sender -p_0: shares of bit·D. With bits b, b' and words x, x' of the two:
 *
 *   (b + b' - 2·b·b')·(x + x') = b·x + b'·(1 - 2·b)·x  +  the same, exchanged        a transfer each way
 *   b + b' + factor·b·b': the bit as a word with factor -2, "or" with factor -1      a transfer, half of them each way
 *
 * Two rounds; each way one bit and eight bytes for each transfer. What is sent is masked with one-time keys.
 */
import { discard } from "@tombolo/base";
import type { Correlations } from "./correlations.ts";
import { bitAt, byteLength, bytesOf, padded, wordsOf, xorBytes } from "./packed.ts";
import type { Wire } from "./wire.ts";

export interface Choosing {
  readonly wire: Wire;
  readonly correlations: Pick<Correlations, "transfers">;
}

/** Shares of bit·x. Bits are packed. */
export async function chosenWords(bits: Uint8Array, x: BigUint64Array, with_: Choosing): Promise<BigUint64Array> {
  const whole = [0, padded(x.length)] as const;
  const differences = negatedWhere(bits, x); // (1 - 2·b)·x
  const { sent, received } = await cross(bits, differences, { sent: whole, received: whole }, with_);
  const out = keptWhere(bits, x); // b·x
  for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, out[i]! + sent[i]!) + received[i]!;
  return out;
}

/** Shares of bit·word, of bits of the one and words of the other. */
export async function bitsTimesWords(
  own: { readonly bits: Uint8Array } | { readonly words: BigUint64Array },
  count: number,
  with_: Choosing,
): Promise<BigUint64Array> {
  const [whole, nothing] = [[0, padded(count)] as const, [0, 0] as const];
  if ("bits" in own) {
    const ranges = { sent: nothing, received: whole };
    return (await cross(own.bits, new BigUint64Array(0), ranges, with_)).received.subarray(0, count);
  }
  const ranges = { sent: whole, received: nothing };
  return (await cross(new Uint8Array(0), own.words, ranges, with_)).sent.subarray(0, count);
}

/** Shares of b + b' + factor·b·b'. */
export async function bitsAsWords(
  bits: Uint8Array,
  count: number,
  factor: -1n | -2n,
  with_: Choosing,
): Promise<BigUint64Array> {
  const [middle, end] = [8 * Math.ceil(byteLength(count) / 2), padded(count)];
  const [before, after] = [[0, middle] as const, [middle, end] as const];
  const first = with_.wire.role === "first";
  const halves = first ? { sent: before, received: after } : { sent: after, received: before };
  const differences = new BigUint64Array(halves.sent[1] - halves.sent[0]);
  const [low, high] = [Number(BigInt.asUintN(32, factor)), 2 ** 32 - 1];
  const words = halvesOf(differences);
  for (let i = 0; i < differences.length; i++)
    if (bitAt(bits, halves.sent[0] + i) === 1) [words[2 * i], words[2 * i + 1]] = [low, high];
  const { sent, received } = await cross(bits, differences, halves, with_);
  const out = new BigUint64Array(end);
  out.set(sent, halves.sent[0]);
  out.set(received, halves.received[0]);
  addBits(out, bits, count);
  return out.subarray(0, count);
}

interface Ranges {
  /** [from, to) where this party's differences meet the partner's bits, and the other way round; of whole bytes. */
  readonly sent: readonly [number, number];
  readonly received: readonly [number, number];
}

/** Shares of (partner's bit)·(own difference) over `sent`, and of (own bit)·(partner's difference) over `received`. */
async function cross(
  bits: Uint8Array,
  differences: BigUint64Array,
  ranges: Ranges,
  { wire, correlations }: Choosing,
): Promise<{ readonly sent: BigUint64Array; readonly received: BigUint64Array }> {
  const [sending, receiving] = [ranges.sent[1] - ranges.sent[0], ranges.received[1] - ranges.received[0]];
  const transfers = await correlations.transfers("words", sending, receiving);
  const [zero, one] = [wordsOf(transfers.sent.zero!), wordsOf(transfers.sent.one!)];
  const { choices } = transfers.received;
  const chosen = wordsOf(transfers.received.kept);
  const own = bits.slice(ranges.received[0] / 8, ranges.received[1] / 8);
  const swaps = await wire.exchange("Choices", xorBytes(own, choices), sending / 8);

  const { sent, corrections } = corrected(zero, one, swaps, differences);
  const theirs = wordsOf(await wire.exchange("Corrections", bytesOf(corrections), 8 * receiving));
  const received = keptWhere(own, theirs);
  for (let i = 0; i < receiving; i++) received[i] = received[i]! + chosen[i]!;
  discard(corrections, theirs);
  return { sent, received };
}

/*
 * Loops over halves of words: 64-bit integers that depend on a bit are objects to the engine, halves are machine words.
 */

const HALF = 2 ** 32;

const halvesOf = (words: BigUint64Array): Uint32Array =>
  new Uint32Array(words.buffer, words.byteOffset, 2 * words.length);

/** Of p_0, p_1, the keys swapped where a bit is set: -p_0, and p_0 - p_1 + difference. */
function corrected(zero: BigUint64Array, one: BigUint64Array, swaps: Uint8Array, differences: BigUint64Array) {
  const [sent, corrections] = [new BigUint64Array(zero.length), new BigUint64Array(zero.length)];
  corrections.set(differences);
  const [z, o, to, d] = [halvesOf(zero), halvesOf(one), halvesOf(sent), halvesOf(corrections)];
  for (let i = 0; i < zero.length; i++) {
    const [at, mask] = [2 * i, -bitAt(swaps, i)];
    const [low, high] = [(z[at]! ^ o[at]!) & mask, (z[at + 1]! ^ o[at + 1]!) & mask];
    const [low0, high0] = [(z[at]! ^ low) >>> 0, z[at + 1]! ^ high];
    const sum = low0 - ((o[at]! ^ low) >>> 0) + d[at]!;
    d[at] = sum;
    d[at + 1] = d[at + 1]! + high0 - (o[at + 1]! ^ high) + Math.floor(sum / HALF);
    to[at] = -low0;
    to[at + 1] = low0 === 0 ? -high0 : ~high0;
  }
  return { sent, corrections };
}

/** The word where the bit is set, else 0. */
export function keptWhere(bits: Uint8Array, words: BigUint64Array): BigUint64Array {
  const out = new BigUint64Array(words.length);
  const [from, to] = [halvesOf(words), halvesOf(out)];
  for (let at = 0; at < to.length; at++) to[at] = from[at]! & -bitAt(bits, at >> 1);
  return out;
}

/** Minus the word where the bit is set, else the word. */
function negatedWhere(bits: Uint8Array, words: BigUint64Array): BigUint64Array {
  const out = new BigUint64Array(words.length);
  const [from, to] = [halvesOf(words), halvesOf(out)];
  for (let i = 0; i < words.length; i++) {
    const [at, bit] = [2 * i, bitAt(bits, i)];
    const low = ((from[at]! ^ -bit) >>> 0) + bit;
    to[at] = low;
    to[at + 1] = (from[at + 1]! ^ -bit) + Number(low === HALF);
  }
  return out;
}

function addBits(words: BigUint64Array, bits: Uint8Array, count: number): void {
  const to = halvesOf(words);
  for (let i = 0; i < count; i++) {
    const low = to[2 * i]! + bitAt(bits, i);
    to[2 * i] = low;
    if (low === HALF) to[2 * i + 1] = to[2 * i + 1]! + 1;
  }
}
