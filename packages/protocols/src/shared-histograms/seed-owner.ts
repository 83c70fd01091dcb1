/** Who knows the vectors: goal, messages and guarantees are in cell-owner.ts. */
import { discard, type Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { BLOCK_BYTES, correlations } from "@tombolo/crypto";
import { otSender } from "../oblivious-transfer/softspoken/index.ts";
import { maskSums } from "../vole/trees.ts";
import type { HistogramMessages } from "./cell-owner.ts";
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

type SeedPeer = Peer<HistogramMessages, "seedOwner">;

interface SeededPart extends Part {
  readonly salt: Uint8Array;
  readonly seeds: Uint8Array;
  readonly shifts: Uint8Array;
}

export class SeedOwner {
  readonly #sizes: HistogramSizes;
  readonly #peer: SeedPeer;
  readonly #session: Uint8Array;
  readonly #parts: readonly SeededPart[];
  #run = 0;

  private constructor(sizes: HistogramSizes, peer: SeedPeer, session: Uint8Array, parts: readonly SeededPart[]) {
    this.#sizes = sizes;
    this.#peer = peer;
    this.#session = session;
    this.#parts = parts;
  }

  static async open(
    sizes: HistogramSizes,
    peer: SeedPeer,
    { secrets, label }: HistogramOptions & { readonly secrets: Secrets },
  ): Promise<SeedOwner> {
    checkSizes(sizes);
    const session = await sessionOf(peer.binding, label);
    const transfers = await otSender(undefined, peer, { secrets, label, adversary: "semi-honest" }); // 1
    const depth = depthOf(sizes);
    const parts: SeededPart[] = [];
    for (const part of partsOf(sizes)) {
      const trees = part.to - part.from;
      const sent = await transfers.correlated(trees * depth); // 1
      const shifts = (await peer.receive("histogramShifts")).slice(); // 2
      if (shifts.length !== trees) throw refused("rows of another number", peer.party);
      if (shifts.some((shift) => shift >= 2 ** depth)) throw refused("a shift beyond its tree", peer.party);
      const keys = await treeKeys(session, part);
      const seeds = secrets.bytes(BLOCK_BYTES * trees);
      const { masked } = await maskSums(seeds, depth, sent, keys);
      await peer.send("histogramSums", masked); // 3
      parts.push({ ...part, salt: keys.salt, seeds, shifts });
    }
    return new SeedOwner(sizes, peer, session, parts);
  }

  /** `values`: of each row one word of each vector. Own shares of their histograms: vector by vector, of each column all cells. */
  async shares(values: BigUint64Array): Promise<BigUint64Array> {
    const { rows, columns, cells, vectors } = this.#sizes;
    if (values.length !== rows * vectors) throw new RangeError("a word of each vector for each row");
    const out = new BigUint64Array(vectors * columns * cells);
    const run = this.#run++;
    for (const part of this.#parts) {
      const { salt, seeds, shifts, from, to } = part;
      const stream = await streamKey(this.#session, part, run);
      const of = { salt, stream, depth: depthOf(this.#sizes), cells, pairs: vectors / 2, shifts };
      const own = values.subarray(from * vectors, to * vectors);
      const bytes = new Uint8Array(own.buffer, own.byteOffset, own.byteLength);
      const { shares, corrections } = await correlations.histogramShares(of, seeds, bytes);
      await this.#peer.send("histogramCorrections", corrections); // 4
      addPart(out, part, shares, this.#sizes);
      discard(shares);
    }
    return out;
  }
}
