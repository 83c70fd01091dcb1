/** Bits, plans and choices as they travel, with the checks on what a peer may have sent. */
import { concat, TomboloError } from "@tombolo/base";
import type { Choice } from "./choose.ts";

const malformed = (what: string): TomboloError => new TomboloError("protocol.malformed", what);

/** Lowest bit first. */
export function packBits(flags: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(flags.length / 8));
  for (let i = 0; i < flags.length; i++) out[i >> 3]! |= (flags[i]! & 1) << (i & 7);
  return out;
}

/** Spare bits must be zero. */
export function unpackBits(bytes: Uint8Array, count: number): Uint8Array {
  if (bytes.length !== Math.ceil(count / 8)) throw malformed("a wrong number of branch bits");
  const flags = new Uint8Array(count);
  for (let i = 0; i < count; i++) flags[i] = (bytes[i >> 3]! >> (i & 7)) & 1;
  if ((count & 7) !== 0 && bytes[bytes.length - 1]! >> (count & 7) !== 0) throw malformed("spare branch bits are set");
  return flags;
}

/** How many candidates a node has: single ones, then the members of each group. */
export interface OfferShape {
  readonly singles: number;
  readonly groups: readonly number[];
}

export const cellCount = ({ singles, groups }: OfferShape): number =>
  groups.reduce((sum, members) => sum + members, singles);

export const encodeShapes = (shapes: readonly OfferShape[]): Uint32Array =>
  Uint32Array.from(shapes.flatMap(({ singles, groups }) => [singles, groups.length, ...groups]));

/** Candidate sums of one level: a gigabyte of 2048-bit ciphertexts before packing. */
export const CELLS_MAX = 2 ** 22;

/** `columns` bounds what an honest host with so many columns can offer for a node. */
export function decodeShapes(words: Uint32Array, nodeCount: number, columns: number): OfferShape[] {
  const shapes: OfferShape[] = [];
  let at = 0;
  for (let i = 0; i < nodeCount; i++) {
    const singles = words[at] ?? Infinity;
    const groupCount = words[at + 1] ?? Infinity;
    if (singles > columns * 512 || groupCount > columns) throw malformed("more candidates than columns allow");
    const groups = [...words.subarray(at + 2, at + 2 + groupCount)];
    at += 2 + groupCount;
    if (groups.length !== groupCount || groups.some((members) => members < 2 || members > 256))
      throw malformed("malformed candidates");
    shapes.push({ singles, groups });
  }
  if (at !== words.length) throw malformed("candidates for more nodes than are open");
  if (shapes.reduce((sum, shape) => sum + cellCount(shape), 0) > CELLS_MAX) throw malformed("too many candidates");
  return shapes;
}

/** What a host is told about one open node. */
export interface SplitOrder {
  readonly kind: "leaf" | "other" | "yours";
  readonly leftOpen: boolean;
  readonly rightOpen: boolean;
  readonly singles: readonly number[];
  readonly groups: Choice["groups"];
}

const KINDS = ["leaf", "other", "yours"] as const;

export function encodeOrders(choices: readonly (Choice | undefined)[], site: number): Uint32Array {
  return Uint32Array.from(
    choices.flatMap((choice) => {
      if (choice === undefined) return [0];
      const open = (choice.leftOpen ? 4 : 0) | (choice.rightOpen ? 8 : 0);
      if (choice.site !== site) return [1 | open];
      const groups = choice.groups.flatMap(({ group, left }) => [group, left.length, ...left]);
      return [2 | open, choice.singles.length, ...choice.singles, choice.groups.length, ...groups];
    }),
  );
}

/** One order per offered node; positions must lie within what was offered. */
export function decodeOrders(words: Uint32Array, shapes: readonly OfferShape[]): SplitOrder[] {
  const reader = new WordReader(words);
  const orders = shapes.map((shape): SplitOrder => {
    const head = reader.below(16);
    const kind = KINDS[head & 3];
    if (kind === undefined) throw malformed("an unknown kind of decision");
    const flags = { leftOpen: (head & 4) !== 0, rightOpen: (head & 8) !== 0 };
    if (kind !== "yours") return { kind, ...flags, singles: [], groups: [] };
    const singles = reader.list(shape.singles, shape.singles);
    const groupCount = reader.below(shape.groups.length + 1);
    const groups = Array.from({ length: groupCount }, () => {
      const group = reader.below(shape.groups.length);
      const members = shape.groups[group]!;
      const left = reader.list(members - 1, members);
      if (left.length === 0 || new Set(left).size !== left.length) throw malformed("a group's choice is no partition");
      return { group, left };
    });
    if (singles.length + groups.length === 0) throw malformed("a choice of nothing");
    return { kind, ...flags, singles, groups };
  });
  reader.end();
  return orders;
}

class WordReader {
  private readonly words: Uint32Array;
  private at = 0;

  constructor(words: Uint32Array) {
    this.words = words;
  }

  below(bound: number): number {
    const word = this.words[this.at++];
    if (word === undefined || word >= bound) throw malformed("a position is out of range");
    return word;
  }

  /** A count of at most `most`, then that many positions below `bound`. */
  list(most: number, bound: number): number[] {
    const count = this.below(most + 1);
    return Array.from({ length: count }, () => this.below(bound));
  }

  end(): void {
    if (this.at !== this.words.length) throw malformed("a decision for no node");
  }
}

const NUMBER_BYTES = 4;

export interface WireBranch {
  /** The column's anonymous number. */
  readonly number: number;
  readonly left: Uint8Array;
}

export function encodeBranches(branches: readonly WireBranch[]): Uint8Array {
  return concat(
    ...branches.flatMap(({ left, number }) => {
      const head = new Uint8Array(NUMBER_BYTES);
      new DataView(head.buffer).setUint32(0, number, true);
      return [head, packBits(left)];
    }),
  );
}

/** One branch per entry of `rowCounts`; numbers are 1 to `columns`. */
export function decodeBranches(bytes: Uint8Array, rowCounts: readonly number[], columns: number): WireBranch[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expected = rowCounts.reduce((sum, rows) => sum + NUMBER_BYTES + Math.ceil(rows / 8), 0);
  if (bytes.length !== expected) throw malformed("a wrong number of branch bits");
  let at = 0;
  return rowCounts.map((rows) => {
    const number = view.getUint32(at, true);
    if (number < 1 || number > columns) throw malformed("a column number out of range");
    const end = at + NUMBER_BYTES + Math.ceil(rows / 8);
    const left = unpackBits(bytes.subarray(at + NUMBER_BYTES, end), rows);
    at = end;
    return { number, left };
  });
}

export const encodeRoutes = (branches: readonly { readonly left: Uint8Array }[]): Uint8Array =>
  concat(...branches.map(({ left }) => packBits(left)));

export function decodeRoutes(bytes: Uint8Array, rowCounts: readonly number[]): Uint8Array[] {
  const expected = rowCounts.reduce((sum, rows) => sum + Math.ceil(rows / 8), 0);
  if (bytes.length !== expected) throw malformed("a wrong number of branch bits");
  let at = 0;
  return rowCounts.map((rows) => {
    const bits = unpackBits(bytes.subarray(at, at + Math.ceil(rows / 8)), rows);
    at += Math.ceil(rows / 8);
    return bits;
  });
}

/** Splits `bytes` into sendable chunks. */
export function* chunked(data: Uint8Array, chunkBytes = 2 ** 20): Iterable<Uint8Array> {
  for (let at = 0; at < data.length; at += chunkBytes) yield data.subarray(at, at + chunkBytes);
}

/** Collects a stream of exactly `length` bytes; ends at the first byte too many. */
export async function collect(chunks: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  let at = 0;
  for await (const chunk of chunks) {
    if (at + chunk.length > length) throw malformed("more bytes than announced");
    out.set(chunk, at);
    at += chunk.length;
  }
  if (at !== length) throw malformed("fewer bytes than announced");
  return out;
}
