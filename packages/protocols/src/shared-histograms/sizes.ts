/** Sizes and keys that both sides compute alike. */
import { concat, TomboloError, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, sha256 } from "@tombolo/crypto";
import type { TreeKeys } from "../vole/trees.ts";

/** Rows of one column whose trees are made and read together. */
export const PART_ROWS = 2 ** 13;
export const VECTORS_MAX = 128;
const CELLS_MAX = 256;

export interface HistogramSizes {
  readonly rows: number;
  readonly columns: number;
  /** Of each column: 1 to 256. */
  readonly cells: number;
  /** Summed at once: even, 2 to 128. */
  readonly vectors: number;
}

export interface HistogramOptions {
  /** Separates several runs in one session; must differ between them. */
  readonly label: string;
}

export interface Part {
  readonly index: number;
  readonly column: number;
  readonly from: number;
  readonly to: number;
}

/** Levels of a tree: a leaf for each cell, two at least. */
export const depthOf = ({ cells }: HistogramSizes): number => Math.max(1, Math.ceil(Math.log2(cells)));

export function checkSizes({ rows, columns, cells, vectors }: HistogramSizes): void {
  const whole = [rows, columns, cells, vectors].every((size) => Number.isInteger(size) && size >= 1);
  if (!whole || cells > CELLS_MAX || vectors > VECTORS_MAX || vectors % 2 !== 0)
    throw new RangeError("rows, columns, at most 256 cells, and an even number of vectors, at most 128");
}

export function partsOf({ rows, columns }: HistogramSizes): Part[] {
  const each = Math.ceil(rows / PART_ROWS);
  return Array.from({ length: columns * each }, (_, index) => {
    const from = (index % each) * PART_ROWS;
    return { index, column: Math.floor(index / each), from, to: Math.min(rows, from + PART_ROWS) };
  });
}

const LABEL = {
  session: utf8("tombolo/shared-histograms/1/session\0"),
  trees: utf8("tombolo/shared-histograms/1/trees\0"),
  transfers: utf8("tombolo/shared-histograms/1/transfers\0"),
  words: utf8("tombolo/shared-histograms/1/words\0"),
} as const;

export const sessionOf = (binding: Uint8Array, label: string): Promise<Uint8Array> =>
  sha256(concat(LABEL.session, binding, utf8(label)));

const keyOf = async (purpose: Uint8Array, session: Uint8Array, ...numbers: number[]): Promise<Uint8Array> =>
  (await sha256(concat(purpose, session, new Uint8Array(Uint32Array.from(numbers).buffer)))).slice(0, BLOCK_BYTES);

/** Of one part's trees. */
export const treeKeys = async (session: Uint8Array, { index }: Part): Promise<TreeKeys> => ({
  salt: await keyOf(LABEL.trees, session, index),
  hash: await keyOf(LABEL.transfers, session, index),
});

/** Of one part's words in one run: no two runs have the same. */
export const streamKey = (session: Uint8Array, { index }: Part, run: number): Promise<Uint8Array> =>
  keyOf(LABEL.words, session, index, run);

/** Adds the shares of a part, of each pair of vectors and each cell two words, to those of all columns, vector by vector. */
export function addPart(
  to: BigUint64Array,
  part: Part,
  shares: Uint8Array,
  { columns, cells, vectors }: HistogramSizes,
) {
  const words = new BigUint64Array(shares.slice().buffer);
  for (let pair = 0; pair < vectors / 2; pair++)
    for (let cell = 0; cell < cells; cell++)
      for (const side of [0, 1]) {
        const at = ((2 * pair + side) * columns + part.column) * cells + cell;
        to[at] = to[at]! + words[2 * (pair * cells + cell) + side]!;
      }
}

export const refused = (what: string, party: string): TomboloError =>
  new TomboloError("protocol.histogram", what, { stage: "shared-histograms", blame: party });
