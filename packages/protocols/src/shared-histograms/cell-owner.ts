/**
 * Shared histograms: of vectors that one party knows, the sums by cell of columns that the other has, shared between both.
 *
 * Goal: rows' cells stay the same over many vectors (a training's bins), so that what hides them is made once, and each further vector costs a word a row and column.
 * Papers: one-of-N transfers from punctured trees (Goldreich, Goldwasser, Micali; Boyle, Couteau, Gilboa, Ishai, CCS 2018), used as SoftSpokenOT (Roy, CRYPTO 2022) uses
 * them, with sums modulo 2^64 in place of bits; Squirrel (Lu et al., USENIX Security 2023) adds up ciphertexts of lattices for it.
 *
 * Each row of each column has a tree of seeds with a leaf for each cell. The owner of seeds has all leaves, the owner of cells all but the one of the row's cell. A leaf's word of
 * a vector is a hash of it under the vector's public key. To the vector's entry u the owner of seeds adds the words of all of the row's leaves, d = u + sum of r, and
 * sends d. The other takes r at every cell but the row's, and there d less them all, which is u + r. The owner of seeds' share is -r everywhere: the two add
 * up to u at the row's cell and to 0 elsewhere, and shares of rows add up to the histogram.
 *
 * Once: 1. correlated transfers (softspoken), one for each level of each tree, whose random choices are the complement of a random place; 2. cell owner -> seed owner: that place xor the
 * row's cell, which says where in the tree cells stand; 3. seed owner -> cell owner: sums of each level's sides under the transfers' keys.
 * Each run: 4. seed owner -> cell owner: d of each row, column and vector.
 *
 * Learns: both - rows, columns, the number of cells. seed owner - nothing else: places are uniform. cell owner - nothing: d is under the word that it lacks.
 * Adversary: semi-honest, one of the two. Assumptions: AES-128 as ideal cipher (trees with keys of their own; words of 64 rows under one key, so that a guess is tested
 * against 64 leaves that are unknown), base transfers, SHA-256 as random oracle. 128 bits. Not constant-time in TypeScript, whose steps hang on sizes alone.
 */
import { discard, type Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { BLOCK_BYTES, correlations } from "@tombolo/crypto";
import { otReceiver } from "../oblivious-transfer/softspoken/index.ts";
import { openSums } from "../vole/trees.ts";
import type { histogramMessages } from "./messages.ts";
import {
  addPart,
  checkSizes,
  depthOf,
  type HistogramOptions,
  type HistogramSizes,
  type Part,
  partsOf,
  refused,
  sessionOf,
  streamKey,
  treeKeys,
} from "./sizes.ts";

export type HistogramMessages = ReturnType<typeof histogramMessages<"seedOwner", "cellOwner">>;
type CellPeer = Peer<HistogramMessages, "cellOwner">;

interface PuncturedPart extends Part {
  readonly salt: Uint8Array;
  readonly others: Uint8Array;
  readonly positions: Uint32Array;
  readonly shifts: Uint8Array;
}

export class CellOwner {
  readonly #sizes: HistogramSizes;
  readonly #peer: CellPeer;
  readonly #session: Uint8Array;
  readonly #parts: readonly PuncturedPart[];
  #run = 0;

  private constructor(sizes: HistogramSizes, peer: CellPeer, session: Uint8Array, parts: readonly PuncturedPart[]) {
    this.#sizes = sizes;
    this.#peer = peer;
    this.#session = session;
    this.#parts = parts;
  }

  /** `codes`: of each column the cell of each row. */
  static async open(
    sizes: HistogramSizes,
    codes: readonly Uint8Array[],
    peer: CellPeer,
    { secrets, label }: HistogramOptions & { readonly secrets: Secrets },
  ): Promise<CellOwner> {
    checkSizes(sizes);
    if (codes.length !== sizes.columns || codes.some((of) => of.length !== sizes.rows))
      throw new RangeError("a cell of each row for each column");
    if (codes.some((of) => of.some((code) => code >= sizes.cells))) throw new RangeError("cells among those there are");
    const session = await sessionOf(peer.binding, label);
    const transfers = await otReceiver(peer, { secrets, label, adversary: "semi-honest" }); // 1
    const depth = depthOf(sizes);
    const parts: PuncturedPart[] = [];
    for (const part of partsOf(sizes)) {
      const trees = part.to - part.from;
      const received = await transfers.correlated(trees * depth); // 1
      const positions = positionsOf(received.choices, trees, depth);
      const own = codes[part.column]!;
      const shifts = Uint8Array.from(positions, (position, i) => position ^ own[part.from + i]!);
      await peer.send("histogramShifts", shifts); // 2
      const masked = await peer.receive("histogramSums"); // 3
      if (masked.length !== 2 * trees * depth * BLOCK_BYTES) throw refused("tree sums of another size", peer.party);
      const keys = await treeKeys(session, part);
      const { others } = await openSums(masked, { trees, depth }, received, keys);
      parts.push({ ...part, salt: keys.salt, others, positions, shifts });
    }
    return new CellOwner(sizes, peer, session, parts);
  }

  /** Own shares of the histograms of the partner's next vectors: vector by vector, of each column all cells. */
  async shares(): Promise<BigUint64Array> {
    const { columns, cells, vectors } = this.#sizes;
    const out = new BigUint64Array(vectors * columns * cells);
    const run = this.#run++;
    for (const part of this.#parts) {
      const corrections = await this.#peer.receive("histogramCorrections"); // 4
      if (corrections.length !== 8 * vectors * (part.to - part.from))
        throw refused("rows of another number or size", this.#peer.party);
      const { salt, others, positions, shifts } = part;
      const stream = await streamKey(this.#session, part, run);
      const of = { salt, stream, depth: depthOf(this.#sizes), cells, pairs: vectors / 2, shifts };
      const shares = await correlations.histogramSharesPunctured(of, others, positions, corrections);
      addPart(out, part, shares, this.#sizes);
      discard(shares);
    }
    return out;
  }
}

/** The complement of each tree's choices. */
function positionsOf(choices: Uint8Array, trees: number, depth: number): Uint32Array {
  const positions = new Uint32Array(trees);
  for (let i = 0; i < trees * depth; i++)
    positions[Math.floor(i / depth)]! |= (1 - ((choices[i >> 3]! >> (i & 7)) & 1)) << (i % depth);
  return positions;
}
