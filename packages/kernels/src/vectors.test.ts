/** Known answers, on the reference and on the native kernels. The same files are read by the Rust tests. */
import { readFileSync } from "node:fs";
import { fromHex, toHex, utf8 } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import type { Kernels } from "./kernels.ts";
import { toLittleEndian } from "./little-endian.ts";
import { loadNative } from "./native.ts";
import { referenceKernels } from "./reference/index.ts";

const loaded = loadNative();
const native = "kernels" in loaded ? loaded.kernels : null;

const vectors = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), "utf8")) as T;

describe.each([
  ["reference", referenceKernels],
  ["native", native],
] as const)("%s kernels", (_, maybe) => {
  const skipped = maybe === null;
  const kernels = maybe as Kernels;

  it.skipIf(skipped)("encode multiples of the ristretto255 base point (RFC 9496 A.1)", async () => {
    const { multiples } = vectors<{ multiples: string[] }>("ristretto255");
    const scalars = Buffer.concat(multiples.map((_, i) => toLittleEndian(BigInt(i + 1), 32)));
    expect(toHex(await kernels.ristrettoMultiplyBase(scalars))).toBe(multiples.join(""));
  });

  it.skipIf(skipped)("refuse bad encodings and the identity by index (RFC 9496 A.2)", async () => {
    const { multiples, invalid, identity } = vectors<{ multiples: string[]; invalid: string[]; identity: string }>(
      "ristretto255",
    );
    await kernels.ristrettoValidate(fromHex(multiples.join("")));
    for (const bad of [...invalid, identity]) {
      const points = fromHex([...multiples, bad, bad].join(""));
      const refusal = { code: "protocol.point", message: `point ${multiples.length} is not a valid group element` };
      await expect(kernels.ristrettoValidate(points)).rejects.toMatchObject(refusal);
      await expect(kernels.ristrettoMultiply(points, toLittleEndian(2n, 32))).rejects.toMatchObject(refusal);
    }
  });

  it.skipIf(skipped)("hash to the group, blind and evaluate (RFC 9497 A.1.1)", async () => {
    type Case = Record<"input" | "blind" | "blindedElement" | "evaluationElement", string>;
    const { dst, secretKey, cases } = vectors<{ dst: string; secretKey: string; cases: Case[] }>("hash-to-group");
    for (const { input, blind, blindedElement, evaluationElement } of cases) {
      const [message, offsets] = [fromHex(input), Uint32Array.of(0, input.length / 2)];
      const blinded = await kernels.ristrettoHashAndMultiply(message, offsets, fromHex(dst), fromHex(blind));
      expect(toHex(blinded)).toBe(blindedElement);
      const hashed = await kernels.ristrettoHashToGroup(message, offsets, fromHex(dst));
      expect(toHex(await kernels.ristrettoMultiply(hashed, fromHex(blind)))).toBe(blindedElement);
      expect(toHex(await kernels.ristrettoMultiply(blinded, fromHex(secretKey)))).toBe(evaluationElement);
    }
  });

  it.skipIf(skipped)("hash with SHA-256", async () => {
    const { cases } = vectors<{ cases: { message: string; digest: string }[] }>("sha256");
    const messages = fromHex(cases.map((one) => one.message).join(""));
    const offsets = new Uint32Array(cases.length + 1);
    cases.forEach((one, i) => {
      offsets[i + 1] = offsets[i]! + one.message.length / 2;
    });
    expect(toHex(await kernels.sha256Batch(messages, offsets))).toBe(cases.map((one) => one.digest).join(""));
    const split = await kernels.sha256Prefixed(utf8("a"), utf8("bc"), Uint32Array.of(0, 2));
    expect(toHex(split)).toBe(cases[1]!.digest);
  });

  it.skipIf(skipped)("expand a seed with AES-256-CTR", () => {
    const { seed, stream } = vectors<{ seed: string; stream: string }>("prg");
    expect(toHex(kernels.prgExpand(fromHex(seed), 48))).toBe(stream);
    expect(toHex(kernels.prgExpand(fromHex(seed), 21))).toBe(stream.slice(0, 42));
  });

  it.skipIf(skipped)("raise to powers, with and without a table", async () => {
    const { cases } = vectors<{ cases: Record<"modulus" | "base" | "exponent" | "result", string>[] }>("modexp");
    for (const one of cases) {
      const bytes = (hex: string): Uint8Array => toLittleEndian(BigInt(`0x${hex}`), Math.ceil(hex.length / 2));
      const modulus = kernels.modulus(bytes(one.modulus));
      const plain = toLittleEndian(BigInt(`0x${one.base}`), modulus.bytes);
      const [base, exponent] = [await modulus.enter(plain), bytes(one.exponent)];
      const expected = toHex(toLittleEndian(BigInt(`0x${one.result}`), modulus.bytes));
      expect(toHex(await modulus.leave(await modulus.power(base, exponent)))).toBe(expected);
      const table = modulus.fixedBase(base, exponent.length);
      expect(toHex(await modulus.leave(await table.power(exponent)))).toBe(expected);
    }
  });

  it.skipIf(skipped)("hash with SM3 (GB/T 32905)", async () => {
    const { cases } = vectors<{ cases: { message: string; digest: string }[] }>("sm3");
    for (const { message, digest } of cases) {
      const [bytes, none] = [fromHex(message), new Uint8Array(0)];
      expect(toHex(await kernels.sm3Truncated(none, bytes, bytes.length, 32))).toBe(digest);
      const split = await kernels.sm3Truncated(bytes.subarray(0, 1), bytes.subarray(1), bytes.length - 1, 11);
      expect(toHex(split)).toBe(digest.slice(0, 22));
    }
  });

  it.skipIf(skipped)("multiply on SM2's curve, and refuse what is not on it by index", async () => {
    type File = { multiples: { scalar: string; point: string }[]; invalid: Record<string, string> };
    const { multiples, invalid } = vectors<File>("sm2");
    const base = fromHex(multiples[0]!.point);
    for (const { scalar, point } of multiples)
      expect(toHex(await kernels.sm2Multiply(base, toLittleEndian(BigInt(`0x${scalar}`), 32)))).toBe(point);
    const good = multiples.map(({ point }) => point).join("");
    await kernels.sm2Validate(fromHex(good));
    for (const bad of Object.values(invalid)) {
      const points = fromHex(good + bad + bad);
      const refusal = { code: "protocol.point", message: `point ${multiples.length} is not a valid group element` };
      await expect(kernels.sm2Validate(points)).rejects.toMatchObject(refusal);
      await expect(kernels.sm2Multiply(points, toLittleEndian(2n, 32))).rejects.toMatchObject(refusal);
    }
  });

  it.skipIf(skipped)("hash to SM2's curve", async () => {
    const { dst, cases } = vectors<{ dst: string; cases: { message: string; point: string }[] }>("sm2-hash-to-curve");
    for (const { message, point } of cases) {
      const [bytes, offsets] = [fromHex(message), Uint32Array.of(0, message.length / 2)];
      expect(toHex(await kernels.sm2HashToGroup(bytes, offsets, fromHex(dst)))).toBe(point);
    }
  });

  it.skipIf(skipped)("encrypt, sum, release and open by ElGamal", async () => {
    type Text = Record<"secret" | "key" | "ciphertexts" | "sums" | "released", string>;
    type Numbers = Record<"values" | "bins" | "codes" | "opened", number[]>;
    const { seeds, ...file } = vectors<Text & Numbers & { seeds: [string, string] }>("elgamal");
    const [secret, key] = [fromHex(file.secret), fromHex(file.key)];
    expect(toHex(await kernels.elgamalKey(secret))).toBe(file.key);
    const ciphertexts = await kernels.elgamalEncrypt(Uint8Array.from(file.values), secret, fromHex(seeds[0]));
    expect(toHex(ciphertexts)).toBe(file.ciphertexts);
    const sums = Uint8Array.from({ length: file.sums.length / 2 }, (_, i) => (i % 64 === 32 ? 1 : 0));
    await kernels.elgamalSum(sums, ciphertexts, Uint16Array.from(file.codes), Uint32Array.from(file.bins));
    expect(toHex(sums)).toBe(file.sums);
    const released = await kernels.elgamalRelease(sums, key, fromHex(seeds[1]));
    expect(toHex(released)).toBe(file.released);
    expect([...(await kernels.elgamalOpen(released, secret, Uint32Array.from(file.opened)))]).toEqual(file.opened);
  });
});
