/** The native side of `Ring` and `Slots`: sizes that the binding would wrap around are refused here. */
import { requireRange } from "./checks.ts";
import { u32 } from "./native-vole.ts";
import type { Ring } from "./rlwe-kernels.ts";
import type { Slots } from "./slot-kernels.ts";
import type { OutputSets, SumColumns } from "./sum-kernels.ts";

/** What the library exports for it. */
export interface NativeRing extends Omit<Ring, "releaseSums" | "openSums"> {
  releaseSums(
    sums: SumColumns,
    sets: OutputSets,
    seed: Uint8Array,
    first: number,
    spread: BigUint64Array,
  ): Promise<BigUint64Array>;
  openSums(
    phases: SumColumns,
    sets: OutputSets,
    answers: BigUint64Array,
    delta: BigUint64Array,
    least: BigInt64Array,
  ): Promise<Float64Array>;
}

export type NativeSlots = Slots;

const columns = ({ sums, width, at, count }: SumColumns): SumColumns => ({
  sums,
  width: u32(width),
  at: u32(at),
  count: u32(count),
});

/** Low and high. */
function twoWords(value: bigint): BigUint64Array {
  requireRange(value > 0n && value < 1n << 100n, "noise has at most 100 bits");
  return BigUint64Array.of(BigInt.asUintN(64, value), value >> 64n);
}

type Settle = <T>(start: () => Promise<T>) => Promise<T>;

export function nativeRing(handle: NativeRing, settle: Settle): Ring {
  return {
    forward: (polynomials) => settle(() => handle.forward(polynomials)),
    inverse: (polynomials) => settle(() => handle.inverse(polynomials)),
    add: (a, b) => settle(() => handle.add(a, b)),
    subtract: (a, b) => settle(() => handle.subtract(a, b)),
    scale: (polynomials, factors) => settle(() => handle.scale(polynomials, factors)),
    products: (plain, others, terms, width, turned) =>
      settle(() => handle.products(plain, others, u32(terms), u32(width), turned)),
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
    seal: (numbers, bits, secret, seed, errorSeed) =>
      settle(() => handle.seal(numbers, u32(bits), secret, seed, errorSeed)),
    unseal: (b, seed, numbers, bits) => settle(() => handle.unseal(b, seed, numbers, u32(bits))),
    release: (pairs, publicKey, masks, seeds, { bits, floodBits, keep, stride, wanted }) =>
      settle(() => {
        const how = {
          bits: u32(bits),
          floodBits: u32(floodBits),
          keep: u32(keep),
          stride: u32(stride),
          wanted: u32(wanted),
        };
        return handle.release(pairs, publicKey, masks, seeds, how);
      }),
    open: (b, a, secret, bits, stride, wanted) =>
      settle(() => handle.open(b, a, secret, u32(bits), u32(stride), u32(wanted))),
    hide: (a, secrets, seed, first, numbers, factors) =>
      settle(() => handle.hide(a, secrets, seed, u32(first), numbers, factors)),
    trits: (seed, count) => settle(() => handle.trits(seed, u32(count))),
    hideBins: (a, codes, masks, seed, first) => settle(() => handle.hideBins(a, codes, masks, seed, u32(first))),
    sumBins: (sums, packed, codes, rows, at, bins) =>
      settle(() => handle.sumBins(sums, packed, codes, u32(rows), u32(at), bins)),
    sumMasks: (sums, packed, masks) => settle(() => handle.sumMasks(sums, packed, masks)),
    subtractSums: (a, b) => settle(() => handle.subtractSums(columns(a), columns(b))),
    releaseSums: (sums, sets, seed, first, spread) =>
      settle(() => handle.releaseSums(columns(sums), sets, seed, u32(first), twoWords(spread))),
    phases: (hint, seed, count) => settle(() => handle.phases(hint, seed, u32(count))),
    openSums: (phases, sets, answers, delta, least) =>
      settle(() => handle.openSums(columns(phases), sets, answers, BigUint64Array.of(delta), least)),
    pack: (polynomials) => settle(() => handle.pack(polynomials)),
    unpack: (bytes) => settle(() => handle.unpack(bytes)),
  };
}

export function nativeSlots(handle: NativeSlots, settle: Settle): Slots {
  return {
    seal: (numbers, secret, seed, errorSeed) => settle(() => handle.seal(numbers, secret, seed, errorSeed)),
    answer: (pairs, factors, publicKey, seeds, { terms, floodBits, keep }) =>
      settle(() => {
        const how = { terms: u32(terms), floodBits: u32(floodBits), keep: u32(keep) };
        return handle.answer(pairs, factors, publicKey, seeds, how);
      }),
    masks: (seed, count) => settle(() => handle.masks(seed, u32(count))),
    open: (b, a, secret) => settle(() => handle.open(b, a, secret)),
  };
}
