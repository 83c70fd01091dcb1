/** What both sides of the oblivious function compute alike. */
import { concat, type Secrets, TomboloError, toHex, utf8 } from "@tombolo/base";
import {
  BLOCK_BYTES,
  blockTags,
  gf128MultiplyAdd,
  type OkvsKeys,
  type OkvsLayout,
  okvsLayout,
  okvsSlots,
  sha256,
} from "@tombolo/crypto";
import { DIRECT_MAX, voleBytes } from "../vole/index.ts";

/** What separates the hashes from each other and from those of any other protocol. */
export const LABEL = {
  map: utf8("tombolo/opprf/1/map\0"),
  output: utf8("tombolo/opprf/1/output\0"),
} as const;

/** Items of one run, so that its table takes no more correlations than `vole` makes. */
export const ITEMS_MAX = 5 * 2 ** 20;

export interface OprfOptions {
  readonly secrets: Secrets;
  /** 32 bytes that nothing else between the same two parties has. */
  readonly binding: Uint8Array;
  /** The run fails with probability 2^-failureBits. */
  readonly failureBits: number;
}

/** Of a table for `count` items; the same at both sides. */
export function layoutFor(count: number, failureBits: number): { layout: OkvsLayout; slots: number } {
  if (count > ITEMS_MAX) throw new TomboloError("input.rows", `one run takes at most ${ITEMS_MAX} items`);
  const layout = okvsLayout(count, { failureBits });
  return { layout, slots: okvsSlots(layout) };
}

/** Decoding has no capacity: the sender's items may crowd in a cluster of the receiver's table. */
export const forDecoding = (layout: OkvsLayout, items: Uint8Array): OkvsLayout => ({
  ...layout,
  capacity: items.length / BLOCK_BYTES,
});

/** H'(x) of each item. */
export const mapped = async (items: Uint8Array, binding: Uint8Array): Promise<Uint8Array> =>
  blockTags(await keyOf(LABEL.map, binding), items, BLOCK_BYTES);

/** H(v) of each value: the function's. */
export const outputs = async (values: Uint8Array, binding: Uint8Array): Promise<Uint8Array> =>
  blockTags(await keyOf(LABEL.output, binding), values, BLOCK_BYTES);

const keyOf = async (label: Uint8Array, binding: Uint8Array): Promise<Uint8Array> =>
  (await sha256(concat(label, binding))).slice(0, BLOCK_BYTES);

/**
 * Correlations of a small run are transfers as they are: a receiver that gives each slot other choices would read delta
 * from what it gets, a few bits a slot, so they are checked.
 */
const adversaryOf = (slots: number) => (slots <= DIRECT_MAX ? "malicious" : "semi-honest");

export const voleOptions = (slots: number, { secrets, binding }: OprfOptions) =>
  ({ secrets, label: `opprf/${toHex(binding)}`, adversary: adversaryOf(slots) }) as const;

/** K = b + delta·(a + P) in the memory of b while a + P arrives, then Decode(K, x) + delta·H'(x) of each item. */
export async function evaluateTable(
  keys: OkvsKeys,
  images: Uint8Array,
  { delta, b }: { readonly delta: Uint8Array; readonly b: Uint8Array },
  table: AsyncIterable<Uint8Array>,
  wrongSize: () => TomboloError,
): Promise<Uint8Array> {
  let at = 0;
  for await (const chunk of table) {
    if (chunk.length === 0 || at + chunk.length > b.length) throw wrongSize();
    await gf128MultiplyAdd(b.subarray(at, at + chunk.length), chunk, delta);
    at += chunk.length;
  }
  if (at !== b.length) throw wrongSize();
  const values = new Uint8Array(images.length);
  await keys.decodeInto(b, values);
  await gf128MultiplyAdd(values, images, delta);
  return values;
}

/** sums[i] ^= values[i], in place. */
export const addBlocks = (sums: Uint8Array, values: Uint8Array): Promise<void> => gf128MultiplyAdd(sums, values, ONE);

const ONE = Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (i === 0 ? 1 : 0));

/** All chunks in one array of exactly `length` bytes. */
export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  length: number,
  wrongSize: () => TomboloError,
): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  let at = 0;
  for await (const chunk of chunks) {
    if (chunk.length === 0 || at + chunk.length > length) throw wrongSize();
    out.set(chunk, at);
    at += chunk.length;
  }
  if (at !== length) throw wrongSize();
  return out;
}

/** Views of `bytes` of at most `size`. */
export function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const refusedTable = (party: string) => (): TomboloError =>
  new TomboloError("protocol.size", "the partner sent a table of another size than its items need", {
    stage: "opprf",
    blame: party,
  });

/** Payload bytes, the correlations' included, in both directions together. */
export const oprfBytes = (receiverCount: number, failureBits: number): number => {
  const { slots } = layoutFor(receiverCount, failureBits);
  return voleBytes(slots, adversaryOf(slots)) + BLOCK_BYTES * (1 + slots);
};

export const hintBytes = (senderCount: number, failureBits: number): number =>
  BLOCK_BYTES * (1 + layoutFor(senderCount, failureBits).slots);
