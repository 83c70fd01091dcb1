/** The rings of a parameter set: one for each level, and that of switching keys. */
import { kernels, type Ring } from "@tombolo/kernels";
import { product, type RlweName, type RlweParameters, rlweParameters } from "./parameters.ts";

export interface Rlwe {
  readonly parameters: RlweParameters;
  /** Modulo the first `level` primes. */
  ring(level: number): Ring;
  /** Modulo the first `level` primes and the special one. */
  extended(level: number): Ring;
  /** Modulo the first `level` primes, of so few coefficients: a power of two from 16. For those taken out of polynomials. */
  part(level: number, coefficients: number): Ring;
  /** Words of a polynomial. */
  words(level: number): number;
  /** Product of the first `level` primes. */
  modulus(level: number): bigint;
}

const known = new Map<RlweName, Rlwe>();

/** Tables are made once for each ring of the process, when it is first used. */
export function rlwe(name: RlweName): Rlwe {
  const found = known.get(name) ?? make(rlweParameters(name));
  known.set(name, found);
  return found;
}

function make(parameters: RlweParameters): Rlwe {
  const { size, primes, special } = parameters;
  const rings = new Map<string, Ring>();
  const ringOf = (moduli: readonly bigint[], coefficients = size): Ring => {
    const key = [coefficients, ...moduli].join();
    const found = rings.get(key) ?? kernels.ring(coefficients, BigUint64Array.from(moduli));
    rings.set(key, found);
    return found;
  };
  const first = (level: number): readonly bigint[] => {
    if (!Number.isInteger(level) || level < 1 || level > primes.length) throw new RangeError(`no level ${level}`);
    return primes.slice(0, level);
  };
  return {
    parameters,
    ring: (level) => ringOf(first(level)),
    extended: (level) => ringOf([...first(level), special]),
    part: (level, coefficients) => ringOf(first(level), coefficients),
    words: (level) => size * first(level).length,
    modulus: (level) => product(first(level)),
  };
}
