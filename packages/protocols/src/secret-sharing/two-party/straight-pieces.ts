/**
 * Shares of a function made of straight pieces, of a shared word: which piece, and what it gives, from one table of each party.
 *
 * A word's interval is that of its two shares, added modulo 32, or the one above it where their parts below carry: a piece serves
 * both. Each party makes a table over the other's 32: the piece's slope times the own share, less a random share of its own,
 * modulo 2^32; the other reads its entry (one of 32 by five transfers each of one in two: Naor, Pinkas, STOC 1999). What both hold
 * then adds up to slope·x + intercept. Beyond the pieces it means nothing; two comparisons (comparing.ts) say so, whose bits
 * choose it, or a constant (choosing.ts). As the result is below 2^31, the wrap of its shares is an "or" of their top bits, which
 * also brings it to 64 bits.
 *
 * Each word takes ten transfers for the tables, four for what is chosen, one for the wrap, and those of the comparisons, whose
 * digits are read once for both. Bytes, both ways, besides those: 258 for the tables. What is sent is masked with one-time material.
 */
import { concat, discard, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, correlations as kernels, sha256 } from "@tombolo/crypto";
import type { StraightPieces } from "../backend.ts";
import { bitsAsWords, chosenWords } from "./choosing.ts";
import { type Comparing, signs } from "./comparing.ts";
import { bitsOfWords, joinBits, padded, trimmed, xorBytes } from "./packed.ts";

const PIECES = 32;
const PIECE_BITS = 5;
/** Where the pieces end, in intervals. */
const END = 15n;
const RING_BITS = 32;
/** Beyond 2^(step - 2) a threshold is not looked at. */
const ROUGH_BITS = 2;
const LABEL = utf8("tombolo/secret-sharing/two-party/1/pieces-tables\0");

export async function straightPieces(
  values: BigUint64Array,
  pieces: StraightPieces,
  with_: Comparing,
): Promise<BigUint64Array> {
  const { step, width, above, below, shift } = pieces;
  const [n, leading] = [values.length, with_.wire.role === "first"];
  const end = END << BigInt(step);
  const range = { width, dropped: Math.max(0, step - ROUGH_BITS) };
  const [low, notHigh] = (await signs(values, [end, -end], range, with_)) as [Uint8Array, Uint8Array];
  const results = await readPieces(values, pieces, with_);

  const inside = xorBytes(low, notHigh);
  const high = leading ? notHigh.map((byte) => byte ^ 0xff) : notHigh;
  const bits = joinBits([inside, high].map((part) => ({ bits: trimmed(part, n), count: n })));
  const words = new BigUint64Array(2 * n);
  words.set(results);
  if (leading) words.fill(BigInt.asUintN(64, BigInt(above - below)), n);
  const chosen = await chosenWords(bits, words, with_);
  const sums = new BigUint64Array(n);
  const [from, to] = [chosen, sums].map((vector) => new Uint32Array(vector.buffer, vector.byteOffset)) as [
    Uint32Array,
    Uint32Array,
  ];
  const constant = leading ? below : 0;
  for (let i = 0; i < n; i++) to[2 * i] = from[2 * i]! + from[2 * (n + i)]! + constant;
  return widened(sums, shift, with_);
}

/** Shares modulo 2^32 of what is below 2^31, shifted: as `shift … near` of two-party.ts. */
async function widened(y: BigUint64Array, shift: number, with_: Comparing): Promise<BigUint64Array> {
  const wrap = await bitsAsWords(bitsOfWords(y, RING_BITS - 1), y.length, -1n, with_);
  const factor = 2n ** BigInt(RING_BITS - shift);
  const rounding = shift > 0 && with_.wire.role === "first" ? 1 : 0;
  const halves = new Uint32Array(y.buffer, y.byteOffset, 2 * y.length);
  for (let at = 0; at < halves.length; at += 2) halves[at] = (halves[at]! >>> shift) + rounding;
  for (let i = 0; i < y.length; i++) y[i] = y[i]! - BigInt.asUintN(64, wrap[i]! * factor);
  return y;
}

/** Shares modulo 2^32 of the piece's value less `below`. */
async function readPieces(
  values: BigUint64Array,
  pieces: StraightPieces,
  { wire, correlations, secrets }: Comparing,
): Promise<BigUint64Array> {
  const { step } = pieces;
  const [n, leading] = [padded(values.length), wire.role === "first"];
  const half = leading ? BigInt(2 ** (step - 1)) : 0n;
  const moved = new BigUint64Array(n).fill(half);
  for (let i = 0; i < values.length; i++) moved[i] = moved[i]! + values[i]!;
  const transfers = await correlations.transfers("blocks", PIECE_BITS * n, PIECE_BITS * n);
  const { choices, kept } = transfers.received;
  const masked = await wire.exchange("Intervals", await kernels.pieceChoices(moved, step, choices), n);
  const shares = secrets.bytes(4 * n);
  const salt = (await sha256(concat(LABEL, wire.binding))).slice(0, BLOCK_BYTES);
  const lines = linesOf(pieces, leading, half);
  const keys = concat(transfers.sent.zero!, transfers.sent.one!);
  const tables = await kernels.pieceTables(moved, lines, keys, masked, shares, salt);
  const theirs = await wire.exchange("Pieces", tables, 4 * PIECES * n);
  const entries = await kernels.pieceEntries(moved, step, kept, theirs, salt);
  discard(keys, masked, tables, theirs);
  return lowSums(halvesOf(shares), halvesOf(entries)).subarray(0, values.length);
}

const halvesOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice().buffer);

/** Words of sums modulo 2^32. */
function lowSums(x: Uint32Array, y: Uint32Array): BigUint64Array {
  const out = new BigUint64Array(x.length);
  const halves = new Uint32Array(out.buffer);
  for (let i = 0; i < x.length; i++) halves[2 * i] = x[i]! + y[i]!;
  return out;
}

/** By interval modulo 32, of shares that were moved by half an interval; the intercept is with the first. */
function linesOf({ slopes, intercepts, below, step }: StraightPieces, leading: boolean, half: bigint) {
  const at = (interval: number): number => (interval + PIECES / 2) % PIECES;
  const intercept = (place: number): bigint =>
    BigInt(intercepts[place]!) - BigInt(slopes[place]!) * half - BigInt(below);
  return {
    step,
    slopes: Uint32Array.from({ length: PIECES }, (_, i) => slopes[at(i)]!),
    intercepts: Uint32Array.from({ length: PIECES }, (_, i) =>
      leading ? Number(BigInt.asUintN(32, intercept(at(i)))) : 0,
    ),
  };
}
