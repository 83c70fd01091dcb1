/** Random oblivious transfers in one pass, as the composition of the kernels that it saves memory between. */
import { elementCount, requireRange } from "../checks.ts";
import type { Extension, KeyForm, TransferKernels } from "../transfer-kernels.ts";
import { blockTags } from "./blocks.ts";
import { smallVole, smallVolePunctured, transposeBits } from "./correlated.ts";
import { BLOCK } from "./gf128.ts";

const ROWS = 128;
const DIGIT = 4;
/** Bit v of the mask says whether bit i of v is set. */
const HALVES = [0xaaaa, 0xcccc, 0xf0f0, 0xff00] as const;

export const transfersReceived: TransferKernels["transfersReceived"] = async (extension) => {
  const { leaves, bits, first, count, salt, form } = checked(extension);
  const rowBytes = rowBytesOf(count);
  const { sums, rows } = await smallVole(leaves, bits, first, rowBytes);
  const x = sums.subarray(0, rowBytes);
  const corrections = sums.slice(rowBytes).map((byte, at) => byte ^ x[at % rowBytes]!);
  const blocks = (await transposeBits(rows)).subarray(0, BLOCK * count);
  const choices = x.slice(0, count / 8);
  return { corrections, choices, kept: await keysReceived(blocks, choices, salt, form) };
};

export const transfersSent: TransferKernels["transfersSent"] = async (extension, positions, corrections) => {
  const { leaves, bits, first, count, salt, form } = checked(extension);
  const rowBytes = rowBytesOf(count);
  requireRange(corrections.length === (ROWS / bits - 1) * rowBytes, "a correction for each tree but the first");
  const all = new Uint8Array(rowBytes + corrections.length);
  all.set(corrections, rowBytes); // the first tree needs none
  const q = await transposeBits(await smallVolePunctured(leaves, bits, positions, all, first));
  return keysSent(q.subarray(0, BLOCK * count), deltaOf(positions, bits), salt, form);
};

export const keysReceived: TransferKernels["keysReceived"] = async (blocks, choices, salt, form) => {
  const count = wholeBytes(blocks, form);
  requireRange(choices.length === count / 8, "a choice for each block");
  return keptOfChosen(form, await blockTags(salt, blocks, BLOCK), choices);
};

export const keysSent: TransferKernels["keysSent"] = async (blocks, delta, salt, form) => {
  wholeBytes(blocks, form);
  requireRange(delta.length === BLOCK, "a key or scalar has 16 bytes");
  const added = blocks.map((byte, at) => byte ^ delta[at % BLOCK]!);
  return keptOfBoth(form, await blockTags(salt, blocks, BLOCK), await blockTags(salt, added, BLOCK));
};

function wholeBytes(blocks: Uint8Array, form: KeyForm): number {
  const count = elementCount(blocks, BLOCK);
  requireRange(count > 0 && count % 8 === 0, "transfers in multiples of eight");
  checkForm(form);
  return count;
}

const rowBytesOf = (count: number): number => BLOCK * Math.ceil(count / ROWS);

function checked(extension: Extension): Extension {
  const { leaves, bits, count, form } = extension;
  requireRange(Number.isInteger(bits) && bits >= 1 && bits <= 8, "fields of 2 to 256 elements");
  requireRange((leaves.length / (BLOCK * 2 ** bits)) * bits === ROWS, "trees for 128 rows");
  requireRange(Number.isInteger(count) && count > 0 && count % 8 === 0, "transfers in multiples of eight");
  checkForm(form);
  return extension;
}

function checkForm(form: KeyForm): void {
  const planes = "planes" in form ? form.planes : 1;
  requireRange(Number.isInteger(planes) && planes >= 1 && planes <= 8, "one to eight planes");
}

/** k bits of it belong to each tree. */
function deltaOf(positions: Uint32Array, bits: number): Uint8Array {
  const out = new Uint8Array(BLOCK);
  positions.forEach((position, tree) => {
    for (let bit = 0; bit < bits; bit++) {
      const at = tree * bits + bit;
      out[at >> 3]! |= ((position >> bit) & 1) << (at & 7);
    }
  });
  return out;
}

const halfAt = (key: Uint8Array, plane: number): number => key[2 * plane]! | (key[2 * plane + 1]! << 8);
const keyAt = (keys: Uint8Array, at: number): Uint8Array => keys.subarray(BLOCK * at, BLOCK * at + BLOCK);

function keptOfChosen(form: KeyForm, keys: Uint8Array, choices: Uint8Array): Uint8Array {
  if (form.kind === "blocks") return keys.slice();
  if (form.kind === "words") return firstWords(keys);
  if (form.kind === "bits") return planesOf(keys, form.planes);
  const out = new Uint8Array(keys.length / BLOCK / DIGIT);
  for (let at = 0; at < out.length; at++) {
    const chance = (choices[at >> 1]! >> (4 * (at & 1))) & 15;
    for (let plane = 0; plane < form.planes; plane++) {
      let entries = 0;
      for (let i = 0; i < DIGIT; i++) entries ^= halfAt(keyAt(keys, DIGIT * at + i), plane);
      out[at]! |= ((entries >> chance) & 1) << plane;
    }
  }
  return out;
}

function keptOfBoth(form: KeyForm, zero: Uint8Array, one: Uint8Array): Uint8Array {
  if (form.kind === "blocks") return joined(zero, one);
  if (form.kind === "words") return joined(firstWords(zero), firstWords(one));
  if (form.kind === "bits")
    return joined(
      planesOf(zero, form.planes),
      planesOf(
        zero.map((byte, at) => byte ^ one[at]!),
        form.planes,
      ),
    );
  const out = new Uint16Array((zero.length / BLOCK / DIGIT) * form.planes);
  for (let at = 0; at < out.length; at++) {
    const [digit, plane] = [Math.floor(at / form.planes), at % form.planes];
    for (let i = 0; i < DIGIT; i++) {
      const place = DIGIT * digit + i;
      const [z, o] = [halfAt(keyAt(zero, place), plane), halfAt(keyAt(one, place), plane)];
      out[at]! ^= (z & ~HALVES[i]!) | (o & HALVES[i]!);
    }
  }
  return new Uint8Array(out.buffer);
}

/** The first eight bytes of each key. */
const firstWords = (keys: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: keys.length / 2 }, (_, at) => keys[BLOCK * (at >> 3) + (at & 7)]!);

/** Bit p of each key to plane p. */
function planesOf(keys: Uint8Array, planes: number): Uint8Array {
  const count = keys.length / BLOCK;
  const out = new Uint8Array((planes * count) / 8);
  for (let plane = 0; plane < planes; plane++)
    for (let i = 0; i < count; i++) out[(plane * count + i) >> 3]! |= ((keys[BLOCK * i]! >> plane) & 1) << (i & 7);
  return out;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
