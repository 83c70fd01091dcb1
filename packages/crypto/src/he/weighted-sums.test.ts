import { systemSecrets } from "@tombolo/base";
import { joinIntegers, splitIntegers } from "@tombolo/kernels";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { generateHeKey } from "./index.ts";
import type { HePrivateKey } from "./types.ts";
import { sumOfAll, timesNumbers, weightedSums } from "./weighted-sums.ts";

const secrets = systemSecrets();
let key: HePrivateKey;
beforeAll(async () => {
  key = await generateHeKey({ scheme: "okamoto-uchiyama" }, secrets);
});

const encrypt = (values: readonly bigint[]): Promise<Uint8Array> =>
  key.publicKey.encrypt(joinIntegers(values, key.publicKey.plaintextBytes), secrets);
const decrypt = async (ciphertexts: Uint8Array): Promise<bigint[]> =>
  splitIntegers(await key.decrypt(ciphertexts), key.publicKey.plaintextBytes);

describe("sums with weights that are known", () => {
  test("are those of plain numbers, for weights over their whole range and more columns than go at once", async () => {
    const weight = fc.oneof(fc.constantFrom(0, 1, 63, 64, 4095), fc.integer({ min: 0, max: 4095 }));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }).chain((rows) =>
          fc.record({
            numbers: fc.array(fc.bigInt({ min: 0n, max: 2n ** 40n }), { minLength: rows, maxLength: rows }),
            columns: fc.array(fc.array(weight, { minLength: rows, maxLength: rows }), { minLength: 1, maxLength: 3 }),
          }),
        ),
        async ({ numbers, columns }) => {
          const sums = await weightedSums(
            key.publicKey,
            await encrypt(numbers),
            columns.map((each) => Uint16Array.from(each)),
          );
          expect(await decrypt(sums)).toEqual(
            columns.map((each) => each.reduce((sum, x, i) => sum + BigInt(x) * numbers[i]!, 0n)),
          );
        },
      ),
      { numRuns: 8 },
    );
    const many = Array.from({ length: 514 }, (_, j) => Uint16Array.of(j, 3500 + j));
    const sums = await decrypt(await weightedSums(key.publicKey, await encrypt([3n, 5n]), many));
    expect(sums).toEqual(many.map(([a, b]) => 3n * BigInt(a!) + 5n * BigInt(b!)));
    await expect(weightedSums(key.publicKey, await encrypt([3n]), many)).rejects.toThrow(RangeError);
  });

  test("and products with single numbers, and the sum of all", async () => {
    const [ciphertexts, zero] = [await encrypt([7n, 11n, 2n ** 90n]), await encrypt([0n])];
    const products = await timesNumbers(key.publicKey, ciphertexts, [0, 2 ** 32 - 1, 5], { bits: 32, zero });
    expect(await decrypt(products)).toEqual([0n, 11n * (2n ** 32n - 1n), 5n * 2n ** 90n]);
    expect(await decrypt(await sumOfAll(key.publicKey, ciphertexts))).toEqual([18n + 2n ** 90n]);
  });
});
