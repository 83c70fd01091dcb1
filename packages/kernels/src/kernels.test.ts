/** Native and reference kernels agree, bit for bit and error for error, on random and hostile inputs. */
import { createCipheriv, createHash } from "node:crypto";
import { seededSampling, TomboloError, toHex, utf8 } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Kernels, Modulus } from "./kernels.ts";
import { joinIntegers, splitIntegers, toLittleEndian } from "./little-endian.ts";
import { loadNative } from "./native.ts";
import { referenceKernels } from "./reference/index.ts";

const loaded = loadNative();
const sampling = seededSampling(7);
const randomBytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => sampling.below(256));

function randomModulus(bits: number): bigint {
  const bytes = randomBytes(Math.ceil(bits / 8));
  const value = splitIntegers(bytes, bytes.length)[0]! % (1n << BigInt(bits));
  return value | 1n | (1n << BigInt(bits - 1));
}

/** The result, or how it failed. */
async function outcome(run: () => unknown): Promise<unknown> {
  try {
    const result = await run();
    return result instanceof Uint8Array ? toHex(result) : result;
  } catch (error) {
    return error instanceof TomboloError ? `${error.code} ${error.message}` : (error as Error).constructor.name;
  }
}

async function expectSame(run: (kernels: Kernels) => unknown): Promise<void> {
  if (!("kernels" in loaded)) throw new Error("the native kernels are not built");
  const native = loaded.kernels;
  expect(await outcome(() => run(native))).toEqual(await outcome(() => run(referenceKernels)));
}

describe.skipIf(!("kernels" in loaded))("native and reference kernels agree", () => {
  it("on messages of any length", async () => {
    const lists = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(lists, fc.uint8Array({ minLength: 1, maxLength: 255 }), async (list, dst) => {
        const offsets = Uint32Array.from([0, ...list.map((_, i) => Buffer.concat(list.slice(0, i + 1)).length)]);
        const messages = Uint8Array.from(Buffer.concat(list));
        const scalar = toLittleEndian(123456789n ** 8n, 32);
        await expectSame((k) => k.sha256Prefixed(dst, messages, offsets));
        await expectSame((k) => k.ristrettoHashToGroup(messages, offsets, dst));
        await expectSame((k) => k.ristrettoHashAndMultiply(messages, offsets, dst, scalar));
        await expectSame((k) => k.sm2HashToGroup(messages, offsets, dst));
        await expectSame((k) => k.sm2HashAndMultiply(messages, offsets, dst, scalar));
      }),
      { numRuns: 20 },
    );
  });

  it("on plain and other ids under every rule", async () => {
    const pieces = [
      "",
      " ",
      "\t",
      "a",
      "Z",
      "0",
      "00",
      "+",
      "+86",
      "86",
      "13800138000",
      "(",
      "-",
      "é",
      "身",
      "x".repeat(1025),
    ];
    const field = fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((parts) => parts.join(""));
    const phone = fc.record({
      format: fc.constantFrom("digits" as const, "international" as const),
      countryCode: fc.constantFrom("86", "1"),
      nationalLength: fc.constantFrom(null, 11, 2),
    });
    const rules = fc.record({
      trim: fc.boolean(),
      case: fc.constantFrom("keep" as const, "lower" as const, "upper" as const),
      phone: fc.option(phone),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(field, field), { maxLength: 12 }),
        fc.tuple(rules, rules),
        async (rows, given) => {
          const fields = [...rows.map(([a]) => utf8(a)), ...rows.map(([, b]) => utf8(b))];
          let end = 0;
          const offsets = Uint32Array.from([0, ...fields.map(({ length }) => length)], (length) => (end += length));
          await expectSame((k) => k.normaliseIds(Uint8Array.from(Buffer.concat(fields)), offsets, given));
        },
      ),
      { numRuns: 300 },
    );
    await expectSame((k) =>
      k.normaliseIds(
        new Uint8Array(2),
        Uint32Array.of(0, 2),
        [1, 2].map(() => ({ trim: true, case: "keep", phone: null })),
      ),
    );
  });

  it("on records to buckets and within one", async () => {
    for (const [count, bits] of [
      [0, 3],
      [1, 0],
      [3000, 0],
      [3000, 5],
    ] as const) {
      const digests = randomBytes(16 * count);
      digests.copyWithin(0, 16 * Math.floor(count / 2), 16 * Math.floor(count / 2 + 2)); // some twice
      const rows = Uint32Array.from({ length: count }, (_, i) => 2 ** 32 - 1 - i);
      await expectSame((k) => k.groupRecords(digests, rows, bits));
      const { records, offsets } = await referenceKernels.groupRecords(digests, rows, bits);
      for (let bucket = 0; bucket < 2 ** bits; bucket++)
        await expectSame((k) =>
          k.sortRecords(records.subarray(20 * offsets[bucket]!, 20 * offsets[bucket + 1]!), bits),
        );
    }
    await expectSame((k) => k.groupRecords(new Uint8Array(16), new Uint32Array(2), 0));
    await expectSame((k) => k.groupRecords(new Uint8Array(16), new Uint32Array(1), 17));
    await expectSame((k) => k.sortRecords(new Uint8Array(19), 0));
    await expectSame((k) => k.sortRecords(new Uint8Array(40), 0, new Uint8Array(20)));
    // One id many times over, and rows that come in no order.
    const same = randomBytes(16 * 40_000).fill(9, 0, 16 * 30_000);
    const backwards = Uint32Array.from({ length: 40_000 }, (_, i) => (i * 7919) % 40_000);
    const { records } = await referenceKernels.groupRecords(same, backwards, 0);
    await expectSame((k) => k.sortRecords(records, 0));
  });

  it("on points times scalars", async () => {
    const offsets = Uint32Array.from({ length: 301 }, (_, i) => i);
    const points = await referenceKernels.ristrettoHashToGroup(randomBytes(300), offsets, utf8("test"));
    const scalars = randomBytes(300 * 32).map((byte, i) => (i % 32 === 31 ? byte % 16 : byte));
    await expectSame((k) => k.ristrettoMultiply(points, scalars.subarray(0, 32)));
    await expectSame((k) => k.ristrettoMultiplyEach(points, scalars));
    await expectSame((k) => k.ristrettoMultiplyBase(scalars));
    await expectSame((k) => k.ristrettoCombine(points, scalars));
    await expectSame((k) => k.ristrettoInvertScalars(scalars));
    await expectSame((k) => k.ristrettoInvertScalars(new Uint8Array(0)));
    for (const wrong of [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(31)])
      await expectSame((k) => k.ristrettoInvertScalars(wrong));
    const bad = points.slice();
    bad[257 * 32] = bad[257 * 32]! ^ 1; // an odd encoding is negative, so never valid
    await expectSame((k) => k.ristrettoMultiplyEach(bad, scalars));
    await expectSame((k) => k.ristrettoMultiply(points, new Uint8Array(32)));
    await expectSame((k) => k.ristrettoMultiply(points, new Uint8Array(32).fill(255)));
    await expectSame((k) => k.ristrettoMultiply(points.subarray(1), scalars.subarray(0, 32)));
  });

  it("on points of SM2's curve times scalars", async () => {
    const offsets = Uint32Array.from({ length: 201 }, (_, i) => i);
    const points = await referenceKernels.sm2HashToGroup(randomBytes(200), offsets, utf8("test"));
    const order = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
    const scalars = [1n, 2n, 15n, 1n << 255n, order - 1n, ...splitIntegers(randomBytes(31 * 8), 31)];
    for (const scalar of scalars)
      await expectSame((k) => k.sm2Multiply(points.subarray(0, 33 * 5), toLittleEndian(scalar, 32)));
    await expectSame((k) => k.sm2Multiply(points, toLittleEndian(3n ** 160n, 32)));
    for (const scalar of [0n, order, (1n << 256n) - 1n]) {
      await expectSame((k) => k.sm2Multiply(points, toLittleEndian(scalar, 32)));
      await expectSame((k) => k.sm2InvertScalars(toLittleEndian(scalar, 32)));
    }
    await expectSame((k) => k.sm2InvertScalars(joinIntegers(scalars, 32)));
    for (const length of [0, 31, 33]) await expectSame((k) => k.sm2InvertScalars(new Uint8Array(length).fill(1)));
    for (let i = 0; i < 20; i++) {
      const bad = points.slice();
      bad[sampling.below(bad.length)]! ^= 1 + sampling.below(255); // half of these are points all the same
      await expectSame((k) => k.sm2Validate(bad));
    }
    await expectSame((k) => k.sm2Validate(points.subarray(1)));
    await expectSame((k) => k.sm3Truncated(points.subarray(0, 70), points, 33, 11));
    await expectSame((k) => k.sm3Truncated(points.subarray(0, 0), points, 33, 33));
  });

  it("on joins, with repeats refused", async () => {
    const element = fc.constantFrom("aa", "ab", "ba", "bb", "zz", "qq", "a\0").map((text) => [...utf8(text)]);
    await fc.assert(
      fc.asyncProperty(fc.array(element, { maxLength: 5 }), fc.array(element, { maxLength: 5 }), async (a, b) => {
        const [left, right] = [Uint8Array.from(a.flat()), Uint8Array.from(b.flat())];
        await expectSame((k) => k.matchIndices(left, right, 2));
      }),
    );
    const wide = randomBytes(40 * 500);
    const shuffled = Buffer.concat([wide.subarray(40 * 250), randomBytes(40 * 100), wide.subarray(0, 40 * 100)]);
    await expectSame((k) => k.matchIndices(wide, Uint8Array.from(shuffled), 40));
    await expectSame((k) => k.sha256Truncated(wide.subarray(0, 9), wide, 40, 11));
    await expectSame((k) => k.sha256Truncated(wide.subarray(0, 0), wide, 8, 32));
    await expectSame((k) => k.sha256Truncated(wide, wide, 40, 33));
  });

  it.each([64, 256, 257, 682, 1366, 2048, 4096, 6144])("on arithmetic modulo %i bits", async (bits) => {
    const n = randomModulus(bits);
    const count = bits > 2048 ? 5 : 70;
    const width = Math.ceil(bits / 8);
    const edge = [0n, 1n, n - 1n, n >> 1n];
    const values = [...edge, ...Array.from({ length: count - 4 }, () => randomModulus(bits + 8) % n)];
    const [a, b] = [joinIntegers(values, width), joinIntegers(values.toReversed(), width)];
    const same = (run: (modulus: Modulus) => unknown): Promise<void> =>
      expectSame((k) => run(k.modulus(toLittleEndian(n, width))));
    const [exponent, exponents, small] = [randomBytes(9), randomBytes(70), randomBytes(30)];
    await same((m) => m.enter(a));
    await same((m) => m.leave(a));
    await same((m) => m.multiply(a, b));
    await same((m) => m.multiply(a, a));
    await same((m) => m.power(a.subarray(0, 5 * width), exponent));
    await same((m) => m.fixedBase(a.subarray(4 * width, 5 * width), 7).power(exponents));
    await same((m) => m.multiplyAdd(small, 3, b.subarray(2 * width, 3 * width), a.subarray(0, 10 * width)));
    await same((m) => m.multiplyAdd(a, width, b.subarray(0, width), b.subarray(width, 2 * width)));
    await same((m) => m.packShift(a, 3, 5));
    await same((m) => m.invert(a.subarray(4 * width)));
    await same((m) => m.invert(a));
    await same((m) => m.validate(a));
    await same((m) => m.enter(toLittleEndian(n, width)));
    await same((m) => m.multiply(a, b.subarray(width)));
  });

  it("on which element has no inverse, among many", async () => {
    const [p, q] = [randomModulus(80), randomModulus(90)];
    const modulus = (k: Kernels): Modulus => k.modulus(toLittleEndian(p * q, 22));
    const values = Array.from({ length: 700 }, () => 1n << BigInt(sampling.below(160)));
    for (const at of [0, 255, 256, 699]) {
      const spoilt = joinIntegers(values.with(at, p * 12n).with(699, p), 22);
      await expectSame((k) => modulus(k).validate(spoilt));
      await expectSame((k) => modulus(k).invert(spoilt));
    }
    await expectSame((k) => modulus(k).validate(joinIntegers(values.with(300, p * q).with(400, p), 22)));
    await expectSame((k) => modulus(k).validate(joinIntegers(values.with(500, p * q).with(400, p), 22)));
  });

  it.each([
    [1, 200],
    [7, 200],
    [7, 20], // too few rows to take features in pairs
    [4, 200],
    [2, 0],
  ])("on histograms over %i features and %i rows", async (featureCount, rows) => {
    const n = randomModulus(300);
    const values = joinIntegers(
      Array.from({ length: rows }, () => randomModulus(310) % n),
      38,
    );
    const nodes = Int32Array.from({ length: rows }, () => sampling.below(4) - 1);
    const bins = Uint8Array.from({ length: rows * featureCount }, () => sampling.below(5));
    const layout = { bins, nodes, nodeCount: 3, featureCount, binCount: 6 };
    const same = (changes: Partial<typeof layout>): Promise<void> =>
      expectSame((k) => k.modulus(toLittleEndian(n, 38)).histogram(values, { ...layout, ...changes }));
    await same({});
    await same({ nodeCount: 2 });
    await same({ binCount: 4 });
    await same({ bins: bins.subarray(1) });
    await same({ nodes: nodes.map(() => -2) });
  });

  it("on logarithms modulo the square of a prime", async () => {
    const p = (1n << 127n) - 1n; // a Mersenne prime
    const parameters = {
      prime: toLittleEndian(p, 16),
      entry: toLittleEndian(987654321n, 32),
      exponent: toLittleEndian(p - 1n, 16),
      scale: toLittleEndian(13n, 16),
      valueBytes: 40,
    };
    const values = randomBytes(40 * 70);
    await expectSame((k) => k.primeSquareLog(parameters).logarithms(values));
    // Without the right exponent nearly nothing has a logarithm.
    const wrong = { ...parameters, exponent: Uint8Array.of(3) };
    await expectSame((k) => k.primeSquareLog(wrong).logarithms(values));
    await expectSame((k) => k.primeSquareLog({ ...parameters, valueBytes: 65 }));
  });

  it("with Node's own SHA-256 and AES", async () => {
    const [seed, message] = [randomBytes(32), randomBytes(1000)];
    const cipher = createCipheriv("aes-256-ctr", seed, new Uint8Array(16));
    const stream = toHex(cipher.update(new Uint8Array(100_003)));
    await expectSame((k) => k.prgExpand(seed, 0));
    await expectSame((k) => k.prgExpand(seed.subarray(1), 5));
    if (!("kernels" in loaded)) return;
    expect(toHex(loaded.kernels.prgExpand(seed, 100_003))).toBe(stream);
    expect(toHex(await loaded.kernels.sha256Batch(message, Uint32Array.of(0, 1000)))).toBe(
      createHash("sha256").update(message).digest("hex"),
    );
  });

  it("on which moduli they refuse", async () => {
    for (const value of [0n, 1n, 15n, 1n << 64n, (1n << 64n) + 1n, (1n << 6144n) - 1n, (1n << 6145n) - 1n])
      await expectSame((k) => k.modulus(toLittleEndian(value, 800)).bytes);
  });
});
