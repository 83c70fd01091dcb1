/**
 * The leading bit of a positive number, shared: what brings it into [1/2, 1), where polynomials and Newton's method do well.
 *
 * The word is taken apart into bits (`toBits`); ANDs of their complements from the top down, over twice the distance at each
 * step, say where everything above is 0; neighbours of these differ at the leading bit and nowhere else.
 */
import { TomboloError } from "@tombolo/base";
import type { Backend, Bits, Words } from "../backend.ts";
import type { Scale } from "../engine/values.ts";

/** Fraction bits of what is worked with. */
export const WORKING_BITS = 28;

export interface Normalised {
  /** Bits of the largest word; places where the leading bit can be: from `lowest` to `width` - 1. */
  readonly width: number;
  readonly lowest: number;
  /** For each place whether the leading bit is there: 0 or 1. All 0 where no bit from `lowest` on is set. */
  readonly leading: readonly Words[];
  /** 2^(width - 1 - place). */
  readonly factor: Words;
  /** word·factor / 2^width in [1/2, 1], with `bits` fraction bits. */
  readonly value: Words;
  readonly bits: number;
}

export type Leading = Pick<Normalised, "leading" | "factor">;

/** Of words from 2^lowest to below 2^width. */
export async function normalise(
  backend: Backend,
  x: Words,
  { width, lowest, bits }: Pick<Normalised, "width" | "lowest" | "bits">,
): Promise<Normalised> {
  const { leading, factor } = await leadingBit(backend, x, { width, lowest });
  const product = await backend.multiply(x, factor);
  const value =
    width > bits
      ? await backend.shift(product, width - bits, "near")
      : backend.scale(product, 2n ** BigInt(bits - width));
  return { width, lowest, leading, factor, value, bits };
}

/** Of words from 2^lowest to below 2^width. */
export async function leadingBit(
  backend: Backend,
  x: Words,
  { width, lowest }: Pick<Normalised, "width" | "lowest">,
): Promise<Leading> {
  const places = width - lowest;
  const count = x.length;
  const cut = (all: Bits, from: number, to: number): Bits =>
    backend.pickBits(
      all,
      Uint32Array.from({ length: (to - from) * count }, (_, i) => from * count + i),
    );
  let clear = backend.not(cut(await backend.toBits(x, width), lowest, width)); // from here on up nothing is set
  for (let distance = 1; distance < places; distance *= 2) {
    const joined = await backend.and(cut(clear, 0, places - distance), cut(clear, distance, places));
    clear = backend.joinBits([joined, cut(clear, places - distance, places)]);
  }
  const top = cut(clear, places - 1, places);
  const above = backend.joinBits([cut(clear, 1, places), backend.not(backend.xor(top, top))]);
  const flags = await backend.toWords(backend.xor(clear, above));
  const leading = Array.from({ length: places }, (_, place) =>
    backend.pick(
      flags,
      Uint32Array.from({ length: count }, (_, i) => place * count + i),
    ),
  );
  const factor = weighted(backend, leading, (place) => 2n ** BigInt(places - 1 - place));
  return { leading, factor };
}

/** The weight of the place of the leading bit, counted from `lowest`. */
export const weighted = (backend: Backend, leading: readonly Words[], weight: (place: number) => bigint): Words =>
  leading.map((flag, place) => backend.scale(flag, weight(place))).reduce((sum, one) => backend.add(sum, one));

/** Bits that words of values within [least, bound] have, and the lowest place where they may begin. */
export function placesOf(
  least: number,
  bound: number,
  scale: Scale,
): { readonly width: number; readonly lowest: number } {
  if (!(least * scale.one >= 1 && least <= bound))
    throw new TomboloError("input.range", `the least value must be at least ${1 / scale.one}, and not above the bound`);
  return {
    // A step more than the bound's: what was computed may be off by a unit.
    width: Math.floor(Math.log2(bound * scale.one + 2)) + 1,
    lowest: Math.max(0, Math.floor(Math.log2(least * scale.one))),
  };
}

export const tooWide = (operation: string, remedy: string): TomboloError =>
  new TomboloError("input.range", `${operation}: the range of values is too wide for words of 64 bits`, { remedy });
