/** Sums over hidden bins: native against the reference, and the reference against what is hidden. */
import { describe, expect, it } from "vitest";
import { expectSame, native, randomBytes } from "./expect-same.ts";
import { referenceKernels } from "./reference/index.ts";

const PRIMES = BigUint64Array.of(1125899904679937n, 4398044938241n);
const [SIZE, VECTORS, BLOCKS, FEATURES, BINS] = [16, 3, 2, 2, 4];
const OUTPUTS = FEATURES * BINS;

/** Everything that two parties do, with the kernels of one kind. */
async function wholeRun(kernels: typeof referenceKernels, seeds: Uint8Array) {
  const [wide, narrow] = [kernels.ring(SIZE, PRIMES), kernels.ring(SIZE, PRIMES.subarray(0, 1))];
  const seed = (i: number): Uint8Array => seeds.subarray(32 * i, 32 * (i + 1));
  const a = await wide.uniform(seed(0), BLOCKS + 1);
  const secrets = await wide.forward(await wide.ternary(seed(1), VECTORS));
  const words = 2 * SIZE;
  const codes = Uint8Array.from({ length: FEATURES * BLOCKS * SIZE }, (_, i) => (i % 11 === 0 ? 255 : (i * 7) % 5));
  const numbers = Int32Array.from({ length: BLOCKS * VECTORS * SIZE }, (_, i) => (i % 7) * (i % 2 === 0 ? 5 : -3));
  const masks = await wide.trits(seed(2), OUTPUTS);
  const [first, second] = PRIMES as unknown as [bigint, bigint];
  const delta = 2n ** 30n;
  const factors = BigUint64Array.of((delta * second) % first, 0n);
  const hint: bigint[] = [];
  const sums = new BigUint64Array(OUTPUTS * VECTORS * 2);
  const bins = new Uint32Array(FEATURES).fill(BINS);
  for (let f = 0; f < FEATURES; f++) {
    const own = masks.subarray(f * BINS * SIZE, (f + 1) * BINS * SIZE);
    const rows = codes.subarray(f * BLOCKS * SIZE, (f + 1) * BLOCKS * SIZE);
    hint.push(...(await wide.hideBins(a, rows, own, seed(3), f * BINS)));
  }
  for (let block = 0; block < BLOCKS; block++) {
    const own = numbers.subarray(block * VECTORS * SIZE, (block + 1) * VECTORS * SIZE);
    const polynomial = a.subarray(block * words, (block + 1) * words);
    const hidden = await wide.hide(polynomial, secrets, seed(4), block * VECTORS, own, factors);
    await wide.sumBins(sums, hidden, codes, BLOCKS * SIZE, block * SIZE, bins);
  }
  const nothing = new Int32Array(VECTORS * SIZE);
  const mask = await wide.hide(a.subarray(BLOCKS * words), secrets, seed(5), 0, nothing, factors);
  await wide.sumMasks(sums, mask, masks);
  const phases = await narrow.phases(BigUint64Array.from(hint), seed(1), VECTORS);
  const sets = { offsets: Uint32Array.of(0, 1, 4, 4), members: Uint32Array.of(2, 0, 1, 3) };
  const whole = { sums, width: VECTORS, at: 0, count: VECTORS };
  const answers = await wide.releaseSums(whole, sets, seed(6), 3, 2n ** 66n + 5n);
  const least = BigInt64Array.of(-500n, -100n, -400n);
  const opened = await narrow.openSums({ ...whole, sums: phases }, sets, answers, delta, least);
  const difference = await wide.subtractSums({ ...whole, at: 0, count: 2 }, { ...whole, at: 1, count: 2 });
  return { codes, numbers, hint, mask, sums, phases, answers, opened, difference };
}

/** By the definition. */
function sumOf({ codes, numbers }: { codes: Uint8Array; numbers: Int32Array }, members: number[], v: number): number {
  let sum = 0;
  for (const output of members)
    for (let row = 0; row < BLOCKS * SIZE; row++) {
      if (codes[Math.floor(output / BINS) * BLOCKS * SIZE + row] !== output % BINS) continue;
      sum += numbers[(Math.floor(row / SIZE) * VECTORS + v) * SIZE + (row % SIZE)]!;
    }
  return sum;
}

describe("sums over hidden bins", () => {
  it("come out as the sums of what was hidden", async () => {
    const run = await wholeRun(referenceKernels, randomBytes(7 * 32));
    const sets = [[2], [0, 1, 3], []];
    const expected = sets.flatMap((members) => [0, 1, 2].map((v) => sumOf(run, members, v)));
    expect(Array.from(run.opened)).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(4);
  });

  it.skipIf(native === null)("are the same on both kinds of kernels", async () => {
    const seeds = randomBytes(7 * 32);
    expect(await wholeRun(native!, seeds)).toEqual(await wholeRun(referenceKernels, seeds));
  });

  it("refuse sizes that do not fit, and residues that are none", async () => {
    const bad = new Uint8Array((SIZE * (50 + 42)) / 8).fill(255);
    const outputs = new BigUint64Array(2 * BINS);
    const good = bad.slice().fill(0);
    for (const kind of native === null ? [referenceKernels] : [native, referenceKernels]) {
      const ring = kind.ring(SIZE, PRIMES);
      const [codes, bins] = [new Uint8Array(SIZE), Uint32Array.of(BINS)];
      await ring.sumBins(outputs, good, codes, SIZE, 0, bins);
      await expect(ring.sumBins(outputs, bad, codes, SIZE, 0, bins)).rejects.toMatchObject({
        code: "protocol.ciphertext",
      });
      await expect(ring.sumBins(outputs, good, codes, SIZE, 1, bins)).rejects.toThrow(RangeError);
      await expect(ring.sumBins(outputs.subarray(2), good, codes, SIZE, 0, bins)).rejects.toThrow(RangeError);
      const columns = { sums: outputs, width: 1, at: 0, count: 1 };
      const sets = { offsets: Uint32Array.of(0, 1), members: Uint32Array.of(BINS) };
      await expect(ring.releaseSums(columns, sets, new Uint8Array(32), 0, 9n)).rejects.toThrow(RangeError);
      await expect(ring.subtractSums(columns, { ...columns, at: 1 })).rejects.toThrow(RangeError);
      await expect(ring.phases(outputs, new Uint8Array(32), 1)).rejects.toThrow(RangeError);
    }
    await expectSame((kernels) => kernels.ring(SIZE, PRIMES).trits(new Uint8Array(32), 3));
  });
});
