/** Packing and encryption together, as a host and a guest use them, and the attack that the bounds stop. */
import { systemSecrets } from "@tombolo/base";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { generateHeKey, hePublicKeyFromBytes } from "./he/index.ts";
import type { HePrivateKey, HePublicKey, HeScheme } from "./he/types.ts";
import { GradientPacking, roundToFixed } from "./packing.ts";

const secrets = systemSecrets();
const [gBound, hBound, fractionBits] = [1, 0.25, 16];

describe.each(["okamoto-uchiyama", "paillier"] as const)("packed sums under %s", (scheme: HeScheme) => {
  let guest: HePrivateKey;
  let host: HePublicKey;

  beforeAll(async () => {
    guest = await generateHeKey({ scheme }, secrets);
    host = hePublicKeyFromBytes(guest.publicKey.toBytes());
  });

  const plan = (rowCountMax: number): GradientPacking =>
    GradientPacking.plan({ rowCountMax, gBound, hBound, fractionBits, plaintextBits: host.plaintextBits });

  /** The host's part: histogram of one feature, packed and completed. */
  async function sums(packing: GradientPacking, ciphertexts: Uint8Array, bins: Uint8Array, binCount: number) {
    await host.validate(ciphertexts);
    const nodes = new Int32Array(bins.length);
    const cells = await host.histogram(ciphertexts, { bins, nodes, nodeCount: 1, featureCount: 1, binCount });
    const packed = await host.packShift(cells, packing.perCiphertext, packing.cellBits);
    const counts = Array.from({ length: binCount }, (_, bin) => bins.filter((one) => one === bin).length);
    return host.add(packed, await host.encrypt(packing.completion(counts), secrets));
  }

  it("equal the plaintext twin's to the last bit", async () => {
    const row = fc.tuple(
      fc.double({ min: -gBound, max: gBound, noNaN: true }),
      fc.double({ min: 0, max: hBound, noNaN: true }),
      fc.nat({ max: 11 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        const [g, h] = [Float64Array.from(rows, (one) => one[0]), Float64Array.from(rows, (one) => one[1])];
        const bins = Uint8Array.from(rows, (one) => one[2]);
        const packing = plan(rows.length);
        const returned = await sums(packing, await guest.encrypt(packing.encode(g, h), secrets), bins, 12);
        const decoded = packing.decode(await guest.decrypt(returned), 12);
        const [gFixed, hFixed] = [roundToFixed(g, gBound, fractionBits), roundToFixed(h, hBound, fractionBits)];
        const expected = { g: new Float64Array(12), h: new Float64Array(12) };
        bins.forEach((bin, i) => {
          expected.g[bin]! += gFixed[i]!;
          expected.h[bin]! += hFixed[i]!;
        });
        expect(decoded).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it("tell nothing about the key when a host returns a multiple beyond the message space", async () => {
    const packing = plan(10);
    const one = await guest.encrypt(packing.encode(Float64Array.of(1), Float64Array.of(0.25)), secrets);
    for (const shift of [host.plaintextBits - 20, host.plaintextBits + 5, 3 * host.plaintextBits]) {
      const chosen = await host.shiftLeftAdd(one, one, shift); // m·2^shift + m, reduced modulo the secret p
      const decrypted = await guest.decrypt(chosen);
      expect(() => packing.decode(decrypted, packing.perCiphertext)).toThrow(
        expect.objectContaining({ code: "protocol.bound" }),
      );
    }
  });
});
