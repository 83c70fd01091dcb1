/** Between integers and their residues modulo each of several primes, row by row of polynomials. */
import { mod, power } from "./rlwe-transform.ts";

/** Of each coefficient the integer below the primes' product that it stands for (Chinese remainders). */
export function integersOf(primes: readonly bigint[], size: number, polynomials: BigUint64Array): bigint[] {
  const [q, words] = [primes.reduce((product, p) => product * p, 1n), primes.length * size];
  const units = primes.map((p) => (q / p) * power((q / p) % p, p - 2n, p));
  const out: bigint[] = [];
  for (let at = 0; at < polynomials.length; at += words)
    for (let i = 0; i < size; i++)
      out.push(units.reduce((sum, unit, k) => sum + unit * polynomials[at + k * size + i]!, 0n) % q);
  return out;
}

/** Of integers, `size` a polynomial. */
export function residuesOf(primes: readonly bigint[], size: number, integers: readonly bigint[]): BigUint64Array {
  const out = new BigUint64Array(primes.length * integers.length);
  integers.forEach((x, i) => {
    const at = Math.floor(i / size) * primes.length * size + (i % size);
    for (const [k, p] of primes.entries()) out[at + k * size] = mod(x, p);
  });
  return out;
}
