/** Products in slots, as they are defined. */
import { requireRange } from "../checks.ts";
import type { SlotShares, Slots } from "../slot-kernels.ts";
import { integersOf, residuesOf } from "./remainders.ts";
import { ring } from "./rlwe.ts";

const WORD = 2n ** 64n;
const LENGTH_BITS = 64;

export function slots(size: number, primes: BigUint64Array, plain: BigUint64Array): Slots {
  const [of, plaintexts] = [ring(size, primes), ring(size, plain)];
  requireRange(!plain.some((t) => primes.includes(t)), "plaintexts have other primes than ciphertexts");
  const [moduli, ts] = [Array.from(primes), Array.from(plain)];
  const [q, product] = [moduli, ts].map((all) => all.reduce((sum, p) => sum * p, 1n)) as [bigint, bigint];
  const words = size * moduli.length;
  const wholes = (array: BigUint64Array, width: number): number => {
    requireRange(array.length % width === 0, "whole polynomials");
    return array.length / width;
  };
  /** Which t the word at this place of plaintexts is modulo. */
  const modulusAt = (at: number): bigint => ts[Math.floor(at / size) % ts.length]!;

  /** Plaintexts with numbers in their slots. */
  const plaintextsOf = (numbers: BigUint64Array): Promise<BigUint64Array> => {
    wholes(numbers, size);
    return plaintexts.inverse(residuesOf(ts, size, Array.from(numbers)));
  };
  const encode = (values: BigUint64Array): BigUint64Array => {
    const scaled = Array.from(values, (m, at) => (q * m + modulusAt(at) / 2n) / modulusAt(at));
    return residuesOf(moduli, size, scaled);
  };
  const decode = (phases: BigUint64Array): BigUint64Array =>
    BigUint64Array.from(integersOf(moduli, size, phases), (x, at) => {
      const t = modulusAt(at);
      return ((2n * t * x + q) / (2n * q)) % t;
    });
  const combined = async (values: BigUint64Array): Promise<SlotShares> => {
    const numbers = integersOf(ts, size, await plaintexts.forward(values));
    const width = size + Math.ceil(size / LENGTH_BITS);
    const out = new BigUint64Array((numbers.length / size) * width);
    const last = ts.at(-1)!;
    const from = ((last - 1n) / 2n) * (product / last);
    numbers.forEach((x, i) => {
      const [at, place] = [Math.floor(i / size) * width, i % size];
      out[at + place] = x % WORD;
      if (x >= from) out[at + size + Math.floor(place / LENGTH_BITS)]! |= 1n << BigInt(place % LENGTH_BITS);
    });
    return out;
  };

  return {
    async seal(numbers, secret, seed, errorSeed) {
      requireRange(wholes(secret, words) === 1, "a secret is one polynomial");
      const encoded = encode(await plaintextsOf(numbers));
      const count = encoded.length / words;
      const noisy = await of.forward(await of.add(encoded, await of.binomial(errorSeed, count)));
      return of.subtract(noisy, await of.products(await of.uniform(seed, count), secret, 1, 1, false));
    },

    async answer(pairs, factors, publicKey, seeds, { terms, floodBits, keep }) {
      requireRange(seeds.length === 128 && keep >= 1 && keep <= moduli.length, "four seeds, and a prime kept");
      requireRange(wholes(publicKey, words) === 2, "a public key is two polynomials");
      const numbers = wholes(factors, size);
      requireRange(terms > 0 && numbers % terms === 0, "as many factors as terms");
      requireRange(wholes(pairs, words) === 2 * ts.length * numbers, "a ciphertext for each factor and prime");
      const [kinds, count] = [ts.length, (numbers / terms) * ts.length];
      const coefficients = await plaintextsOf(factors);
      const plain = await of.forward(residuesOf(moduli, size, Array.from(coefficients)));
      const u = await of.forward(await of.ternary(seeds.subarray(0, 32), count));
      const errors = await of.binomial(seeds.subarray(32, 64), count);
      const noise = await of.flood(seeds.subarray(64, 96), count, floodBits);
      const masks = await plaintexts.uniform(seeds.subarray(96), numbers / terms);
      const masked = await of.subtract(noise, encode(masks));
      const all: { a: BigUint64Array[]; b: BigUint64Array[] } = { a: [], b: [] };
      const dropped = async (polynomial: BigUint64Array): Promise<BigUint64Array> => {
        let left = polynomial;
        for (let level = moduli.length; level > keep; level--)
          left = await ring(size, primes.slice(0, level)).dropLast(left);
        return left;
      };
      for (let at = 0; at < count; at++) {
        const own = (array: BigUint64Array): BigUint64Array => array.subarray(at * words, (at + 1) * words);
        let pair = await of.products(own(u), publicKey, 1, 2, false);
        for (let term = 0; term < terms; term++) {
          const place = (Math.floor(at / kinds) * terms + term) * kinds + (at % kinds);
          const ciphertext = pairs.subarray(2 * place * words, 2 * (place + 1) * words);
          const factor = plain.subarray(place * words, (place + 1) * words);
          pair = await of.add(pair, await of.products(factor, ciphertext, 1, 2, false));
        }
        const fresh = await of.inverse(pair);
        all.b.push(await dropped(await of.add(fresh.subarray(0, words), own(masked))));
        all.a.push(await dropped(await of.add(fresh.subarray(words), own(errors))));
      }
      return BigUint64Array.from([...all.a, ...all.b].flatMap((polynomial) => Array.from(polynomial)));
    },

    async masks(seed, count) {
      return combined(await plaintexts.uniform(seed, count));
    },

    async open(b, a, secret) {
      requireRange(wholes(secret, words) === 1, "a secret is one polynomial");
      const answers = wholes(a, words);
      requireRange(wholes(b, words) === answers && answers % ts.length === 0, "an answer for each prime");
      const product = await of.inverse(await of.products(await of.forward(a), secret, 1, 1, false));
      return combined(decode(await of.add(b, product)));
    },
  };
}
