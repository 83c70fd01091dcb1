/** SM2 and SM3 against OpenSSL, and hashing to the curve against the plain formulas of RFC 9380 on affine points. */
import { createECDH, createHash } from "node:crypto";
import { concat, fromHex, seededSampling, toHex, utf8 } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toLittleEndian } from "../little-endian.ts";
import { sm2HashToGroup, sm2Multiply } from "./sm2.ts";
import { sm3 } from "./sm3.ts";

const p = 2n ** 256n - 2n ** 224n - 2n ** 96n + 2n ** 64n - 1n;
const A = -3n;
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const Z = -9n;

const mod = (x: bigint): bigint => ((x % p) + p) % p;
function power(x: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, mod(x)];
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}
const invert = (x: bigint): bigint => power(x, p - 2n);
const isSquare = (x: bigint): boolean => power(x, (p - 1n) / 2n) !== p - 1n;
const curve = (x: bigint): bigint => mod(x ** 3n + A * x + B);

const hash = (...parts: Uint8Array[]): Uint8Array =>
  createHash("sm3")
    .update(concat(...parts))
    .digest();

/** RFC 9380 5.3.1 and 5.2 */
function hashToField(message: Uint8Array, dst: Uint8Array): bigint[] {
  const end = concat(dst, Uint8Array.of(dst.length));
  const b0 = hash(new Uint8Array(64), message, Uint8Array.of(0, 96, 0), end);
  const blocks = [hash(b0, Uint8Array.of(1), end)];
  for (const i of [2, 3])
    blocks.push(
      hash(
        b0.map((byte, j) => byte ^ blocks[i - 2]![j]!),
        Uint8Array.of(i),
        end,
      ),
    );
  const uniform = toHex(concat(...blocks));
  return [uniform.slice(0, 96), uniform.slice(96)].map((hex) => mod(BigInt(`0x${hex}`)));
}

/** RFC 9380 6.6.2, as it is defined. */
function simplifiedSwu(u: bigint): [bigint, bigint] {
  const sum = mod(Z * Z * u ** 4n + Z * u * u);
  const x1 = sum === 0n ? mod(B * invert(Z * A)) : mod(-B * invert(A) * (1n + invert(sum)));
  const x = isSquare(curve(x1)) ? x1 : mod(Z * u * u * x1);
  const y = power(curve(x), (p + 1n) / 4n);
  return [x, (u & 1n) === (y & 1n) ? y : mod(-y)];
}

function addAffine([x1, y1]: [bigint, bigint], [x2, y2]: [bigint, bigint]): [bigint, bigint] {
  const slope = x1 === x2 ? mod((3n * x1 * x1 + A) * invert(2n * y1)) : mod((y2 - y1) * invert(x2 - x1));
  const x = mod(slope * slope - x1 - x2);
  return [x, mod(slope * (x1 - x) - y1)];
}

describe("SM3", () => {
  it("is OpenSSL's, in one piece and in several", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 4 }), (parts) => {
        const state = sm3.create();
        for (const part of parts) state.update(part);
        expect(toHex(state.digest())).toBe(toHex(hash(...parts)));
      }),
    );
  });
});

describe("SM2", () => {
  it("multiplies the base point as OpenSSL does", async () => {
    const base = fromHex("0232c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7");
    const sampling = seededSampling(3);
    for (let i = 0; i < 10; i++) {
      const scalar = Uint8Array.from({ length: 32 }, (_, j) => (j === 31 ? 1 : sampling.below(256)));
      const key = createECDH("SM2");
      key.setPrivateKey(scalar.toReversed());
      expect(toHex(await sm2Multiply(base, scalar))).toBe(key.getPublicKey("hex", "compressed"));
    }
  });

  it("is hashed to as RFC 9380 says", async () => {
    const messages = fc.uint8Array({ maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(messages, fc.uint8Array({ minLength: 1, maxLength: 255 }), async (message, dst) => {
        const [first, second] = hashToField(message, dst).map(simplifiedSwu);
        const [x, y] = addAffine(first!, second!);
        const expected = (2n + (y & 1n)).toString(16).padStart(2, "0") + x.toString(16).padStart(64, "0");
        expect(toHex(await sm2HashToGroup(message, Uint32Array.of(0, message.length), dst))).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });

  it("has the Z that RFC 9380 H.2 finds", () => {
    expect(findZ()).toBe(Z);
  });

  it("keeps the curve's own encoding of a scalar's size", async () => {
    const one = await sm2HashToGroup(utf8("x"), Uint32Array.of(0, 1), utf8("t"));
    expect(toHex(await sm2Multiply(one, toLittleEndian(1n, 32)))).toBe(toHex(one));
  });
});

/** The first of 1, -1, 2, -2, ... that is no square, not -1, makes g - Z irreducible and g(B / (Z·A)) a square. */
function findZ(): bigint {
  for (let count = 1n; ; count++)
    for (const z of [count, -count])
      if (!isSquare(z) && z !== -1n && !hasRoot(B - z) && isSquare(curve(mod(B * invert(z * A))))) return z;
}

/** Whether x^3 + Ax + c = 0 has a solution, which a cubic has unless it is irreducible. */
function hasRoot(c: bigint): boolean {
  type Quadratic = readonly [bigint, bigint, bigint];
  const multiply = (f: Quadratic, g: Quadratic): Quadratic => {
    const product = [0n, 0n, 0n, 0n, 0n];
    f.forEach((a, i) => {
      g.forEach((b, j) => {
        product[i + j] = mod(product[i + j]! + a * b);
      });
    });
    for (const degree of [4, 3]) {
      product[degree - 2] = mod(product[degree - 2]! - product[degree]! * A);
      product[degree - 3] = mod(product[degree - 3]! - product[degree]! * c);
    }
    return [product[0]!, product[1]!, product[2]!];
  };
  let [frobenius, square]: [Quadratic, Quadratic] = [
    [1n, 0n, 0n],
    [0n, 1n, 0n],
  ];
  for (let e = p; e > 0n; e >>= 1n) {
    if (e & 1n) frobenius = multiply(frobenius, square);
    square = multiply(square, square);
  }
  // x^p - x has all of the field as roots: a common divisor with it is a root.
  const [c0, c1, c2] = [frobenius[0], mod(frobenius[1] - 1n), frobenius[2]];
  return resultant([c, mod(A), 0n, 1n], [c0, c1, c2]) === 0n;
}

/** Zero if and only if the two polynomials share a divisor. */
function resultant(f: readonly bigint[], g: readonly bigint[]): bigint {
  const [a, b] = [f.slice(0, degreeOf(f) + 1), g.slice(0, degreeOf(g) + 1)];
  if (b.length === 0) return 0n;
  if (b.length === 1) return 1n;
  while (a.length >= b.length) {
    const factor = mod(a.at(-1)! * invert(b.at(-1)!));
    const shift = a.length - b.length;
    b.forEach((value, i) => {
      a[shift + i] = mod(a[shift + i]! - factor * value);
    });
    a.length = degreeOf(a) + 1;
  }
  return resultant(b, a);
}

const degreeOf = (f: readonly bigint[]): number => f.findLastIndex((value) => value !== 0n);
