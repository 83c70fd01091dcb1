/** Products in slots: known sums on both, then native against reference. */
import { describe, expect, it } from "vitest";
import { expectSame, native, randomBytes } from "./expect-same.ts";
import { referenceKernels } from "./reference/index.ts";

const SIZE = 32;
const PRIMES = BigUint64Array.of(1125899906826241n, 1125899906629633n, 1125899905744897n, 1125899905351681n);
const PLAIN = BigUint64Array.of(12439552819201n, 12439552327681n, 12439552032769n);
const PRODUCT = PLAIN.reduce((product, t) => product * t, 1n);
const HOW = { terms: 2, floodBits: 120, keep: 2 };
const MOST = 2n ** 64n - 1n;

const numbers = (seed: bigint): BigUint64Array =>
  BigUint64Array.from({ length: 2 * SIZE }, (_, i) => (i < 3 ? MOST : (BigInt(i) + seed) * 0x9e3779b97f4a7c15n));

describe("kernels of products in slots", () => {
  it.skipIf(native === null).each(["native", "reference"])("share sums of products, %s", async (kind) => {
    const kernels = kind === "native" ? native! : referenceKernels;
    const [ring, small] = [kernels.ring(SIZE, PRIMES), kernels.ring(SIZE, PRIMES.slice(0, 2))];
    const [seed, seeds] = [randomBytes(32), randomBytes(128)];
    const ternary = randomBytes(32);
    const secret = await ring.forward(await ring.ternary(ternary, 1));
    const publicKey = await ring.unseal(
      await ring.seal(new BigUint64Array(SIZE), 1, secret, seed, randomBytes(32)),
      seed,
      new BigUint64Array(0),
      1,
    );
    const [slots, opening] = [kernels.slots(SIZE, PRIMES, PLAIN), kernels.slots(SIZE, PRIMES.slice(0, 2), PLAIN)];
    const [x, y] = [numbers(5n), numbers(77n)];
    const sealed = await slots.seal(x, secret, seed, randomBytes(32));
    const pairs = await ring.unseal(sealed, seed, new BigUint64Array(0), 1);
    const answer = await slots.answer(pairs, y, publicKey, seeds, HOW);
    const [a, b] = [answer.subarray(0, answer.length / 2), answer.subarray(answer.length / 2)];
    const asked = await opening.open(b, a, await small.forward(await small.ternary(ternary, 1)));
    const answered = await slots.masks(seeds.subarray(96), 1);
    const bit = (shares: BigUint64Array, i: number): bigint => (shares[SIZE]! >> BigInt(i)) & 1n;
    for (let i = 0; i < SIZE; i++) {
      const wrapped = bit(asked, i) | bit(answered, i);
      const sum = asked[i]! + answered[i]! - wrapped * PRODUCT;
      expect(BigInt.asUintN(64, sum)).toBe(BigInt.asUintN(64, x[i]! * y[i]! + x[SIZE + i]! * y[SIZE + i]!));
    }
  });

  it.skipIf(native === null)("agree on all operations", async () => {
    const [seed, seeds] = [randomBytes(32), randomBytes(128)];
    const ring = native!.ring(SIZE, PRIMES);
    const secret = await ring.uniform(seed, 1);
    const [pairs, publicKey, answers] = await Promise.all([12, 2, 6].map((count) => ring.uniform(seed, count)));
    const [x, y] = [numbers(1n), numbers(2n)];
    await expectSame((k) => k.slots(SIZE, PRIMES, PLAIN).seal(x, secret, seed, seeds.subarray(0, 32)));
    for (const how of [HOW, { terms: 1, floodBits: 9, keep: 4 }])
      await expectSame((k) => k.slots(SIZE, PRIMES, PLAIN).answer(pairs!, y, publicKey!, seeds, how));
    await expectSame((k) => k.slots(SIZE, PRIMES, PLAIN).masks(seed, 2));
    await expectSame((k) => k.slots(SIZE, PRIMES, PLAIN).open(answers!, answers!, secret));
    await expectSame((k) => k.slots(16, PRIMES.slice(0, 1), PLAIN.slice(0, 1)).masks(seed, 1));
  });

  it.skipIf(native === null)("refuse the same", async () => {
    const [none, seed, seeds] = [new BigUint64Array(0), randomBytes(32), randomBytes(128)];
    const [word, whole] = [new BigUint64Array(SIZE), new BigUint64Array(4 * SIZE)];
    const [six, two] = [new BigUint64Array(6 * 4 * SIZE), new BigUint64Array(2 * 4 * SIZE)];
    await expectSame((k) => k.slots(SIZE, PRIMES, PRIMES).masks(seed, 1));
    await expectSame((k) => k.slots(24, PRIMES, PLAIN).masks(seed, 1));
    const slots = (k: NonNullable<typeof native>) => k.slots(SIZE, PRIMES, PLAIN);
    await expectSame((k) => slots(k).seal(word.subarray(1), whole, seed, seed));
    await expectSame((k) => slots(k).seal(word, none, seed, seed));
    await expectSame((k) => slots(k).seal(word, whole, seed.subarray(1), seed));
    await expectSame((k) => slots(k).masks(seed.subarray(1), 1));
    await expectSame((k) => slots(k).open(six, whole, whole));
    await expectSame((k) => slots(k).open(whole, whole, whole));
    const answer = (change: Partial<typeof HOW>, pairs = six, with_ = seeds) =>
      expectSame((k) => slots(k).answer(pairs, word, two, with_, { ...HOW, terms: 1, ...change }));
    for (const change of [{ terms: 0 }, { terms: 2 }, { keep: 0 }, { keep: 5 }, { floodBits: 256 }])
      await answer(change);
    await answer({}, two);
    await answer({}, six, seed);
  });
});
