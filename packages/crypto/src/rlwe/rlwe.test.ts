import { inspect } from "node:util";
import { seededSampling, systemSecrets, TomboloError } from "@tombolo/base";
import { beforeAll, describe, expect, it } from "vitest";
import {
  addCiphertexts,
  addPlain,
  applyAutomorphism,
  type Ciphertexts,
  ciphertextBytes,
  countOf,
  decodeCiphertexts,
  decodeGaloisKeys,
  decodePublicKey,
  decodeSeeded,
  decrypts,
  type ExpandedGaloisKey,
  encodeCiphertexts,
  encodeGaloisKeys,
  encodePublicKey,
  encodeSeeded,
  encryptPublic,
  expandGaloisKey,
  expandSeeded,
  extractLwe,
  flood,
  floodBits,
  freshNoise,
  inForm,
  liftPlain,
  mergeCiphertexts,
  mergedPlace,
  mergeExponents,
  mergeNoise,
  multiplyPlain,
  packLwe,
  productNoise,
  publicNoise,
  type RlwePublicKey,
  RlweSecretKey,
  requireSecure,
  rlwe,
  rlweParameters,
  shiftCiphertexts,
  slotsFloodBits,
  someOf,
  subtractCiphertexts,
  switchedNoise,
  switchModulus,
  switchNoise,
} from "./index.ts";

const secrets = systemSecrets();
const of = rlwe("rlwe-8192");
const { size } = of.parameters;
const BITS = 64;
const sampling = seededSampling(11);
const word = (): bigint => BigInt(sampling.below(2 ** 32)) * 2n ** 32n + BigInt(sampling.below(2 ** 32));
const numbers = (count: number): BigUint64Array => BigUint64Array.from({ length: count }, word);
const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);
const coefficients = (x: Ciphertexts): Promise<Ciphertexts> => inForm(of, x, "coefficients");
const bitsOf = (bound: bigint): number => bound.toString(2).length;

describe("encryption by learning with errors over rings", () => {
  const secret = new RlweSecretKey(of, secrets);
  const encrypt = async (values: BigUint64Array): Promise<Ciphertexts> =>
    expandSeeded(of, await secret.encrypt(values, BITS, secrets));
  const decrypt = (x: Ciphertexts): Promise<BigUint64Array> => secret.decrypt(x, BITS);
  let publicKey: RlwePublicKey;
  let keys: ExpandedGaloisKey[];

  beforeAll(async () => {
    publicKey = await secret.publicKey(secrets);
    const exponents = [...mergeExponents(size, 64, 2), ...mergeExponents(size, size, 2)];
    keys = await Promise.all((await secret.galoisKeys(exponents, secrets)).map((key) => expandGaloisKey(of, key)));
  });

  it("decrypts what either key encrypted, over the whole range, with noise within its bound", async () => {
    const values = numbers(2 * size);
    values.set([0n, 1n, 2n ** 63n, 2n ** 64n - 1n]);
    const fresh = await encrypt(values);
    expect(countOf(of, fresh)).toBe(2);
    expect(await decrypt(fresh)).toEqual(values);
    expect(await secret.noiseBits(fresh, BITS)).toBeLessThanOrEqual(bitsOf(freshNoise()));
    const open = await encryptPublic(of, publicKey, values, BITS, secrets);
    expect(await decrypt(open)).toEqual(values);
    expect(await secret.noiseBits(open, BITS)).toBeLessThanOrEqual(bitsOf(freshNoise() + publicNoise(of.parameters)));
  });

  it("never makes the same ciphertext twice", async () => {
    const values = numbers(size);
    const [one, other] = [await encrypt(values), await encrypt(values)];
    expect(one.polynomials.filter((x, i) => x === other.polynomials[i]).length).toBeLessThan(4);
    const differences = await coefficients(await subtractCiphertexts(of, one, other));
    expect((await decrypt(differences)).every((x) => x === 0n)).toBe(true);
    expect(await secret.noiseBits(differences, BITS)).toBeGreaterThan(2);
  });

  it("adds and subtracts as numbers modulo 2^64 do, in either form", async () => {
    const [a, b, c] = [numbers(size), numbers(size), numbers(size)];
    const [x, y] = [await encrypt(a), await encrypt(b)];
    for (const form of ["values", "coefficients"] as const) {
      const [p, q] = [await inForm(of, x, form), await inForm(of, y, form)];
      const sum = await addPlain(of, await addCiphertexts(of, p, q), c, BITS);
      expect(await decrypt(sum)).toEqual(a.map((value, i) => wrap(value + b[i]! + c[i]!)));
      expect(await decrypt(await subtractCiphertexts(of, p, q))).toEqual(a.map((value, i) => wrap(value - b[i]!)));
    }
  });

  it("multiplies by plaintext polynomials, wrapping around with a sign", async () => {
    const values = numbers(size);
    const plain = new BigUint64Array(size);
    plain.set([3n, wrap(-(2n ** 20n))], 0);
    plain[size - 1] = 7n;
    const product = await multiplyPlain(of, await liftPlain(of, 4, plain), await encrypt(values), 1);
    const at = (i: number): bigint => (i < size ? values[(i + size) % size]! : -values[i - size]!);
    const expected = values.map((_, i) => {
      const before = i === 0 ? -values[size - 1]! : values[i - 1]!;
      const after = i === size - 1 ? values[0]! : -at(i + 1);
      return wrap(3n * values[i]! - 2n ** 20n * before + 7n * after);
    });
    expect(await decrypt(product)).toEqual(expected);
    const bound = productNoise(of.parameters, freshNoise(), 2n ** 20n, 1);
    expect(await secret.noiseBits(product, BITS)).toBeLessThanOrEqual(bitsOf(bound));
  });

  it("shifts, and switches to smaller moduli with noise within its bound", async () => {
    const values = numbers(size);
    const x = await coefficients(await encrypt(values));
    const shifted = await shiftCiphertexts(of, x, -5);
    expect(await decrypt(shifted)).toEqual(
      values.map((_, i) => (i + 5 < size ? values[i + 5]! : wrap(-values[i + 5 - size]!))),
    );
    const smaller = await switchModulus(of, x, 2);
    expect(await decrypt(smaller)).toEqual(values);
    const bound = switchedNoise(of.parameters, freshNoise(), 4, 2);
    expect(decrypts(of.parameters, bound, 2, BITS)).toBe(true);
    expect(await secret.noiseBits(smaller, BITS)).toBeLessThanOrEqual(bitsOf(bound));
    expect(ciphertextBytes(of, 1, 2)).toBe(12 + (2 * 2 * 46 * size) / 8);
  });

  it("applies automorphisms, with noise within its bound", async () => {
    const values = numbers(size);
    const key = keys[0]!;
    const turned = await applyAutomorphism(of, await coefficients(await encrypt(values)), key);
    const expected = new BigUint64Array(size);
    values.forEach((value, i) => {
      const to = (i * key.exponent) % (2 * size);
      expected[to % size] = to < size ? value : wrap(-value);
    });
    expect(await decrypt(turned)).toEqual(expected);
    const bound = freshNoise() + switchNoise(of.parameters);
    expect(await secret.noiseBits(turned, BITS)).toBeLessThanOrEqual(bitsOf(bound));
  });

  it("merges ciphertexts by their wanted coefficients, junk or not elsewhere", async () => {
    const values = numbers(4 * size);
    const merged = await mergeCiphertexts(of, await coefficients(await encrypt(values)), 64, 2, keys);
    const out = await decrypt(merged);
    expect(countOf(of, merged)).toBe(1);
    const places = new Set<number>();
    for (let i = 0; i < 4; i++)
      for (let k = 0; k < size / 64; k++) {
        const place = mergedPlace(64, 2, i, k);
        places.add(place);
        expect(out[place]).toBe(values[i * size + 64 * k]);
      }
    expect([...places].every((place) => place % 16 === 0) && places.size === size / 16).toBe(true);
    const bound = mergeNoise(of.parameters, freshNoise(), 2);
    expect(decrypts(of.parameters, bound, 4, BITS)).toBe(true);
    // Elsewhere there are halves and quarters of q/t, which neither masks nor flooding hide: those are not to be released.
    const step = of.parameters.primes.reduce((q, p) => q * p, 1n) >> 64n;
    expect(await secret.noiseBits(merged, BITS)).toBeGreaterThanOrEqual(bitsOf(step / 4n) - 1);
  });

  it("extracts single coefficients and packs them", async () => {
    const values = numbers(2 * size);
    const x = await coefficients(await encrypt(values));
    const wanted = [
      [0, 0],
      [0, size - 1],
      [1, 77],
      [1, 4096],
    ] as const;
    const packed = await packLwe(
      of,
      wanted.map(([index, at]) => extractLwe(of, x, index, at)),
      2,
      keys,
    );
    const out = await decrypt(packed);
    wanted.forEach(([index, at], i) => {
      expect(out[mergedPlace(size, 2, i, 0)]).toBe(values[index * size + at]);
    });
  });

  it("floods: the same numbers under noise of the size asked for, and nothing else of the ciphertext", async () => {
    const values = numbers(size);
    const x = await coefficients(await encrypt(values));
    const [one, other] = [await flood(of, publicKey, x, 100, secrets), await flood(of, publicKey, x, 100, secrets)];
    expect(await decrypt(one)).toEqual(values);
    expect(await secret.noiseBits(one, BITS)).toBeGreaterThan(98);
    expect(await secret.noiseBits(one, BITS)).toBeLessThanOrEqual(101);
    for (const pair of [
      [one, x],
      [one, other],
    ] as const)
      expect(pair[0].polynomials.filter((value, i) => value === pair[1].polynomials[i]).length).toBeLessThan(4);
    await expect(flood(of, publicKey, await switchModulus(of, x, 3), 100, secrets)).rejects.toThrow(RangeError);
  });

  it("comes back from bytes, and refuses others", async () => {
    const seeded = await secret.encrypt(numbers(2 * size), BITS, secrets);
    const x = await switchModulus(of, await coefficients(await expandSeeded(of, seeded)), 2);
    const galois = await secret.galoisKeys([3, 5], secrets);
    const bytes = {
      seeded: await encodeSeeded(of, seeded),
      ciphertexts: await encodeCiphertexts(of, x),
      publicKey: await encodePublicKey(of, publicKey),
      galois: await encodeGaloisKeys(of, galois),
    };
    const wanted = { count: 2, level: 2, form: "coefficients" } as const;
    const read = {
      seeded: (from: Uint8Array) => decodeSeeded(of, from, 2),
      ciphertexts: (from: Uint8Array) => decodeCiphertexts(of, from, wanted),
      publicKey: (from: Uint8Array) => decodePublicKey(of, from),
      galois: (from: Uint8Array) => decodeGaloisKeys(of, from, [3, 5]),
    };
    const again = {
      seeded: await encodeSeeded(of, await read.seeded(bytes.seeded)),
      ciphertexts: await encodeCiphertexts(of, await read.ciphertexts(bytes.ciphertexts)),
      publicKey: await encodePublicKey(of, await read.publicKey(bytes.publicKey)),
      galois: await encodeGaloisKeys(of, await read.galois(bytes.galois)),
    };
    for (const kind of ["seeded", "ciphertexts", "publicKey", "galois"] as const)
      expect(Buffer.compare(again[kind], bytes[kind])).toBe(0);
    const { b } = await read.seeded(bytes.seeded);
    expect(b.every((value, i) => value === seeded.b[i])).toBe(true);
    const refused = { code: "protocol.rlwe" };
    for (const kind of ["seeded", "ciphertexts", "publicKey", "galois"] as const) {
      const good = bytes[kind];
      for (let at = 0; at < 12; at++) {
        const changed = good.slice();
        changed[at]! ^= 1 << (at % 8);
        await expect(read[kind](changed)).rejects.toMatchObject(refused);
      }
      await expect(read[kind](good.subarray(1))).rejects.toMatchObject(refused);
      await expect(read[kind](new Uint8Array(0))).rejects.toMatchObject(refused);
      await expect(read[kind](good.slice().fill(255, good.length - 12))).rejects.toMatchObject(refused);
      for (const other of ["seeded", "ciphertexts", "publicKey", "galois"] as const)
        if (other !== kind) await expect(read[kind](bytes[other])).rejects.toMatchObject(refused);
    }
    await expect(decodeSeeded(of, bytes.seeded, 1)).rejects.toMatchObject(refused);
    await expect(decodeCiphertexts(of, bytes.ciphertexts, { ...wanted, level: 3 })).rejects.toMatchObject(refused);
    await expect(decodeCiphertexts(of, bytes.ciphertexts, { ...wanted, form: "values" })).rejects.toMatchObject(
      refused,
    );
    await expect(decodeSeeded(rlwe("rlwe-16384"), bytes.seeded, 2)).rejects.toMatchObject(refused);
  });

  it("never prints the secret key", () => {
    expect(inspect(secret, { depth: 9, showHidden: true })).toBe("[secret key: rlwe-8192]");
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret key: rlwe-8192]"}');
  });

  it("takes some ciphertexts of a list", async () => {
    const values = numbers(2 * size);
    const second = someOf(of, await encrypt(values), 1, 2);
    expect(await decrypt(second)).toEqual(values.subarray(size));
  });
});

describe("parameters", () => {
  it("have 128 bits by the standard's table, special prime included", () => {
    for (const name of ["rlwe-8192", "rlwe-16384"] as const) {
      const parameters = rlweParameters(name);
      requireSecure(parameters);
      for (const p of [...parameters.primes, parameters.special]) expect(p % BigInt(2 * parameters.size)).toBe(1n);
    }
    const { primes } = rlweParameters("rlwe-8192");
    for (const bad of [
      { size: 8192, primes, special: 70368742850561n },
      { size: 4096, primes, special: 17179754497n },
      { size: 1000, primes: primes.slice(0, 1), special: 1n },
    ])
      expect(() => requireSecure(bad)).toThrow(expect.objectContaining({ code: "input.rlwe-parameters" }));
    for (const bad of ["rlwe-4096", "", "toString"]) expect(() => rlweParameters(bad)).toThrow(TomboloError);
  });

  it("flood so that a job's distance stays below 2^-40", () => {
    for (const noise of [1n, 2n ** 40n + 1n, 3n ** 30n])
      for (const coefficients of [8192n, 2n ** 30n]) {
        const bits = floodBits(noise, coefficients);
        // Sum over all coefficients of |x| / 2^(f + 1), exactly.
        expect(noise * coefficients * 2n ** 40n <= 2n ** BigInt(bits + 1)).toBe(true);
        expect(noise * coefficients * 2n ** 40n <= 2n ** BigInt(bits)).toBe(false);
      }
  });

  it("leave room for the flooding of products in slots, up to a number of them", () => {
    // 2·N·t·(E + 1) = 2^61.96 hidden in 2^36 places.
    expect(slotsFloodBits(2n ** 36n)).toBe(137);
    expect(() => slotsFloodBits(2n ** 38n)).toThrow(RangeError);
  });

  it("have a distance that is what it is said to be, counted at a small size", () => {
    // Uniform on -2^f..2^f - 1 against the same moved by x: places that only one of them has.
    for (const [f, x] of [
      [3, 5],
      [6, 1],
      [5, 40],
    ] as const) {
      let distance = 0;
      for (let v = -(2 ** f) - 50; v <= 2 ** f + 50; v++) {
        const inside = (at: number): number => (at >= -(2 ** f) && at < 2 ** f ? 1 / 2 ** (f + 1) : 0);
        distance += Math.abs(inside(v) - inside(v - x)) / 2;
      }
      expect(distance).toBeCloseTo(x / 2 ** (f + 1), 12);
    }
  });
});
