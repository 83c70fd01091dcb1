/**
 * Parameter sets at 128 bits, and the table they are held to.
 *
 * Homomorphic Encryption Standard (Albrecht et al., homomorphicencryption.org, 2018-11-21; eprint 2019/939), table 1: largest
 * log2 of the whole modulus for 128-bit classical security with a uniform ternary secret and error of deviation 8/sqrt(2·pi) = 3.19.
 * Ours is centred binomial of deviation 3.24. The whole modulus includes the special prime that switching keys live under.
 */
import { TomboloError } from "@tombolo/base";

export const SECURITY_BITS = 128;

/** log2 of the modulus at most, by the ring's size. */
const MODULUS_BITS_MAX: Readonly<Record<number, number>> = { 2048: 54, 4096: 109, 8192: 218, 16384: 438, 32768: 881 };

export type RlweName = "rlwe-8192" | "rlwe-16384";

export interface RlweParameters {
  readonly name: RlweName;
  /** On the wire. */
  readonly id: number;
  /** Coefficients of a polynomial. */
  readonly size: number;
  /** Of ciphertexts; at level l the first l of them. */
  readonly primes: readonly bigint[];
  /** Of switching keys, besides. */
  readonly special: bigint;
}

/** Largest size of an error's coefficient, and of a secret's. */
export const ERROR_MAX = 21n;

const sets: Readonly<Record<RlweName, RlweParameters>> = {
  "rlwe-8192": {
    name: "rlwe-8192",
    id: 1,
    size: 8192,
    primes: [70368743669761n, 70368743587841n, 70368743489537n, 70368743374849n],
    special: 17179754497n,
  },
  "rlwe-16384": {
    name: "rlwe-16384",
    id: 2,
    size: 16384,
    primes: [70368743587841n, 70368743489537n, 70368743292929n, 70368742408193n, 70368742113281n],
    special: 70368740933633n,
  },
};

/** Throws `input.rlwe-parameters` for a name that is not offered. */
export function rlweParameters(name: string): RlweParameters {
  const found = Object.hasOwn(sets, name) ? sets[name as RlweName] : undefined;
  if (found === undefined)
    throw new TomboloError("input.rlwe-parameters", `parameters ${JSON.stringify(name.slice(0, 40))} are not offered`, {
      remedy: `Use ${Object.keys(sets).join(" or ")}.`,
    });
  requireSecure(found);
  return found;
}

/** Throws `input.rlwe-parameters` where the table does not give 128 bits. */
export function requireSecure({ size, primes, special }: Pick<RlweParameters, "size" | "primes" | "special">): void {
  const most = MODULUS_BITS_MAX[size];
  const modulus = product(primes) * special;
  if (most === undefined || modulus >> BigInt(most) !== 0n)
    throw new TomboloError(
      "input.rlwe-parameters",
      `a ring of ${size} with a modulus of ${modulus.toString(2).length} bits has less than ${SECURITY_BITS} bits of security`,
      { remedy: "Use a larger ring or a smaller modulus." },
    );
}

export const product = (numbers: readonly bigint[]): bigint => numbers.reduce((all, one) => all * one, 1n);
