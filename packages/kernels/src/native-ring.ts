/** The native side of `Ring`: sizes that the binding would wrap around are refused here. */
import { u32 } from "./native-vole.ts";
import type { Ring } from "./rlwe-kernels.ts";

/** What the library exports for it. */
export type NativeRing = Ring;

type Settle = <T>(start: () => Promise<T>) => Promise<T>;

export function nativeRing(handle: NativeRing, settle: Settle): Ring {
  return {
    forward: (polynomials) => settle(() => handle.forward(polynomials)),
    inverse: (polynomials) => settle(() => handle.inverse(polynomials)),
    add: (a, b) => settle(() => handle.add(a, b)),
    subtract: (a, b) => settle(() => handle.subtract(a, b)),
    scale: (polynomials, factors) => settle(() => handle.scale(polynomials, factors)),
    products: (plain, others, terms, width) => settle(() => handle.products(plain, others, u32(terms), u32(width))),
    shift: (polynomials, by) => settle(() => handle.shift(polynomials, u32(by))),
    automorphism: (polynomials, exponent) => settle(() => handle.automorphism(polynomials, u32(exponent))),
    uniform: (seed, count) => settle(() => handle.uniform(seed, u32(count))),
    ternary: (seed, count) => settle(() => handle.ternary(seed, u32(count))),
    binomial: (seed, count) => settle(() => handle.binomial(seed, u32(count))),
    flood: (seed, count, bits) => settle(() => handle.flood(seed, u32(count), u32(bits))),
    lift: (values) => settle(() => handle.lift(values)),
    encode: (values, bits) => settle(() => handle.encode(values, u32(bits))),
    decode: (polynomials, bits) => settle(() => handle.decode(polynomials, u32(bits))),
    dropLast: (polynomials) => settle(() => handle.dropLast(polynomials)),
    switchKey: (polynomials, key) => settle(() => handle.switchKey(polynomials, key)),
    merge: (ciphertexts, offset, exponent, key) =>
      settle(() => handle.merge(ciphertexts, u32(offset), u32(exponent), key)),
    pack: (polynomials) => settle(() => handle.pack(polynomials)),
    unpack: (bytes) => settle(() => handle.unpack(bytes)),
  };
}
