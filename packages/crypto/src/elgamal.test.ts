/** Numbers of many bytes, and sums of them. */
import { systemSecrets } from "@tombolo/base";
import fc from "fast-check";
import { expect, it } from "vitest";
import { addToBins, ELGAMAL_CIPHERTEXT_BYTES, ElGamalSecretKey, emptySums, releaseSums } from "./elgamal.ts";

it("encrypts numbers of several bytes, whose sums open to the sum", async () => {
  const number = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 1 << 12 }));
  await fc.assert(
    fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 9 }), async (values) => {
      const secrets = systemSecrets();
      const key = await ElGamalSecretKey.generate(secrets);
      const ciphertexts = await key.encryptNumbers(Uint32Array.from(values), secrets);
      expect(ciphertexts).toHaveLength(values.length * ELGAMAL_CIPHERTEXT_BYTES);
      const sums = emptySums(2);
      const bins = values.map((_, i) => i % 2);
      await addToBins(sums, ciphertexts, Uint16Array.from(bins), Uint32Array.of(2));
      const released = await releaseSums(sums, key.publicKey, secrets);
      const of = (bin: number) => values.reduce((sum, value, i) => sum + (bins[i] === bin ? value : 0), 0);
      const most = values.reduce((sum, value) => sum + value);
      expect([...(await key.open(released, Uint32Array.of(most, most)))]).toEqual([of(0), of(1)]);
    }),
    { numRuns: 10 },
  );
});
