/** Kernels of rings: known answers by big integers and another AES on both, then native against reference. */
import { readFileSync } from "node:fs";
import { fromHex, toHex } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { expectSame, native, randomBytes } from "./expect-same.ts";
import { referenceKernels } from "./reference/index.ts";

type Vector = Record<"seed" | "pack", string> &
  Record<
    | "primes"
    | "uniform"
    | "forward"
    | "ternary"
    | "binomial"
    | "numbers"
    | "lift"
    | "encode64"
    | "encode20"
    | "decode64"
    | "decode20"
    | "dropLast",
    string[]
  > & { size: number; flood: { bits: number; polynomials: string[] } };
const vector = JSON.parse(readFileSync(new URL("../../../vectors/rlwe.json", import.meta.url), "utf8")) as Vector;
const words = (texts: readonly string[]): BigUint64Array => BigUint64Array.from(texts, BigInt);
const texts = (array: BigUint64Array): string[] => Array.from(array, String);

const PRIMES = BigUint64Array.of(4398044938241n, 1125899904679937n, 281474976317441n);

describe("kernels of rings", () => {
  it.skipIf(native === null).each(["native", "reference"])("give the known answers, %s", async (kind) => {
    const ring = (kind === "native" ? native! : referenceKernels).ring(vector.size, words(vector.primes));
    const [seed, uniform, numbers] = [fromHex(vector.seed), words(vector.uniform), words(vector.numbers)];
    expect(texts(await ring.uniform(seed, 2))).toEqual(vector.uniform);
    expect(texts(await ring.ternary(seed, 2))).toEqual(vector.ternary);
    expect(texts(await ring.binomial(seed, 2))).toEqual(vector.binomial);
    expect(texts(await ring.flood(seed, 2, vector.flood.bits))).toEqual(vector.flood.polynomials);
    expect(texts(await ring.forward(uniform))).toEqual(vector.forward);
    expect(texts(await ring.inverse(words(vector.forward)))).toEqual(vector.uniform);
    expect(texts(await ring.lift(numbers))).toEqual(vector.lift);
    expect(texts(await ring.encode(numbers, 64))).toEqual(vector.encode64);
    expect(texts(await ring.encode(numbers, 20))).toEqual(vector.encode20);
    expect(texts(await ring.decode(uniform, 64))).toEqual(vector.decode64);
    expect(texts(await ring.decode(uniform, 20))).toEqual(vector.decode20);
    expect(texts(await ring.dropLast(uniform))).toEqual(vector.dropLast);
    expect(toHex(await ring.pack(uniform))).toBe(vector.pack);
    expect(texts(await ring.unpack(fromHex(vector.pack)))).toEqual(vector.uniform);
  });

  it.skipIf(native === null)("agree on all operations", async () => {
    for (const size of [16, 32, 128]) {
      const seed = randomBytes(32);
      const [a, b, key] = await Promise.all(
        [6, 6, 4].map((count, i) =>
          native!.ring(size, PRIMES).uniform(
            seed.map((byte) => byte ^ i),
            count,
          ),
        ),
      );
      const fewer = await native!.ring(size, PRIMES.slice(0, 2)).uniform(seed, 3);
      await expectSame((k) => k.ring(size, PRIMES).forward(a!));
      await expectSame((k) => k.ring(size, PRIMES).inverse(a!));
      await expectSame((k) => k.ring(size, PRIMES).add(a!, b!));
      await expectSame((k) => k.ring(size, PRIMES).subtract(a!, b!));
      await expectSame((k) => k.ring(size, PRIMES).scale(a!, BigUint64Array.of(0n, 1125899904679936n, 77n)));
      await expectSame((k) => k.ring(size, PRIMES).products(a!, b!, 3, 2, false));
      await expectSame((k) => k.ring(size, PRIMES).products(a!, b!, 3, 2, true));
      await expectSame((k) => k.ring(size, PRIMES).shift(a!, size + 3));
      await expectSame((k) => k.ring(size, PRIMES).automorphism(a!, 2 * size - 5));
      await expectSame((k) => k.ring(size, PRIMES).switchKey(fewer, key!));
      const [one, two] = [a!.subarray(0, 3 * size), b!.subarray(0, 6 * size)];
      const numbers = BigUint64Array.from({ length: 2 * size }, (_, i) => BigInt(i) * 0x9e3779b97f4a7c15n);
      const masks = BigUint64Array.from({ length: 48 }, (_, i) => numbers[i % 16]!);
      const some = await native!.ring(16, PRIMES).uniform(seed, 2);
      const seeds = randomBytes(96);
      await expectSame((k) => k.ring(size, PRIMES).seal(numbers, 64, one, seed, seeds.subarray(64)));
      await expectSame((k) => k.ring(size, PRIMES).unseal(two, seed, numbers, 20));
      await expectSame((k) => k.ring(size, PRIMES).unseal(two, seed, new BigUint64Array(0), 20));
      for (const stride of size < 32 ? [1] : [1, size / 16])
        for (const keep of [1, 3]) {
          const how = { bits: 40, floodBits: 70, keep, stride, wanted: 16 };
          await expectSame((k) => k.ring(size, PRIMES).release(a!, two, masks, seeds, how));
          await expectSame((k) => k.ring(size, PRIMES).open(some, two, one, 40, stride, 16));
        }
      const pairs = await native!.ring(size, PRIMES.slice(0, 2)).uniform(seed, 8);
      await expectSame((k) => k.ring(size, PRIMES).merge(pairs, 3, size + 5, key!));
      await expectSame((k) => k.ring(size, PRIMES).merge(pairs, 2 * size - 1, 3, key!));
    }
  });

  it.skipIf(native === null)("refuse the same", async () => {
    const good = new BigUint64Array(48);
    const high = good.slice().fill(4398044938241n, 15, 16);
    const bad = BigUint64Array.of(1125899904679935n);
    for (const [size, primes] of [
      [8, PRIMES],
      [24, PRIMES],
      [65536, PRIMES],
      [16, new BigUint64Array(0)],
      [16, BigUint64Array.of(PRIMES[0]!, PRIMES[0]!)],
      [16, bad],
      [16, BigUint64Array.of(97n)],
    ] as const)
      await expectSame((k) => k.ring(size, primes).forward(good));
    await expectSame((k) => k.ring(16, PRIMES).forward(good.subarray(1)));
    await expectSame((k) => k.ring(16, PRIMES).inverse(high));
    await expectSame((k) => k.ring(16, PRIMES).add(good, high));
    await expectSame((k) => k.ring(16, PRIMES).subtract(good, good.subarray(0, 0)));
    await expectSame((k) => k.ring(16, PRIMES).scale(good, PRIMES));
    await expectSame((k) => k.ring(16, PRIMES).products(good, good, 2, 1, false));
    await expectSame((k) => k.ring(16, PRIMES).products(good, good, 0, 1, false));
    await expectSame((k) => k.ring(16, PRIMES).shift(good, 32));
    await expectSame((k) => k.ring(16, PRIMES).automorphism(good, 4));
    await expectSame((k) => k.ring(16, PRIMES).uniform(randomBytes(31), 1));
    await expectSame((k) => k.ring(16, PRIMES).flood(randomBytes(32), 1, 256));
    await expectSame((k) => k.ring(16, PRIMES).lift(good.subarray(1)));
    await expectSame((k) => k.ring(16, PRIMES).encode(good, 65));
    await expectSame((k) => k.ring(16, PRIMES).decode(good, 0));
    await expectSame((k) => k.ring(16, PRIMES.subarray(1, 2)).dropLast(good.subarray(0, 16)));
    await expectSame((k) => k.ring(16, PRIMES).switchKey(high.subarray(0, 32), good));
    await expectSame((k) => k.ring(16, PRIMES).merge(good.subarray(0, 32), 1, 3, new BigUint64Array(192)));
    await expectSame((k) => k.ring(16, PRIMES).merge(new BigUint64Array(128), 32, 3, new BigUint64Array(192)));
    await expectSame((k) => k.ring(16, PRIMES).merge(new BigUint64Array(128), 1, 4, new BigUint64Array(192)));
    await expectSame((k) => k.ring(16, PRIMES).merge(new BigUint64Array(128), 1, 3, good));
    const [none, seed] = [new BigUint64Array(0), randomBytes(32)];
    await expectSame((k) => k.ring(16, PRIMES).seal(good.subarray(1), 64, good, seed, seed));
    await expectSame((k) => k.ring(16, PRIMES).seal(good, 64, none, seed, seed));
    await expectSame((k) => k.ring(16, PRIMES).seal(good, 64, high, seed, seed));
    await expectSame((k) => k.ring(16, PRIMES).unseal(good, seed, good.subarray(0, 32), 64));
    await expectSame((k) => k.ring(16, PRIMES).unseal(high, seed, none, 64));
    const [pair, how] = [new BigUint64Array(96), { bits: 64, floodBits: 9, keep: 1, stride: 1, wanted: 16 }];
    const release = (change: Partial<typeof how>, masks = good.subarray(0, 16)) =>
      expectSame((k) => k.ring(16, PRIMES).release(pair, pair, masks, randomBytes(96), { ...how, ...change }));
    for (const change of [{ keep: 0 }, { keep: 4 }, { stride: 2 }, { wanted: 0 }, { floodBits: 256 }, { bits: 0 }])
      await release(change);
    await release({}, good);
    await expectSame((k) => k.ring(16, PRIMES).open(good, good, good, 64, 1, 17));
    await expectSame((k) => k.ring(16, PRIMES).open(good.subarray(1), good, good, 64, 1, 16));
    await expectSame((k) => k.ring(16, PRIMES).open(high, good, good, 64, 1, 16));
    const bytes = new Uint8Array(2 * 2 * (42 + 50 + 48));
    await expectSame((k) => k.ring(16, PRIMES).unpack(bytes.subarray(1)));
    bytes.fill(255, 300);
    await expectSame((k) => k.ring(16, PRIMES).unpack(bytes));
    await expect(native!.ring(16, PRIMES).unpack(bytes)).rejects.toMatchObject({
      code: "protocol.ciphertext",
      message: "ciphertext 1 is not valid",
    });
  });
});
