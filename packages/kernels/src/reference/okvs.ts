/**
 * Oblivious key-value store: three-hash garbled cuckoo table in clusters, with dense slots over GF(2^128). Papers:
 * Garimella et al., CRYPTO 2021; Raghuraman, Rindal, CCS 2022.
 *
 * 1. Hash each key; it belongs to a cluster and has three sparse slots there.
 * 2. Peel: take a key that is alone in a slot, which is then free for its value; repeat.
 * 3. Keys that are left (a handful, seldom) are solved with the dense slots by elimination.
 * 4. In reverse order of peeling give each slot what its key still lacks.
 */
import { BLOCK_BYTES, checkBlock, checkOkvsLayout, elementCount, requireRange, unsolvable } from "../checks.ts";
import type { Kernels, OkvsKeys, OkvsLayout } from "../kernels.ts";
import { joinIntegers, splitIntegers } from "../little-endian.ts";
import { blockStream, hashBlocks, invert, multiply } from "./blocks.ts";

/** A core is a few keys or a large part of all; then the table has failed. */
const CORE_KEYS_MAX = 128;
const WORD = 2 ** 32;

interface Key {
  readonly index: number;
  readonly hash: bigint;
  readonly slots: readonly [number, number, number];
}

export const okvsPlace: Kernels["okvsPlace"] = async (keys, seed, layout) => {
  checkOkvsLayout(layout);
  checkBlock(seed);
  const count = elementCount(keys, BLOCK_BYTES);
  const clusters: Key[][] = Array.from({ length: layout.clusters }, () => []);
  splitIntegers(hashBlocks(seed, keys), BLOCK_BYTES).forEach((hash, index) => {
    clusters[draw(hash, 3, layout.clusters)]!.push({ index, hash, slots: slotsOf(hash, layout.sparse) });
  });
  if (clusters.some((cluster) => cluster.length > layout.capacity)) throw unsolvable();
  return new PlacedKeys(layout, count, clusters);
};

/** Word `at` of the hash as a fraction of `bound`. */
function draw(hash: bigint, at: number, bound: number): number {
  const word = Number((hash >> BigInt(32 * at)) & 0xffffffffn);
  return Number((BigInt(word) * BigInt(bound)) / BigInt(WORD));
}

/** Three distinct slots: the second skips the first, the third skips both. */
function slotsOf(hash: bigint, sparse: number): [number, number, number] {
  const a = draw(hash, 0, sparse);
  let b = draw(hash, 1, sparse - 1);
  if (b >= a) b++;
  let c = draw(hash, 2, sparse - 2);
  if (c >= Math.min(a, b)) c++;
  if (c >= Math.max(a, b)) c++;
  return [a, b, c];
}

class PlacedKeys implements OkvsKeys {
  readonly #layout: OkvsLayout;
  readonly #count: number;
  readonly #clusters: readonly (readonly Key[])[];

  constructor(layout: OkvsLayout, count: number, clusters: readonly (readonly Key[])[]) {
    this.#layout = layout;
    this.#count = count;
    this.#clusters = clusters;
  }

  async encodeOnto(table: Uint8Array, values: Uint8Array, randomness: Uint8Array): Promise<void> {
    const width = this.#checkTable(table);
    requireRange(values.length === this.#count * BLOCK_BYTES, "one value a key");
    checkBlock(randomness);
    const random = splitIntegers(await blockStream(randomness, table.length), BLOCK_BYTES);
    const sums = splitIntegers(values, BLOCK_BYTES);
    const solved = this.#clusters.flatMap((keys, i) =>
      solveCluster(
        keys,
        keys.map(({ index }) => sums[index]!),
        this.#layout,
        random.slice(i * width, (i + 1) * width),
      ),
    );
    const old = splitIntegers(table, BLOCK_BYTES);
    table.set(
      joinIntegers(
        solved.map((slot, i) => slot ^ old[i]!),
        BLOCK_BYTES,
      ),
    );
  }

  async decodeInto(table: Uint8Array, out: Uint8Array): Promise<void> {
    const width = this.#checkTable(table);
    requireRange(out.length === this.#count * BLOCK_BYTES, "room for one value a key");
    const slots = splitIntegers(table, BLOCK_BYTES);
    this.#clusters.forEach((keys, i) => {
      const cluster = slots.slice(i * width, (i + 1) * width);
      for (const key of keys) {
        const value = sparseSum(key, cluster) ^ denseSum(key.hash, cluster, this.#layout);
        out.set(joinIntegers([value], BLOCK_BYTES), key.index * BLOCK_BYTES);
      }
    });
  }

  /** Slots of a cluster. */
  #checkTable(table: Uint8Array): number {
    const { clusters, sparse, dense } = this.#layout;
    requireRange(table.length === clusters * (sparse + dense) * BLOCK_BYTES, "a table of another size");
    return sparse + dense;
  }
}

const sparseSum = ({ slots: [a, b, c] }: Key, table: readonly bigint[]): bigint => table[a]! ^ table[b]! ^ table[c]!;

/** d_1·h + d_2·h^2 + .., by Horner. */
function denseSum(hash: bigint, table: readonly bigint[], { sparse, dense }: OkvsLayout): bigint {
  return table.slice(sparse, sparse + dense).reduceRight((sum, slot) => multiply(sum ^ slot, hash), 0n);
}

/** `table` holds random slots; changes as many of them as needed. */
function solveCluster(keys: readonly Key[], values: readonly bigint[], layout: OkvsLayout, table: bigint[]): bigint[] {
  const peeled = peel(keys, layout.sparse);
  if (peeled.length < keys.length) solveCore(unpeeled(keys.length, peeled), keys, values, layout, table);
  const lacking = values.map((value, row) => value ^ denseSum(keys[row]!.hash, table, layout));
  for (const [row, slot] of peeled.reverse()) table[slot]! ^= lacking[row]! ^ sparseSum(keys[row]!, table);
  return table;
}

/** Rows and the slots that determine them, in the order of peeling. */
function peel(keys: readonly Key[], sparse: number): [row: number, slot: number][] {
  const [counts, rows] = [new Uint32Array(sparse), new Uint32Array(sparse)];
  keys.forEach(({ slots }, row) => {
    for (const slot of slots) {
      counts[slot]!++;
      rows[slot]! ^= row;
    }
  });
  const peeled: [number, number][] = [];
  const single = Array.from(counts.keys()).filter((slot) => counts[slot] === 1);
  for (let slot = single.pop(); slot !== undefined; slot = single.pop()) {
    if (counts[slot] !== 1) continue;
    const row = rows[slot]!;
    peeled.push([row, slot]);
    for (const other of keys[row]!.slots) {
      counts[other]!--;
      rows[other]! ^= row;
      if (counts[other] === 1) single.push(other);
    }
  }
  return peeled;
}

function unpeeled(count: number, peeled: readonly (readonly [number, number])[]): number[] {
  const done = new Set(peeled.map(([row]) => row));
  return Array.from({ length: count }, (_, row) => row).filter((row) => !done.has(row));
}

interface Equation {
  readonly coefficients: bigint[];
  sum: bigint;
}

function solveCore(
  core: readonly number[],
  keys: readonly Key[],
  values: readonly bigint[],
  layout: OkvsLayout,
  table: bigint[],
): void {
  if (core.length > CORE_KEYS_MAX) throw unsolvable();
  const sparse = [...new Set(core.flatMap((row) => keys[row]!.slots))].sort((a, b) => a - b);
  const slots = [...sparse, ...Array.from({ length: layout.dense }, (_, i) => layout.sparse + i)];
  const equations = core.map((row) => {
    const coefficients: bigint[] = sparse.map((slot) => (keys[row]!.slots.includes(slot) ? 1n : 0n));
    for (let power = keys[row]!.hash; coefficients.length < slots.length; power = multiply(power, keys[row]!.hash))
      coefficients.push(power);
    return { coefficients, sum: values[row]! };
  });
  for (const [unknown, { coefficients, sum }] of eliminate(equations)) {
    const others = slots.map((slot, at) => (at === unknown ? 0n : multiply(coefficients[at]!, table[slot]!)));
    table[slots[unknown]!] = others.reduce((rest, term) => rest ^ term, sum);
  }
}

/** Reduced echelon form: each equation with the one unknown that no other has. */
function eliminate(equations: Equation[]): [unknown: number, equation: Equation][] {
  const solved: [number, Equation][] = [];
  for (const equation of equations.reverse()) {
    for (const [unknown, pivot] of solved) subtract(equation, pivot, unknown);
    const unknown = equation.coefficients.findIndex((c) => c !== 0n);
    if (unknown < 0) {
      // The same key twice with the same value is consistent.
      if (equation.sum !== 0n) throw unsolvable();
      continue;
    }
    const inverse = invert(equation.coefficients[unknown]!);
    equation.coefficients.forEach((c, at) => {
      equation.coefficients[at] = multiply(c, inverse);
    });
    equation.sum = multiply(equation.sum, inverse);
    for (const [, other] of solved) subtract(other, equation, unknown);
    solved.push([unknown, equation]);
  }
  return solved;
}

/** Takes `unknown`, whose coefficient in `pivot` is 1, out of `equation`. */
function subtract(equation: Equation, pivot: Equation, unknown: number): void {
  const factor = equation.coefficients[unknown]!;
  if (factor === 0n) return;
  pivot.coefficients.forEach((p, at) => {
    equation.coefficients[at]! ^= multiply(factor, p);
  });
  equation.sum ^= multiply(factor, pivot.sum);
}
