import { inspect } from "node:util";
import { systemSecrets } from "@tombolo/base";
import { fromLittleEndian, joinIntegers, kernels, splitIntegers, toLittleEndian } from "@tombolo/kernels";
import { beforeAll, describe, expect, it } from "vitest";
import { generateHeKey, hePublicKeyFromBytes } from "./index.ts";
import { bitLength, uniformBelow } from "./integers.ts";
import { schemeSizes } from "./parameters.ts";
import { hasSmallFactor, randomPrime, randomPrimeWithFactor } from "./primes.ts";
import type { HePrivateKey, HePublicKey, HeScheme } from "./types.ts";

const secrets = systemSecrets();

const randomBelow = (bits: number): bigint =>
  fromLittleEndian(secrets.bytes(Math.ceil(bits / 8))) % (1n << BigInt(bits));

describe.each(["okamoto-uchiyama", "paillier"] as const)("%s", (scheme: HeScheme) => {
  let key: HePrivateKey;
  let peer: HePublicKey;
  const encode = (values: readonly bigint[]): Uint8Array => joinIntegers(values, key.publicKey.plaintextBytes);
  const decrypt = async (ciphertexts: Uint8Array): Promise<bigint[]> =>
    splitIntegers(await key.decrypt(ciphertexts), key.publicKey.plaintextBytes);

  beforeAll(async () => {
    key = await generateHeKey({ scheme }, secrets);
    peer = hePublicKeyFromBytes(key.publicKey.toBytes());
  });

  it("decrypts what either key encrypted, over the whole range", async () => {
    const values = [0n, 1n, (1n << BigInt(peer.plaintextBits)) - 1n, randomBelow(peer.plaintextBits), randomBelow(64)];
    const [own, theirs] = [await key.encrypt(encode(values), secrets), await peer.encrypt(encode(values), secrets)];
    expect(own.length).toBe(values.length * peer.ciphertextBytes);
    expect(await decrypt(own)).toEqual(values);
    expect(await decrypt(theirs)).toEqual(values);
    await peer.validate(own);
  });

  it("adds, subtracts, shifts and packs as integers do", async () => {
    const [a, b] = [0, 1].map(() => Array.from({ length: 7 }, () => randomBelow(100)));
    const sums = a!.map((x, i) => x + b![i]!);
    const [ca, cb] = [await key.encrypt(encode(a!), secrets), await peer.encrypt(encode(b!), secrets)];
    const added = await peer.add(ca, cb);
    expect(await decrypt(added)).toEqual(sums);
    expect(await decrypt(await peer.subtract(added, ca))).toEqual(b);
    expect(await decrypt(await peer.shiftLeftAdd(ca, cb, 120))).toEqual(a!.map((x, i) => (x << 120n) + b![i]!));
    const packed = await peer.packShift(ca, 3, 110);
    const pack = (group: readonly bigint[]): bigint => group.reduceRight((high, low) => (high << 110n) + low);
    expect(await decrypt(packed)).toEqual([a!.slice(0, 3), a!.slice(3, 6), a!.slice(6)].map(pack));
    expect(() => peer.packShift(ca, 30, 110)).toThrow(RangeError);
  });

  it("sums histograms, with empty cells as encryptions of zero", async () => {
    const values = Array.from({ length: 20 }, () => randomBelow(64));
    const ciphertexts = await key.encrypt(encode(values), secrets);
    const nodes = Int32Array.from(values, (_, i) => (i % 4) - 1);
    const bins = Uint8Array.from({ length: 40 }, (_, i) => (i * 7) % 3);
    const layout = { bins, nodes, nodeCount: 3, featureCount: 2, binCount: 4 };
    const expected = Array.from({ length: 24 }, () => 0n);
    for (const feature of [0, 1])
      values.forEach((value, i) => {
        if (nodes[i]! >= 0) expected[(nodes[i]! * 2 + feature) * 4 + bins[feature * 20 + i]!]! += value;
      });
    const cells = await peer.histogram(ciphertexts, layout);
    expect(await decrypt(cells)).toEqual(expected);
    expect(await decrypt(await peer.rerandomise(cells, secrets))).toEqual(expected);
  });

  it("re-randomises to ciphertexts never seen", async () => {
    const ciphertexts = await key.encrypt(encode([5n, 5n, 0n]), secrets);
    const again = await peer.rerandomise(ciphertexts, secrets);
    const all = [...split(ciphertexts), ...split(again)];
    expect(new Set(all).size).toBe(6);
    expect(await decrypt(again)).toEqual([5n, 5n, 0n]);
  });

  it("refuses ciphertexts out of range", async () => {
    const good = await key.encrypt(encode([1n, 2n]), secrets);
    const zero = new Uint8Array(peer.ciphertextBytes);
    const huge = zero.slice().fill(255);
    for (const bad of [zero, huge]) {
      const refusal = { code: "protocol.ciphertext", message: "ciphertext 2 is not valid" };
      await expect(peer.validate(Buffer.concat([good, bad, bad]))).rejects.toMatchObject(refusal);
      await expect(key.decrypt(Buffer.concat([good, bad, bad]))).rejects.toMatchObject(refusal);
    }
    await expect(peer.validate(good.subarray(1))).rejects.toMatchObject({ code: "protocol.ciphertext" });
  });

  it("refuses to decrypt what honest encryption cannot have made", async () => {
    const good = await key.encrypt(encode([1n]), secrets);
    const random = secrets.bytes(peer.ciphertextBytes);
    random[random.length - 1] = 1; // surely below the modulus
    await expect(key.decrypt(Buffer.concat([good, random]))).rejects.toMatchObject({
      code: "protocol.ciphertext",
      message: "ciphertext 1 is not valid",
    });
  });

  it("refuses plaintexts out of range", async () => {
    const tooLarge = toLittleEndian(1n << BigInt(peer.plaintextBits), peer.plaintextBytes);
    await expect(peer.encrypt(tooLarge, secrets)).rejects.toThrow(RangeError);
    await expect(key.encrypt(tooLarge, secrets)).rejects.toThrow(RangeError);
    await expect(peer.encrypt(new Uint8Array(3), secrets)).rejects.toThrow(RangeError);
  });

  it("refuses hostile public keys", () => {
    const bytes = key.publicKey.toBytes();
    const size = peer.keyBits / 8;
    const tampered = (change: (copy: Uint8Array) => void): Uint8Array => {
      const copy = bytes.slice();
      change(copy);
      return copy;
    };
    const refused = [
      new Uint8Array(0),
      bytes.subarray(1),
      tampered((copy) => copy.set([2], 0)),
      tampered((copy) => copy.set([9], 1)),
      tampered((copy) => copy.set([0, 4], 2)), // 1024 bits
      tampered((copy) => copy.set([0, 12], 2)), // another length
      tampered((copy) => copy.set([copy[4]! & 0xfe], 4)), // even
      tampered((copy) => copy.fill(0, 4 + size - 8, 4 + size)), // too short
      tampered((copy) => copy.set(toLittleEndian((1n << 2048n) - 1n, size), 4)), // a multiple of 3
      tampered((copy) => copy.fill(0, copy.length - size)), // h = 0
      tampered((copy) => copy.set(toLittleEndian(1n, size), copy.length - size)), // h = 1
      tampered((copy) => copy.set(copy.subarray(4, 4 + size), copy.length - size)), // h = n
    ];
    for (const one of refused)
      expect(() => hePublicKeyFromBytes(one)).toThrow(expect.objectContaining({ code: "protocol.public-key" }));
  });

  it("never prints the private key", () => {
    expect(inspect(key, { depth: 9, showHidden: true })).toBe(`[private key: ${scheme}, 2048 bits]`);
    expect(JSON.stringify({ key })).toBe(`{"key":"[private key: ${scheme}, 2048 bits]"}`);
  });

  const split = (ciphertexts: Uint8Array): string[] =>
    splitIntegers(ciphertexts, peer.ciphertextBytes).map((value) => value.toString(16));
});

describe("key sizes", () => {
  it("offers 3072 bits for both schemes", async () => {
    for (const scheme of ["okamoto-uchiyama", "paillier"] as const) {
      const key = await generateHeKey({ scheme, keyBits: 3072 }, secrets);
      expect(key.publicKey.plaintextBits).toBe(scheme === "paillier" ? 3071 : 1023);
      const message = toLittleEndian((1n << BigInt(key.publicKey.plaintextBits)) - 1n, key.publicKey.plaintextBytes);
      expect(await key.decrypt(await key.encrypt(message, secrets))).toEqual(message);
    }
  });

  it.each([0, 512, 1024, 2047, 4096])("refuses %i bits", (keyBits) => {
    for (const scheme of ["okamoto-uchiyama", "paillier"] as const)
      expect(() => schemeSizes(scheme, keyBits)).toThrow(expect.objectContaining({ code: "input.key-size" }));
  });
});

describe("primes", () => {
  it("have the asked size and factor, and pass Fermat's test", async () => {
    const t = await randomPrime(256, secrets);
    const p = await randomPrimeWithFactor(683, t, secrets);
    expect([bitLength(t), bitLength(p), p % t, p % 4n]).toEqual([256, 683, 1n, 3n]);
    const modulus = kernels.modulus(toLittleEndian(p, 86));
    const two = await modulus.enter(toLittleEndian(2n, 86));
    const power = await modulus.leave(await modulus.power(two, toLittleEndian(p - 1n, 86)));
    expect(fromLittleEndian(power)).toBe(1n);
  });

  it("are told from multiples of small primes", () => {
    expect([3n, 2039n, 3n * 5n, 2039n * 2063n, 2063n * 2069n].map(hasSmallFactor)).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it("bound uniform integers", () => {
    const drawn = splitIntegers(uniformBelow(Uint8Array.of(0, 160), 500, secrets), 2);
    expect(drawn.length).toBe(500);
    expect(drawn.every((value) => value < 0xa000n)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(480);
  });
});
