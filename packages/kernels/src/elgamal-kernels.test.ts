/** ElGamal in the exponent: OpenSSL's points, whole runs, hostile points. */
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { concat, fromBase64Url, toHex } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { expectSame, native, randomBytes } from "./expect-same.ts";
import type { Kernels } from "./kernels.ts";
import { fromLittleEndian, toLittleEndian } from "./little-endian.ts";
import { loadNative } from "./native.ts";
import { referenceKernels } from "./reference/index.ts";

const loaded = loadNative();
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const PRIME = 2n ** 255n - 19n;
const scalar = (value: bigint): Uint8Array => toLittleEndian(value % ORDER, 32);
/** (0, 1) in both places. */
const empty = (count: number): Uint8Array =>
  Uint8Array.from({ length: 128 * count }, (_, i) => (i % 64 === 32 ? 1 : 0));

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;
const joined = (points: readonly Uint8Array[]): Uint8Array => concat(...points.map((point) => point.subarray(0, 64)));
const bytesOf = (point: Point): Uint8Array => {
  const { x, y } = point.toAffine();
  return concat(toLittleEndian(x, 32), toLittleEndian(y, 32));
};
const pointOf = (bytes: Uint8Array): Point =>
  Point.fromAffine({ x: fromLittleEndian(bytes.subarray(0, 32)), y: fromLittleEndian(bytes.subarray(32, 64)) });
const withPart = (bytes: Uint8Array, part: Point): Uint8Array => bytesOf(pointOf(bytes).add(part));
/** The seven points but one whose order divides 8: multiples of one of order 8. */
const SMALL_ORDER = Array.from({ length: 7 }, (_, i) =>
  Point.fromHex(ED25519_TORSION_SUBGROUP[1]!).multiplyUnsafe(BigInt(i + 1)),
);

/** RFC 8032 5.1.5 by OpenSSL: the scalar behind a seed, and its multiple of the base point. */
function keyPair(seed: Uint8Array): { readonly scalar: bigint; readonly encoded: Uint8Array } {
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const key = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }));
  const half = createHash("sha512").update(seed).digest().subarray(0, 32);
  half[0]! &= 248;
  half[31] = (half[31]! & 127) | 64;
  return { scalar: fromLittleEndian(half), encoded: fromBase64Url(key.export({ format: "jwk" }).x!) };
}

describe.each([
  ["reference", referenceKernels],
  ["native", "kernels" in loaded ? loaded.kernels : null],
] as const)("ElGamal of the %s kernels", (_, maybe) => {
  const skipped = maybe === null;
  const kernels = maybe as Kernels;
  const secret = scalar(fromLittleEndian(randomBytes(40)));

  it.skipIf(skipped)("has OpenSSL's multiples of the base point as keys", async () => {
    for (let i = 0; i < 3; i++) {
      const pair = keyPair(randomBytes(32));
      const [key] = [await kernels.elgamalKey(scalar(pair.scalar))];
      const encoded = key.slice(32);
      encoded[31]! |= (key[0]! & 1) << 7;
      expect(toHex(encoded)).toBe(toHex(pair.encoded));
    }
  });

  it.skipIf(skipped)("opens what it encrypted, summed by bins in two parts and released", async () => {
    const rows = 23;
    const values = Uint8Array.from({ length: rows }, (_, i) => (i * 7) % 5);
    const bins = Uint32Array.of(1, 3, 2, 4);
    const codes = (from: number, to: number): Uint16Array =>
      Uint16Array.from([...bins].flatMap((count) => Array.from({ length: to - from }, (_, i) => (i + from) % count)));
    const sums = empty(10);
    const ciphertexts = await kernels.elgamalEncrypt(values, secret, randomBytes(32));
    await kernels.elgamalSum(sums, ciphertexts.subarray(0, 128 * 9), codes(0, 9), bins);
    await kernels.elgamalSum(sums, ciphertexts.subarray(128 * 9), codes(9, rows), bins);
    const key = await kernels.elgamalKey(secret);
    const released = await kernels.elgamalRelease(sums, key, randomBytes(32));
    const expected = [...bins].flatMap((count) =>
      Array.from({ length: count }, (_, bin) =>
        values.reduce((sum, value, i) => sum + (i % count === bin ? value : 0), 0),
      ),
    );
    const limits = Uint32Array.from(expected);
    expect([...(await kernels.elgamalOpen(released, secret, limits))]).toEqual(expected);
    expect([
      ...(await kernels.elgamalOpen(
        released,
        secret,
        limits.map((limit) => limit + 1000),
      )),
    ]).toEqual(expected);
    const low = limits.with(6, limits[6]! - 1);
    await expect(kernels.elgamalOpen(released, secret, low)).rejects.toMatchObject({
      code: "protocol.ciphertext",
      message: "ciphertext 6 is not valid",
    });
  });

  it.skipIf(skipped)(
    "gives the same answers whatever parts of order 2, 4 or 8 points, keys and answers have",
    async () => {
      const [key, seed] = [await kernels.elgamalKey(secret), randomBytes(32)];
      const ciphertexts = await kernels.elgamalEncrypt(Uint8Array.of(1, 0, 1), secret, randomBytes(32));
      const released = async (points: Uint8Array, under: Uint8Array): Promise<Uint8Array> => {
        const sums = empty(1);
        await kernels.elgamalSum(sums, points, new Uint16Array(points.length / 128), Uint32Array.of(1));
        return kernels.elgamalRelease(sums, under, seed);
      };
      const expected = await released(ciphertexts, key);
      for (const part of SMALL_ORDER) {
        const turned = Array.from({ length: 6 }, (_, i) =>
          withPart(ciphertexts.subarray(64 * i), part.multiplyUnsafe(BigInt(i + 1))),
        );
        expect(toHex(await released(joined(turned), key))).toBe(toHex(expected));
        expect(toHex(await released(ciphertexts, withPart(key, part)))).toBe(toHex(expected));
        const answer = joined([withPart(expected, part), withPart(expected.subarray(64), part.double().add(part))]);
        expect([...(await kernels.elgamalOpen(answer, secret, Uint32Array.of(2)))]).toEqual([2]);
      }
      // Nothing but such parts is an encryption of 0.
      const empties = joined(SMALL_ORDER.slice(0, 6).map(bytesOf));
      expect([...(await kernels.elgamalOpen(await released(empties, key), secret, Uint32Array.of(0)))]).toEqual([0]);
      expect([...(await kernels.elgamalOpen(empties, secret, new Uint32Array(3)))]).toEqual([0, 0, 0]);
    },
  );

  it.skipIf(skipped)(
    "tells under a key of small order what the owner of a proper one computes from its answer",
    async () => {
      const [key, seed] = [await kernels.elgamalKey(secret), randomBytes(32)];
      const chosen = await kernels.elgamalKey(scalar(fromLittleEndian(randomBytes(40))));
      const sums = joined([bytesOf(Point.ZERO), chosen]);
      const proper = await kernels.elgamalRelease(sums, key, seed);
      const s = fromLittleEndian(secret);
      const found = pointOf(proper.subarray(64)).subtract(pointOf(proper).multiplyUnsafe(s));
      for (const part of [Point.ZERO, ...SMALL_ORDER]) {
        const told = await kernels.elgamalRelease(sums, bytesOf(part), seed);
        expect(toHex(told.subarray(0, 64))).toBe(toHex(proper.subarray(0, 64)));
        expect(toHex(told.subarray(64))).toBe(toHex(bytesOf(found)));
      }
    },
  );

  it.skipIf(skipped)("refuses points off the curve and coordinates that are not reduced, by place", async () => {
    const good = await kernels.elgamalEncrypt(new Uint8Array(20), secret, randomBytes(32));
    const [codes, bins] = [new Uint16Array(20), Uint32Array.of(1)];
    // 1 is 1 + p, which is below 2^255.
    const one = toLittleEndian(PRIME + 1n, 32);
    const spoilt: readonly [number, Uint8Array][] = [
      [128 * 3 + 5, Uint8Array.of(good[128 * 3 + 5]! ^ 1)],
      [128 * 19 + 127, Uint8Array.of(good[128 * 19 + 127]! ^ 0x80)],
      [128 * 7 + 64, new Uint8Array(64)],
      [128 * 2, Uint8Array.from([...new Uint8Array(32), ...one])],
      // (p, 1), and (0, -1) as (0, 2p - 1), which is below 2^256.
      [128 * 4, Uint8Array.from([...toLittleEndian(PRIME, 32), ...toLittleEndian(1n, 32)])],
      [128 * 5 + 64, Uint8Array.from([...new Uint8Array(32), ...toLittleEndian(2n * PRIME - 1n, 32)])],
    ];
    for (const [at, bytes] of spoilt) {
      const bad = good.slice();
      bad.set(bytes, at);
      const refusal = {
        code: "protocol.point",
        message: `point ${Math.floor(at / 128)} is not a valid group element`,
      };
      await expect(kernels.elgamalSum(empty(1), bad, codes, bins)).rejects.toMatchObject(refusal);
      await expect(kernels.elgamalOpen(bad, secret, new Uint32Array(20))).rejects.toMatchObject(refusal);
    }
    const keys = [new Uint8Array(64).fill(9), new Uint8Array(64), Uint8Array.from([...new Uint8Array(32), ...one])];
    for (const key of keys)
      await expect(kernels.elgamalRelease(empty(1), key, randomBytes(32))).rejects.toMatchObject({
        code: "protocol.point",
      });
  });
});

describe.skipIf(native === null)("native and reference ElGamal agree", () => {
  const secret = scalar(5n ** 100n);

  it("on tables of any shape", async () => {
    const shapes: readonly (readonly [number, readonly number[]])[] = [
      [0, [3, 1]],
      [1, [1]],
      [13, Array<number>(11).fill(3)],
      [9, [2, 300, 2, 5, 1, 1, 7]],
      [4, []],
    ];
    for (const [rows, bins] of shapes) {
      const [values, seed] = [randomBytes(rows), randomBytes(32)];
      const codes = Uint16Array.from(bins.flatMap((count) => Array.from(randomBytes(rows), (byte) => byte % count)));
      await expectSame(async (kernels) => {
        const sums = empty(bins.reduce((sum, count) => sum + count, 0));
        const ciphertexts = await kernels.elgamalEncrypt(values, secret, seed);
        await kernels.elgamalSum(sums, ciphertexts, codes, Uint32Array.from(bins));
        return kernels.elgamalRelease(sums, await kernels.elgamalKey(secret), seed);
      });
    }
  });

  it("on calls that they refuse", async () => {
    const two = await referenceKernels.elgamalEncrypt(Uint8Array.of(3, 4), secret, randomBytes(32));
    const key = await referenceKernels.elgamalKey(secret);
    const calls: readonly ((kernels: Kernels) => unknown)[] = [
      (k) => k.elgamalKey(new Uint8Array(32)),
      (k) => k.elgamalKey(new Uint8Array(31).fill(1)),
      (k) => k.elgamalKey(new Uint8Array(32).fill(255)),
      (k) => k.elgamalEncrypt(Uint8Array.of(1), secret, new Uint8Array(31)),
      (k) => k.elgamalSum(empty(2), two, new Uint16Array(2), Uint32Array.of(1)),
      (k) => k.elgamalSum(empty(1), two, new Uint16Array(1), Uint32Array.of(1)),
      (k) => k.elgamalSum(empty(1), two, Uint16Array.of(0, 1), Uint32Array.of(1)),
      (k) => k.elgamalSum(empty(1), two.subarray(1), new Uint16Array(2), Uint32Array.of(1)),
      (k) => k.elgamalRelease(two, key.subarray(1), new Uint8Array(32)),
      (k) => k.elgamalRelease(new Uint8Array(128), key, new Uint8Array(32)),
      (k) => k.elgamalOpen(two, secret, new Uint32Array(1)),
      // Not released: 3·G is no multiple of 64·G within the limit.
      (k) => k.elgamalOpen(two, secret, new Uint32Array(2).fill(9)),
    ];
    for (const call of calls) await expectSame(call);
  });
});
