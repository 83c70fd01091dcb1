/**
 * Random products of words from oblivious transfer.
 *
 * Gilboa, "Two Party RSA Key Generation", CRYPTO 1999, section 4.1, with correlated transfers (Asharov, Lindell, Schneider,
 * Zohner, CCS 2013). One party has a word a, which is 64 random choices, the other b. For bit t the receiver has the key
 * m_(a_t), and gets d_t = m_0 - m_1 + b modulo 2^(64 - t):
 *
 *   a_t = 0: m_0        a_t = 1: m_1 + d_t = m_0 + b        so   sum of 2^t·(..) = a·b + sum of 2^t·m_0
 *
 * which are the receiver's share, and minus the sender's. A triple is such a product each way and the own one. What is sent
 * is masked with a key that the receiver lacks: neither learns anything. Adversary and assumptions of the transfers.
 *
 * For matrices the transfers go over the smaller factor, and each has as many masks, from a tree of seeds under its key, as the
 * other factor has words for it.
 *
 * Bytes each way: 288 a product (d_t in whole bytes), and 64 transfers of 3.9, for matrices 64 for each word of the smaller
 * factor.
 */
import { concat, discard, type Secrets, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, correlations, sha256 } from "@tombolo/crypto";
import type { MatrixShape } from "../backend.ts";
import type { ProductSource, Squares, Triples } from "./correlations.ts";
import { bitAt, bytesOf, wordsOf } from "./packed.ts";
import { addWords, matrixProduct, multiplyWords, transposed } from "./ring.ts";
import { joined } from "./stock.ts";
import { PART_TRANSFERS, type TransferSource, type Transfers } from "./transfers.ts";
import type { Wire } from "./wire.ts";

const WORD_BITS = 64;
const LABEL = {
  pieces: utf8("tombolo/secret-sharing/two-party/1/pieces\0"),
  masks: utf8("tombolo/secret-sharing/two-party/1/masks\0"),
} as const;

/** Bytes of d_t: as many as 2^t·d_t has left above. */
const widthOf = (t: number): number => 8 - (t >> 3);
/** Of all d_t of one product. */
export const PRODUCT_BYTES = 288;
const PART_PRODUCTS = PART_TRANSFERS / WORD_BITS;
/** Words masked under one key at most, and under all keys at once for each bit: bounds memory. */
const WIDTH_MAX = 2 ** 12;
const PART_WORDS = 2 ** 13;

export interface GilboaOptions {
  readonly source: TransferSource;
  readonly wire: Wire;
  readonly secrets: Secrets;
  /** 32 bytes that belong to this session alone. */
  readonly binding: Uint8Array;
}

/** One product of each direction for each index: own a times the partner's b, and own b times the partner's a. */
type Products = {
  readonly a: BigUint64Array;
  readonly b: BigUint64Array;
  /** Share of a·(partner's b), and of b·(partner's a). */
  readonly received: BigUint64Array;
  readonly sent: BigUint64Array;
};

export function gilboa(options: GilboaOptions): ProductSource {
  return {
    async triples(count) {
      const { a, b, received, sent } = await products(count, options);
      const c = multiplyWords(a, b);
      for (let i = 0; i < count; i++) c[i] = BigInt.asUintN(64, c[i]! + received[i]!) + sent[i]!;
      return { a, b, c };
    },
    async squares(count): Promise<Squares> {
      // (a + a')^2 = a^2 + a'^2 + 2·a·a': of each two squares, a product in each direction.
      const { a, b, received, sent } = await products(Math.ceil(count / 2), options);
      const inOrder = options.wire.role === "first" ? [a, b, received, sent] : [b, a, sent, received];
      const [one, two, crossOne, crossTwo] = inOrder as [
        BigUint64Array,
        BigUint64Array,
        BigUint64Array,
        BigUint64Array,
      ];
      const [own, cross] = [joinWords(one, two).subarray(0, count), joinWords(crossOne, crossTwo)];
      const c = multiplyWords(own, own);
      for (let i = 0; i < count; i++) c[i] = c[i]! + 2n * cross[i]!;
      return { a: own, c };
    },
    matrixTriple: (shape) => matrixTriple(shape, options),
  };
}

function joinWords(x: BigUint64Array, y: BigUint64Array): BigUint64Array {
  const out = new BigUint64Array(x.length + y.length);
  out.set(x);
  out.set(y, x.length);
  return out;
}

async function products(count: number, { source, wire, secrets }: GilboaOptions): Promise<Products> {
  const parts: Products[] = [];
  for (let left = count; left > 0; left -= PART_PRODUCTS) {
    const here = Math.min(PART_PRODUCTS, left);
    const b = wordsOf(secrets.bytes(8 * here));
    const made = await source.bulk(WORD_BITS * here, WORD_BITS * here, { kind: "words" });
    const { choices } = made.received;
    const masks = { count: here, width: 1, stride: 1 };
    const keys = wordsOf(made.sent);
    const [zero, one] = [keys.subarray(0, keys.length / 2), keys.subarray(keys.length / 2)];
    const chosen = wordsOf(made.received.kept);
    const { corrections, sent } = sendProducts(b, { ...masks, zero, one });
    const theirs = await wire.exchange("Products", corrections, PRODUCT_BYTES * here);
    const received = receiveProducts(theirs, { ...masks, choices, chosen });
    parts.push({ a: wordsOf(choices).slice(), b, received, sent });
    discard(made.sent, made.received.kept);
  }
  return joined<Products>(parts);
}

/** For each of `count` words a of one side, `width` of the other; `stride` masks for each bit of a, the first are used. */
interface Masks {
  readonly count: number;
  readonly width: number;
  readonly stride: number;
}

/**
 * 2^t, and minus a bit: products with them are single instructions where shifts by a variable are not. Looked up where they are
 * used, since a bigint that outlives an expression is an object.
 */
const POWERS = BigUint64Array.from({ length: WORD_BITS }, (_, t) => 1n << BigInt(t));
const ALL_OR_NONE = BigUint64Array.of(0n, 2n ** 64n - 1n);

/** d_t = m_0 - m_1 + b of each bit, cut; and minus the sum of 2^t·m_0. */
function sendProducts(
  b: BigUint64Array,
  { count, width, stride, zero, one }: Masks & { readonly zero: BigUint64Array; readonly one: BigUint64Array },
): { readonly corrections: Uint8Array; readonly sent: BigUint64Array } {
  const corrections = new Uint8Array(PRODUCT_BYTES * width * count);
  const sent = new BigUint64Array(width * count);
  const d = new BigUint64Array(width);
  const bytes = bytesOf(d);
  let to = 0;
  for (let i = 0; i < count; i++)
    for (let t = 0; t < WORD_BITS; t++) {
      const [from, base, cut] = [stride * (WORD_BITS * i + t), width * i, widthOf(t)];
      for (let l = 0; l < width; l++) {
        sent[base + l] = BigInt.asUintN(64, sent[base + l]! - BigInt.asUintN(64, zero[from + l]! * POWERS[t]!));
        d[l] = BigInt.asUintN(64, BigInt.asUintN(64, zero[from + l]! - one[from + l]!) + b[base + l]!);
      }
      for (let l = 0; l < width; l++) for (let byte = 0; byte < cut; byte++) corrections[to++] = bytes[8 * l + byte]!;
    }
  return { corrections, sent };
}

/** The sum of 2^t·(m_(a_t) + a_t·d_t). */
function receiveProducts(
  corrections: Uint8Array,
  { count, width, stride, choices, chosen }: Masks & { readonly choices: Uint8Array; readonly chosen: BigUint64Array },
): BigUint64Array {
  const received = new BigUint64Array(width * count);
  const d = new BigUint64Array(width);
  const bytes = bytesOf(d);
  let from = 0;
  for (let i = 0; i < count; i++)
    for (let t = 0; t < WORD_BITS; t++) {
      const [bit, base, cut] = [WORD_BITS * i + t, width * i, widthOf(t)];
      const [mask, chosenBit] = [stride * bit, bitAt(choices, bit)];
      for (let l = 0; l < width; l++) for (let byte = 0; byte < cut; byte++) bytes[8 * l + byte] = corrections[from++]!;
      for (let l = 0; l < width; l++)
        received[base + l] = BigInt.asUintN(
          64,
          received[base + l]! +
            BigInt.asUintN(64, BigInt.asUintN(64, chosen[mask + l]! + (d[l]! & ALL_OR_NONE[chosenBit]!)) * POWERS[t]!),
        );
    }
  return received;
}

/** The smaller matrix is of the choices; each of its words meets a row, or a column, of the other. */
async function matrixTriple(shape: MatrixShape, options: GilboaOptions): Promise<Triples> {
  const { rows, inner, columns } = shape;
  if (rows > columns) {
    // (a·b) transposed is b transposed times a transposed, whose first factor is then the smaller one.
    const turned = await matrixTriple({ rows: columns, inner, columns: rows }, options);
    return {
      a: transposed(turned.b, inner, rows),
      b: transposed(turned.a, columns, inner),
      c: transposed(turned.c, columns, rows),
    };
  }
  const b = wordsOf(options.secrets.bytes(8 * inner * columns));
  const a = new BigUint64Array(rows * inner);
  const cross = new BigUint64Array(rows * columns);
  const pieces = piecesOf(columns);
  const together = Math.max(1, Math.min(PART_PRODUCTS, Math.floor(PART_WORDS / pieces[0]!.width)));
  for (let first = 0; first < a.length; first += together) {
    const count = Math.min(together, a.length - first);
    const made = await options.source.random(WORD_BITS * count, WORD_BITS * count);
    a.set(wordsOf(made.received.choices), first);
    const keys = await pieceKeys(made, pieces.length, options.binding);
    for (const [index, piece] of pieces.entries()) {
      const share = await crossPiece(
        keys[index]!,
        made.received.choices,
        { first, count, ...piece },
        b,
        shape,
        options,
      );
      for (let i = 0; i < count; i++)
        for (let l = 0, to = Math.floor((first + i) / inner) * columns + piece.left; l < piece.width; l++, to++)
          cross[to] = BigInt.asUintN(64, cross[to]! + share[i * piece.width + l]!);
    }
  }
  return { a, b, c: addWords(matrixProduct(a, b, shape), cross) };
}

interface Piece {
  readonly left: number;
  readonly width: number;
}

function piecesOf(columns: number): readonly Piece[] {
  return Array.from({ length: Math.ceil(columns / WIDTH_MAX) }, (_, i) => ({
    left: i * WIDTH_MAX,
    width: Math.min(WIDTH_MAX, columns - i * WIDTH_MAX),
  }));
}

interface Keys {
  readonly zero: Uint8Array;
  readonly one: Uint8Array;
  readonly chosen: Uint8Array;
}

/** Each key gives one for each piece of columns: the leaves of a tree under it. */
async function pieceKeys({ sent, received }: Transfers, pieces: number, binding: Uint8Array): Promise<readonly Keys[]> {
  const [zero, one, chosen] = [sent.zero, sent.one, received.keys];
  if (pieces === 1) return [{ zero, one, chosen }];
  const depth = Math.ceil(Math.log2(pieces));
  const salt = await saltOf(LABEL.pieces, binding);
  const expand = async (keys: Uint8Array) => (await correlations.ggmExpand(keys, depth, salt)).leaves;
  const all = { zero: await expand(zero), one: await expand(one), chosen: await expand(chosen) };
  const taken = (leaves: Uint8Array, piece: number): Uint8Array => {
    const blocks = wordsOf(leaves);
    const out = new BigUint64Array(blocks.length / 2 ** depth);
    for (let i = 0; i < out.length; i++) out[i] = blocks[2 * ((i >> 1) * 2 ** depth + piece) + (i & 1)]!;
    return bytesOf(out);
  };
  return Array.from({ length: pieces }, (_, piece) => ({
    zero: taken(all.zero, piece),
    one: taken(all.one, piece),
    chosen: taken(all.chosen, piece),
  }));
}

/** Of `count` words of a from `first` on with their rows of b: shares of both cross products together. */
async function crossPiece(
  keys: Keys,
  choices: Uint8Array,
  { first, count, left, width }: Piece & { readonly first: number; readonly count: number },
  b: BigUint64Array,
  { inner, columns }: MatrixShape,
  { wire, binding }: GilboaOptions,
): Promise<BigUint64Array> {
  const depth = Math.max(1, Math.ceil(Math.log2(width / 2)));
  const salt = await saltOf(LABEL.masks, binding);
  const expand = async (seeds: Uint8Array) => wordsOf((await correlations.ggmExpand(seeds, depth, salt)).leaves);
  const masks = { count, width, stride: 2 * 2 ** depth };
  const rows = new BigUint64Array(count * width);
  for (let i = 0; i < count; i++) {
    const from = ((first + i) % inner) * columns + left;
    rows.set(b.subarray(from, from + width), i * width);
  }
  const { corrections, sent } = sendProducts(rows, {
    ...masks,
    zero: await expand(keys.zero),
    one: await expand(keys.one),
  });
  const theirs = await wire.exchange("Products", corrections, PRODUCT_BYTES * width * count);
  const received = receiveProducts(theirs, { ...masks, choices, chosen: await expand(keys.chosen) });
  return addWords(sent, received);
}

const saltOf = async (label: Uint8Array, binding: Uint8Array): Promise<Uint8Array> =>
  (await sha256(concat(label, binding))).slice(0, BLOCK_BYTES);
