/**
 * Encryption with the public key, and release of what was computed on ciphertexts to the owner of the key.
 *
 * A released ciphertext is added an encryption of zero with fresh randomness, b·u + e0 and a·u + e1, where e0 is uniform and so
 * large that all other noise, which tells about the evaluator's plaintexts, drowns in it (`noise.ts`). The owner of the key
 * then sees: in a something pseudorandom (the evaluator's u and e1 stay secret: learning with errors under the public a), in b the
 * numbers released plus noise that is independent of all else but for 2^-40 a job. Numbers not meant for the owner are to be
 * masked before (`addPlain` with uniform numbers).
 */
import { discard, type Secrets } from "@tombolo/base";
import { addCiphertexts, type Ciphertexts, interleave, requireCoefficients, SEED_BYTES } from "./ciphertexts.ts";
import type { RlwePublicKey } from "./keys.ts";
import type { Rlwe } from "./ring.ts";

/** Numbers modulo 2^bits, as many for each ciphertext as the ring has coefficients. */
export async function encryptPublic(
  of: Rlwe,
  key: RlwePublicKey,
  values: BigUint64Array,
  bits: number,
  secrets: Secrets,
): Promise<Ciphertexts> {
  const ring = of.ring(of.parameters.primes.length);
  const count = values.length / of.parameters.size;
  const [errors, encoded] = [await ring.binomial(secrets.bytes(SEED_BYTES), count), await ring.encode(values, bits)];
  const noisy = await ring.add(errors, encoded);
  discard(errors, encoded);
  return zeros(of, key, noisy, secrets);
}

/** Fresh randomness and noise of `bits` bits for ciphertexts at the highest level, in coefficients. */
export async function flood(
  of: Rlwe,
  key: RlwePublicKey,
  x: Ciphertexts,
  bits: number,
  secrets: Secrets,
): Promise<Ciphertexts> {
  requireCoefficients(x);
  const level = of.parameters.primes.length;
  if (x.level !== level) throw new RangeError("ciphertexts are flooded at the highest level");
  const count = x.polynomials.length / (2 * of.words(level));
  const noise = await of.ring(level).flood(secrets.bytes(SEED_BYTES), count, bits);
  const fresh = await zeros(of, key, noise, secrets);
  const sum = await addCiphertexts(of, x, fresh);
  discard(fresh.polynomials);
  return sum;
}

/** b·u + first, a·u + e1: coefficients. Takes `first` away. */
async function zeros(of: Rlwe, key: RlwePublicKey, first: BigUint64Array, secrets: Secrets): Promise<Ciphertexts> {
  const level = of.parameters.primes.length;
  const [ring, words] = [of.ring(level), of.words(level)];
  const count = first.length / words;
  const a = await ring.uniform(key.seed, 1);
  const drawn = await ring.ternary(secrets.bytes(SEED_BYTES), count);
  const u = await ring.forward(drawn);
  const products = await ring.products(u, interleave(words, key.b, a), 1, 2, false);
  const masks = await ring.inverse(products);
  const errors = await ring.binomial(secrets.bytes(SEED_BYTES), count);
  const noise = interleave(words, first, errors);
  const polynomials = await ring.add(masks, noise);
  discard(a, drawn, u, products, masks, errors, noise, first);
  return { level, form: "coefficients", polynomials };
}
