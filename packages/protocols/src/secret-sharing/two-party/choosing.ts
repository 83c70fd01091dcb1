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
import type { Joining } from "./joining.ts";
import { bitAt, byteLength, bytesOf, padded, wordsOf, xorBytes } from "./packed.ts";

/** All bits, and minus the number of them: 0 and 2^64 - 1. */
const ALL_OR_NONE = BigUint64Array.of(0n, 2n ** 64n - 1n);

/** Shares of bit·x. Bits are packed. */
export async function chosenWords(bits: Uint8Array, x: BigUint64Array, with_: Joining): Promise<BigUint64Array> {
  const differences = new BigUint64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const negated = ALL_OR_NONE[bitAt(bits, i)]!;
    differences[i] = BigInt.asUintN(64, (x[i]! ^ negated) - negated); // (1 - 2·b)·x
  }
  const whole = [0, padded(x.length)] as const;
  const { sent, received } = await cross(bits, differences, { sent: whole, received: whole }, with_);
  const out = new BigUint64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const own = x[i]! & ALL_OR_NONE[bitAt(bits, i)]!; // b·x
    out[i] = BigInt.asUintN(64, own + BigInt.asUintN(64, sent[i]! + received[i]!));
  }
  return out;
}

/** Shares of b + b' + factor·b·b'. */
export async function bitsAsWords(
  bits: Uint8Array,
  count: number,
  factor: -1n | -2n,
  with_: Joining,
): Promise<BigUint64Array> {
  const [middle, end] = [8 * Math.ceil(byteLength(count) / 2), padded(count)];
  const [low, high] = [[0, middle] as const, [middle, end] as const];
  const halves = with_.wire.role === "first" ? { sent: low, received: high } : { sent: high, received: low };
  const differences = new BigUint64Array(halves.sent[1] - halves.sent[0]);
  const wordFactor = BigInt.asUintN(64, factor);
  for (let i = 0; i < differences.length; i++)
    differences[i] = wordFactor & ALL_OR_NONE[bitAt(bits, halves.sent[0] + i)]!;
  const { sent, received } = await cross(bits, differences, halves, with_);
  const out = new BigUint64Array(end);
  out.set(sent, halves.sent[0]);
  out.set(received, halves.received[0]);
  for (let i = 0; i < count; i++) out[i] = BigInt.asUintN(64, out[i]! + BigInt(bitAt(bits, i)));
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
  { wire, correlations }: Joining,
): Promise<{ readonly sent: BigUint64Array; readonly received: BigUint64Array }> {
  const [sending, receiving] = [ranges.sent[1] - ranges.sent[0], ranges.received[1] - ranges.received[0]];
  const transfers = await correlations.transfers("words", sending, receiving);
  const [zero, one] = transfers.sent.kept.map(wordsOf) as [BigUint64Array, BigUint64Array];
  const { choices } = transfers.received;
  const chosen = wordsOf(transfers.received.kept);
  const own = bits.slice(ranges.received[0] / 8, ranges.received[1] / 8);
  const swaps = await wire.exchange("Choices", xorBytes(own, choices), sending / 8);

  const sent = new BigUint64Array(sending);
  const corrections = new BigUint64Array(sending);
  for (let i = 0; i < sending; i++) {
    const [z, o] = [zero[i]!, one[i]!];
    const swapped = (z ^ o) & ALL_OR_NONE[bitAt(swaps, i)]!;
    const [p0, p1] = [z ^ swapped, o ^ swapped];
    sent[i] = BigInt.asUintN(64, -p0);
    corrections[i] = BigInt.asUintN(64, p0 - p1 + (differences[i] ?? 0n));
  }
  const theirs = wordsOf(await wire.exchange("Corrections", bytesOf(corrections), 8 * receiving));
  const received = new BigUint64Array(receiving);
  for (let i = 0; i < receiving; i++)
    received[i] = BigInt.asUintN(64, chosen[i]! + (theirs[i]! & ALL_OR_NONE[bitAt(own, i)]!));
  return { sent, received };
}
