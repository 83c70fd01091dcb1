/**
 * Sums of encrypted (g, h) per (node, column, bin) at a host, and from them the cells of each candidate. Every step is
 * one kernel call for all columns of all nodes of a level.
 */
import type { HePublicKey } from "@tombolo/crypto";
import type { Feature } from "./binning.ts";
import { schedule } from "./histogram.ts";
import type { Partition } from "./partition.ts";
import { candidateBin, candidateFeature, candidateMissingLeft, type NodePlan } from "./split.ts";

/** Bounds the memory of one histogram call: 64 MiB of 2048-bit ciphertexts. */
const CELLS_PER_CALL = 2 ** 18;

export interface EncryptedTree {
  readonly key: HePublicKey;
  readonly features: readonly Feature[];
  readonly active: Uint8Array;
  /** One ciphertext per row of `rows`. */
  readonly ciphertexts: Uint8Array;
  readonly rows: Int32Array;
}

/** Candidates of one level in the order of their plans: single ones, then members of groups. */
export interface LevelCells {
  readonly cells: Uint8Array;
  /** Training rows behind each cell. */
  readonly counts: Int32Array;
}

export class EncryptedHistograms {
  private readonly tree: EncryptedTree;
  private readonly offsets: Int32Array;
  private readonly used: number[];
  /** By row, its place among the ciphertexts. */
  private readonly positionOf: Int32Array;
  private byNode = new Map<number, Uint8Array>();

  constructor(tree: EncryptedTree) {
    this.tree = tree;
    this.used = [...tree.features.keys()].filter((f) => tree.active[f] === 1);
    this.offsets = new Int32Array(tree.features.length + 1);
    for (let f = 0; f < tree.features.length; f++)
      this.offsets[f + 1] = this.offsets[f]! + (tree.active[f] === 1 ? tree.features[f]!.binCount : 0);
    this.positionOf = new Int32Array((tree.rows.at(-1) ?? -1) + 1);
    tree.rows.forEach((row, i) => {
      this.positionOf[row] = i;
    });
  }

  /** Sums the smaller children of the last level's nodes and subtracts for the others. */
  async advance(open: readonly number[], partition: Partition): Promise<void> {
    const planned = schedule(open, partition);
    // A level that offered nothing was never summed; what hangs below is summed from rows.
    const derived = planned.derived.filter((node) => this.byNode.has(node >> 1));
    const direct = [...planned.direct, ...planned.derived.filter((node) => !this.byNode.has(node >> 1))];
    const next = await this.sum(direct, partition);
    if (derived.length > 0) {
      const gather = (cells: readonly Uint8Array[]): Uint8Array => joined(cells);
      const parents = gather(derived.map((node) => this.byNode.get(node >> 1)!));
      const differences = await this.tree.key.subtract(parents, gather(derived.map((node) => next.get(node ^ 1)!)));
      derived.forEach((node, i) => {
        next.set(node, differences.subarray(i * this.nodeBytes, (i + 1) * this.nodeBytes));
      });
    }
    this.byNode = next;
  }

  private get nodeBytes(): number {
    return this.offsets[this.offsets.length - 1]! * this.tree.key.ciphertextBytes;
  }

  private async sum(nodes: readonly number[], partition: Partition): Promise<Map<number, Uint8Array>> {
    const sums = new Map(nodes.map((node) => [node, new Uint8Array(this.nodeBytes)]));
    const nodeOf = new Int32Array(this.tree.rows.length).fill(-1);
    nodes.forEach((node, i) => {
      for (const row of partition.sampledRows(node)) nodeOf[this.positionOf[row]!] = i;
    });
    const binCount = Math.max(...this.used.map((f) => this.tree.features[f]!.binCount));
    const atOnce = Math.max(1, Math.floor(CELLS_PER_CALL / (nodes.length * binCount)));
    for (let first = 0; first < this.used.length; first += atOnce) {
      const columns = this.used.slice(first, first + atOnce);
      const cells = await this.tree.key.histogram(this.tree.ciphertexts, {
        bins: this.binsOf(columns),
        nodes: nodeOf,
        nodeCount: nodes.length,
        featureCount: columns.length,
        binCount,
      });
      this.scatter(cells, nodes, columns, binCount, sums);
    }
    return sums;
  }

  private binsOf(columns: readonly number[]): Uint8Array {
    const { rows, features } = this.tree;
    const bins = new Uint8Array(columns.length * rows.length);
    columns.forEach((f, i) => {
      const { codes } = features[f]!;
      for (let at = 0; at < rows.length; at++) bins[i * rows.length + at] = codes[rows[at]!]!;
    });
    return bins;
  }

  /** From [node][column][bin] of equal width to each node's cells side by side. */
  private scatter(
    cells: Uint8Array,
    nodes: readonly number[],
    columns: readonly number[],
    binCount: number,
    sums: ReadonlyMap<number, Uint8Array>,
  ): void {
    const width = this.tree.key.ciphertextBytes;
    nodes.forEach((node, n) => {
      columns.forEach((f, c) => {
        const from = (n * columns.length + c) * binCount * width;
        const length = this.tree.features[f]!.binCount * width;
        sums.get(node)!.set(cells.subarray(from, from + length), this.offsets[f]! * width);
      });
    });
  }

  /** The cells of all candidates of the open nodes. `countsOf[i]` are the plain counts of node i, by `countOffsets`. */
  async candidates(
    open: readonly number[],
    plans: readonly NodePlan[],
    countsOf: readonly Int32Array[],
    countOffsets: Int32Array,
  ): Promise<LevelCells> {
    const total = this.offsets[this.offsets.length - 1]!;
    const cells = joined(open.map((node) => this.byNode.get(node)!));
    const counts = new Int32Array(open.length * total);
    open.forEach((_, n) => {
      for (const f of this.used) {
        const own = countsOf[n]!.subarray(countOffsets[f]!, countOffsets[f]! + this.tree.features[f]!.binCount);
        counts.set(own, n * total + this.offsets[f]!);
      }
    });
    await this.prefixSums(cells, counts, open.length, total);
    const sources = plans.flatMap((plan, n) =>
      this.sourcesOf(plan).map((source) => source.map((at) => n * total + at)),
    );
    return {
      cells: await this.addUp(cells, sources),
      counts: Int32Array.from(sources, (source) => source.reduce((sum, at) => sum + counts[at]!, 0)),
    };
  }

  /** In place, turns each numeric column's bins into sums from its first bin; the missing bin stays. */
  private async prefixSums(cells: Uint8Array, counts: Int32Array, nodeCount: number, total: number): Promise<void> {
    const lastBins = this.used.map((f) => {
      const feature = this.tree.features[f]!;
      return feature.kind === "numeric" ? feature.cuts.length : 0;
    });
    for (let bin = 1; bin <= Math.max(...lastBins); bin++) {
      const positions: number[] = [];
      for (let n = 0; n < nodeCount; n++)
        this.used.forEach((f, i) => {
          if (bin <= lastBins[i]!) positions.push(n * total + this.offsets[f]! + bin);
        });
      const before = this.gather(
        cells,
        positions.map((at) => at - 1),
      );
      const sums = await this.tree.key.add(before, this.gather(cells, positions));
      this.put(cells, positions, sums);
      for (const at of positions) counts[at]! += counts[at - 1]!;
    }
  }

  /** Positions within a node whose sum is each candidate, after `prefixSums`. */
  private sourcesOf(plan: NodePlan): number[][] {
    const singles = plan.singles.map((key) => {
      const f = candidateFeature(key);
      const feature = this.tree.features[f]!;
      const at = this.offsets[f]! + candidateBin(key);
      return feature.kind === "numeric" && candidateMissingLeft(key)
        ? [at, this.offsets[f]! + feature.missingBin]
        : [at];
    });
    const members = plan.groups.flatMap((group) =>
      group.members.map((bins) => bins.map((bin) => this.offsets[group.feature]! + bin)),
    );
    return [...singles, ...members];
  }

  private async addUp(cells: Uint8Array, sources: readonly (readonly number[])[]): Promise<Uint8Array> {
    const sums = this.gather(
      cells,
      sources.map((source) => source[0]!),
    );
    const longest = sources.reduce((most, source) => Math.max(most, source.length), 1);
    for (let term = 1; term < longest; term++) {
      const targets = [...sources.keys()].filter((i) => sources[i]!.length > term);
      const terms = this.gather(
        cells,
        targets.map((i) => sources[i]![term]!),
      );
      this.put(sums, targets, await this.tree.key.add(this.gather(sums, targets), terms));
    }
    return sums;
  }

  private gather(cells: Uint8Array, positions: readonly number[]): Uint8Array {
    return takeCells(cells, positions, this.tree.key.ciphertextBytes);
  }

  private put(cells: Uint8Array, positions: readonly number[], values: Uint8Array): void {
    const width = this.tree.key.ciphertextBytes;
    positions.forEach((at, i) => {
      cells.set(values.subarray(i * width, (i + 1) * width), at * width);
    });
  }
}

export function takeCells(cells: Uint8Array, positions: readonly number[], width: number): Uint8Array {
  const out = new Uint8Array(positions.length * width);
  positions.forEach((at, i) => {
    out.set(cells.subarray(at * width, (at + 1) * width), i * width);
  });
  return out;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
