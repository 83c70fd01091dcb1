/** What native rings do in one pass, by the steps that it stands for. */
import { requireRange } from "../checks.ts";
import type { Ring } from "../rlwe-kernels.ts";
import type { SumKernels } from "../sum-kernels.ts";

const LEAST = 16;

export type Passes = Pick<Ring, "seal" | "unseal" | "release" | "open">;
type Steps = Omit<Ring, keyof Passes | keyof SumKernels>;

/** `part` gives rings of so many coefficients modulo the first so many of the `digits` primes. */
export function passes(
  ring: Steps,
  size: number,
  digits: number,
  part: (coefficients: number, kept: number) => Steps,
): Passes {
  const words = size * digits;
  const wholes = (polynomials: BigUint64Array, width = words): number => {
    requireRange(polynomials.length % width === 0, "not a whole number of polynomials");
    return polynomials.length / width;
  };
  const one = (secret: BigUint64Array): void => requireRange(wholes(secret) === 1, "a secret is one polynomial");
  const requirePlaces = (stride: number, wanted: number): void => {
    const good = Number.isInteger(Math.log2(stride)) && stride <= size / LEAST;
    requireRange(good && wanted > 0 && wanted <= size / stride, "wanted coefficients are every 2^i-th");
  };
  /** The first or second of each two polynomials. */
  const half = (pairs: BigUint64Array, which: 0 | 1): BigUint64Array =>
    pairs.filter((_, i) => Math.floor(i / words) % 2 === which);
  /** Of each row the coefficients 0, stride, 2·stride... */
  const places = (polynomials: BigUint64Array, stride: number, wanted: number): BigUint64Array =>
    polynomials.filter((_, i) => (i % size) % stride === 0 && (i % size) / stride < wanted);

  return {
    async seal(numbers, bits, secret, seed, errorSeed) {
      one(secret);
      const encoded = await ring.encode(numbers, bits);
      const count = wholes(encoded);
      const noisy = await ring.forward(await ring.add(encoded, await ring.binomial(errorSeed, count)));
      return ring.subtract(noisy, await ring.products(await ring.uniform(seed, count), secret, 1, 1, false));
    },

    async unseal(b, seed, numbers, bits) {
      const encoded = await ring.forward(await ring.encode(numbers, bits));
      requireRange(encoded.length === 0 || encoded.length === b.length, "numbers for all polynomials or none");
      const sum = await ring.add(b, encoded.length === 0 ? new BigUint64Array(b.length) : encoded);
      const masks = await ring.uniform(seed, wholes(b));
      const out = new BigUint64Array(2 * b.length);
      for (let at = 0; at < b.length; at += words) {
        out.set(sum.subarray(at, at + words), 2 * at);
        out.set(masks.subarray(at, at + words), 2 * at + words);
      }
      return out;
    },

    async release(pairs, publicKey, masks, seeds, { bits, floodBits, keep, stride, wanted }) {
      requirePlaces(stride, wanted);
      requireRange(seeds.length === 96 && keep >= 1 && keep <= digits, "three seeds, and a prime kept");
      requireRange(wholes(publicKey) === 2, "a public key is two polynomials");
      const [count, small] = [wholes(pairs, 2 * words), part(wanted, digits)];
      const u = await ring.forward(await ring.ternary(seeds.subarray(0, 32), count));
      const fresh = await ring.inverse(await ring.add(pairs, await ring.products(u, publicKey, 1, 2, false)));
      const noise = await small.flood(seeds.subarray(64), count, floodBits);
      const masked = await small.add(noise, await small.encode(masks, bits));
      let a = await ring.add(half(fresh, 1), await ring.binomial(seeds.subarray(32, 64), count));
      let b = await small.add(places(half(fresh, 0), stride, wanted), masked);
      for (let level = digits; level > keep; level--)
        [a, b] = [await part(size, level).dropLast(a), await part(wanted, level).dropLast(b)];
      return BigUint64Array.from([...a, ...b]);
    },

    async open(b, a, secret, bits, stride, wanted) {
      requirePlaces(stride, wanted);
      one(secret);
      const product = await ring.inverse(await ring.products(await ring.forward(a), secret, 1, 1, false));
      const small = part(wanted, digits);
      return small.decode(await small.add(b, places(product, stride, wanted)), bits);
    },
  };
}
