/** Kernels of oblivious transfer and VOLE: native against reference, both against known answers and their purpose. */
import { readFileSync } from "node:fs";
import { fromHex, seededSampling, toHex } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import type { Kernels } from "./kernels.ts";
import { joinIntegers, splitIntegers } from "./little-endian.ts";
import { loadNative } from "./native.ts";
import { multiply, readBlocks } from "./reference/gf128.ts";
import { referenceKernels } from "./reference/index.ts";

const loaded = loadNative();
const native = "kernels" in loaded ? loaded.kernels : null;
const sampling = seededSampling(11);
const randomBytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => sampling.below(256));
const salt = randomBytes(16);

const vectors = JSON.parse(readFileSync(new URL("../../../vectors/vole.json", import.meta.url), "utf8")) as Record<
  string,
  string
>;

/** All results as hex, or how it failed. */
async function outcome(run: () => Promise<unknown>): Promise<unknown> {
  try {
    const result = await run();
    return result instanceof Uint8Array
      ? toHex(result)
      : Object.fromEntries(Object.entries(result as object).map(([name, value]) => [name, toHex(value)]));
  } catch (error) {
    return (error as Error).constructor.name;
  }
}

async function expectSame(run: (kernels: Kernels) => Promise<unknown>): Promise<void> {
  expect(await outcome(() => run(native!))).toEqual(await outcome(() => run(referenceKernels)));
}

/** What a puncturing side gets: the sums beside the path of each position. */
function beside(sums: Uint8Array, positions: Uint32Array, depth: number): Uint8Array {
  const out = new Uint8Array(positions.length * depth * 16);
  positions.forEach((position, i) => {
    for (let level = 0; level < depth; level++) {
      const at = 2 * (i * depth + level) + (1 - ((position >> level) & 1));
      out.set(sums.subarray(16 * at, 16 * at + 16), 16 * (i * depth + level));
    }
  });
  return out;
}

/** Rows in random cells. */
function histogram(rows: number, depth: number, cells: number, pairs: number) {
  const shifts = Uint8Array.from({ length: rows }, () => sampling.below(2 ** depth));
  const of = Uint32Array.from({ length: rows }, () => sampling.below(cells));
  const run = { salt, stream: randomBytes(16), depth, cells, pairs, shifts };
  return { run, of, positions: of.map((cell, row) => cell ^ shifts[row]!) };
}

describe.skipIf(native === null)("native and reference kernels agree", () => {
  it("on trees, whole and punctured", async () => {
    for (const depth of [1, 2, 5, 7]) {
      const seeds = randomBytes(16 * 3);
      const positions = Uint32Array.from({ length: 3 }, () => sampling.below(2 ** depth));
      const others = randomBytes(16 * 3 * depth);
      await expectSame((k) => k.ggmExpand(seeds, depth, salt));
      await expectSame((k) => k.ggmSums(seeds, depth, salt));
      await expectSame((k) => k.ggmPuncture(others, positions, depth, salt));
    }
    await expectSame((k) => k.ggmExpand(randomBytes(0), 3, salt));
    await expectSame((k) => k.ggmExpand(new Uint8Array(17), 3, salt));
    await expectSame((k) => k.ggmSums(new Uint8Array(16), 25, salt));
    await expectSame((k) => k.ggmPuncture(new Uint8Array(16), Uint32Array.of(2), 1, salt));
    await expectSame((k) => k.ggmPuncture(new Uint8Array(15), Uint32Array.of(1), 1, salt));
  });

  it("on sums by cell", async () => {
    for (const [rows, depth, cells, pairs] of [
      [3, 1, 2, 1],
      [70, 5, 19, 3],
      [2, 8, 256, 2],
    ] as const) {
      const { run, positions } = histogram(rows, depth, cells, pairs);
      const [seeds, values, others] = [16, 16 * pairs, 16 * depth].map((bytes) => randomBytes(rows * bytes));
      await expectSame((k) => k.histogramShares(run, seeds!, values!));
      await expectSame((k) => k.histogramSharesPunctured(run, others!, positions, values!));
      await expectSame((k) => k.histogramShares(run, seeds!, values!.subarray(8)));
      await expectSame((k) => k.histogramShares({ ...run, cells: 2 ** depth + 1 }, seeds!, values!));
      await expectSame((k) => k.histogramShares({ ...run, shifts: run.shifts.map(() => 255) }, seeds!, values!));
      await expectSame((k) => k.histogramSharesPunctured(run, others!.subarray(16), positions, values!));
      await expectSame((k) => k.histogramSharesPunctured({ ...run, cells: 1 }, others!, positions, values!));
    }
  });

  it("on small fields, transposition and hashes", async () => {
    const [leaves, corrections] = [randomBytes(16 * 16 * 2), randomBytes(48 * 2)];
    await expectSame((k) => k.smallVole(leaves, 4, 2 ** 40, 48));
    await expectSame((k) => k.smallVolePunctured(leaves, 4, Uint32Array.of(0, 13), corrections, 7));
    const strips = randomBytes(2 * 592); // of each row two strips and a part of one
    await expectSame((k) => k.smallVole(leaves, 4, 3, 592));
    await expectSame((k) => k.smallVolePunctured(leaves, 4, Uint32Array.of(5, 0), strips, 3));
    await expectSame((k) => k.smallVole(leaves, 1, 0, 16));
    await expectSame((k) => k.smallVole(leaves, 4, 0, 15));
    await expectSame((k) => k.smallVole(leaves, 9, 0, 16));
    await expectSame((k) => k.smallVolePunctured(leaves, 4, Uint32Array.of(0, 16), corrections, 7));
    const rows = randomBytes(128 * 48);
    await expectSame((k) => k.transposeBits(rows));
    await expectSame((k) => k.transposeBits(rows.subarray(128)));
    await expectSame((k) => k.hashRows(rows, 48, salt));
    await expectSame((k) => k.hashRows(rows, 20, salt));
    await expectSame((k) => k.correlationHash(rows, salt, salt, 5));
    await expectSame((k) => k.correlationHash(rows, salt.subarray(1), salt, 5));
    await expectSame((k) => k.gf128Compose(rows));
    await expectSame((k) => k.gf128Compose(rows.subarray(16)));
  });

  it("on the code, with one vector and with two", async () => {
    for (const [trees, depth, count] of [
      [3, 2, 6],
      [5, 6, 150],
      [40, 3, 131],
    ] as const) {
      const seeds = randomBytes(16 * trees);
      const positions = Uint32Array.from({ length: trees }, () => sampling.below(2 ** depth));
      const punctured = {
        others: randomBytes(16 * depth * trees),
        positions,
        values: randomBytes(16 * trees),
        corrections: randomBytes(16 * trees),
      };
      for (const seed of [new Uint8Array(0), randomBytes(16)]) {
        await expectSame((k) => k.voleExpand(seeds, depth, salt, count, seed));
        await expectSame((k) => k.voleExpandPunctured(punctured, depth, salt, count, seed));
      }
      await expectSame((k) => k.voleNoiseCheck(positions, seeds, depth, salt));
      await expectSame((k) => k.voleExpand(seeds, depth, salt, (trees * 2 ** depth) / 2 + 1, salt));
    }
    for (const seed of [new Uint8Array(0), randomBytes(16)]) {
      const [trees, depth] = [9, 6];
      const seeds = randomBytes(16 * trees);
      const punctured = {
        others: randomBytes(16 * depth * trees),
        positions: Uint32Array.from({ length: trees }, () => sampling.below(2 ** depth)),
        corrections: randomBytes(16 * trees),
      };
      await expectSame((k) => k.silentExpand(seeds, depth, salt, 288, seed));
      await expectSame((k) => k.silentExpandPunctured(punctured, depth, salt, 288, seed));
      await expectSame((k) => k.silentExpand(seeds, depth, salt, 296, seed));
      await expectSame((k) => k.silentExpand(seeds, depth, salt, 100, seed));
      const short = { ...punctured, corrections: punctured.corrections.subarray(16) };
      await expectSame((k) => k.silentExpandPunctured(short, depth, salt, 288, seed));
    }
    await expectSame((k) => k.voleExpand(new Uint8Array(16), 1, salt, 1, salt));
    await expectSame((k) => k.voleExpand(new Uint8Array(16), 3, salt, 0, salt));
  });
});

describe.each([
  ["reference", referenceKernels],
  ["native", native],
] as const)("%s kernels", (_, maybe) => {
  const skipped = maybe === null;
  const kernels = maybe as Kernels;

  it.skipIf(skipped)("give the known answers", async () => {
    const seeds = Uint8Array.from({ length: 64 }, (_, i) => i);
    const knownSalt = fromHex("000102030405060708090a0b0c0d0e0f");
    const { sums } = await kernels.ggmExpand(seeds, 4, knownSalt);
    expect(toHex(sums.subarray(0, 128))).toBe(vectors.sums);
    const { b, check } = await kernels.voleExpand(seeds, 4, knownSalt, 31, knownSalt);
    expect(toHex(b.subarray(30 * 16))).toBe(vectors.lastOutput);
    expect(toHex(check)).toBe(vectors.check);
    const silent = await kernels.silentExpand(seeds, 5, knownSalt, 64, knownSalt);
    expect(toHex(silent.q.subarray(63 * 16))).toBe(vectors.silentLastOutput);
    expect(toHex(silent.check)).toBe(vectors.silentCheck);
    expect(toHex(await kernels.correlationHash(seeds, knownSalt, knownSalt, 3))).toBe(vectors.hashes);
    expect(toHex((await kernels.smallVole(seeds, 2, 1, 16)).rows)).toBe(vectors.rows);
  });

  it.skipIf(skipped)("puncture a tree at any position to all other leaves", async () => {
    const seeds = randomBytes(16 * 8);
    const whole = await kernels.ggmExpand(seeds, 3, salt);
    const positions = Uint32Array.from({ length: 8 }, (_, i) => i);
    const leaves = await kernels.ggmPuncture(beside(whole.sums, positions, 3), positions, 3, salt);
    for (let i = 0; i < 8; i++) {
      const [mine, theirs] = [leaves, whole.leaves].map((all) => readBlocks(all.subarray(i * 128, i * 128 + 128)));
      expect(mine!.filter((leaf, j) => leaf !== theirs![j])).toHaveLength(1);
      expect(mine![i]).toBe(theirs!.reduce((sum, leaf) => sum ^ leaf, 0n) ^ theirs![i]!);
    }
  });

  it.skipIf(skipped)("share sums by cell", async () => {
    const [rows, depth, cells, pairs] = [130, 4, 11, 2] as const;
    const { run, of, positions } = histogram(rows, depth, cells, pairs);
    const [seeds, values] = [randomBytes(16 * rows), randomBytes(16 * pairs * rows)];
    const sums = await kernels.ggmSums(seeds, depth, salt);
    const { shares, corrections } = await kernels.histogramShares(run, seeds, values);
    const theirs = await kernels.histogramSharesPunctured(run, beside(sums, positions, depth), positions, corrections);
    const [own, other, given] = [shares, theirs, values].map((bytes) => splitIntegers(bytes, 8));
    const expected = new Array<bigint>(2 * pairs * cells).fill(0n);
    given!.forEach((value, i) => {
      const [row, vector] = [Math.floor(i / (2 * pairs)), i % (2 * pairs)];
      const at = 2 * ((vector >> 1) * cells + of[row]!) + (vector % 2);
      expected[at] = BigInt.asUintN(64, expected[at]! + value);
    });
    expect(own!.map((share, i) => BigInt.asUintN(64, share + other![i]!))).toEqual(expected);
  });

  it.skipIf(skipped)("keep c = a·delta + b through trees and code", async () => {
    const [trees, depth, count] = [6, 4, 45];
    const [delta] = readBlocks(randomBytes(16));
    const [seeds, values] = [randomBytes(16 * trees), randomBytes(16 * trees)];
    const positions = Uint32Array.from({ length: trees }, () => sampling.below(2 ** depth));
    const { sums } = await kernels.ggmExpand(seeds, depth, salt);
    // The sum of all leaves plus value·delta makes the punctured leaf come out as leaf + value·delta.
    const corrections = new Uint8Array(16 * trees);
    readBlocks(values).forEach((value, i) => {
      const [left, right] = readBlocks(sums.subarray(32 * (depth * (i + 1) - 1), 32 * depth * (i + 1)));
      const correction = left! ^ right! ^ multiply(value, delta!);
      for (let byte = 0; byte < 16; byte++)
        corrections[16 * i + byte] = Number((correction >> BigInt(8 * byte)) & 255n);
    });
    const others = beside(sums, positions, depth);
    const sender = await kernels.voleExpand(seeds, depth, salt, count, salt);
    const receiver = await kernels.voleExpandPunctured(
      { others, positions, values, corrections },
      depth,
      salt,
      count,
      salt,
    );
    const [a, b, c] = [receiver.a, sender.b, receiver.c].map(readBlocks);
    expect(c).toEqual(a!.map((value, i) => multiply(value, delta!) ^ b![i]!));
    const noise = readBlocks(await kernels.voleNoiseCheck(positions, values, depth, salt))[0]!;
    expect(readBlocks(receiver.check)[0]).toBe(readBlocks(sender.check)[0]! ^ multiply(noise, delta!));
    expect(new Set(a).size).toBe(count);
  });

  it.skipIf(skipped)("keep q = t + choice·delta through trees and bits' code", async () => {
    const [trees, depth, count] = [6, 6, 192];
    const delta = readBlocks(randomBytes(16))[0]! | 1n;
    const seeds = randomBytes(16 * trees);
    const positions = Uint32Array.from({ length: trees }, () => sampling.below(2 ** depth));
    const { sums } = await kernels.ggmExpand(seeds, depth, salt);
    const corrections = joinIntegers(
      Array.from({ length: trees }, (_, i) => {
        const [left, right] = readBlocks(sums.subarray(32 * (depth * (i + 1) - 1), 32 * depth * (i + 1)));
        return (((left! ^ right!) >> 1n) << 1n) ^ delta;
      }),
      16,
    );
    const punctured = { others: beside(sums, positions, depth), positions, corrections };
    const sender = await kernels.silentExpand(seeds, depth, salt, count, salt);
    const receiver = await kernels.silentExpandPunctured(punctured, depth, salt, count, salt);
    const choice = (j: number): bigint => BigInt((receiver.choices[j >> 3]! >> (j & 7)) & 1);
    const q = readBlocks(sender.q);
    expect(readBlocks(receiver.t)).toEqual(q.map((block, j) => block ^ (choice(j) * delta)));
    expect(q.some((block) => (block & 1n) === 1n)).toBe(false);
    const ones = joinIntegers(Array(trees).fill(1n), 16);
    const noise = readBlocks(await kernels.voleNoiseCheck(positions, ones, depth, salt))[0]!;
    expect(readBlocks(receiver.check)[0]).toBe(readBlocks(sender.check)[0]! ^ multiply(noise, delta));
    const chosen = receiver.choices.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
    expect(Math.abs(chosen - count / 2)).toBeLessThan(50);
  });
});
