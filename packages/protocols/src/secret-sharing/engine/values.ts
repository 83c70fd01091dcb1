/** Shared values as programs hold them: a kind, a shape, a bound, and a party's opaque part. */
import { TomboloError } from "@tombolo/base";
import { type Bits, WORD_BOUND, type Words } from "../backend.ts";

/** Lengths of the axes; none for a single value. Elements lie row by row. */
export type Shape = readonly number[];

/** Integers, or fixed-point numbers: integer multiples of 2^-fraction. */
export type NumberKind = "integer" | "fixed";

export interface Numbers<K extends NumberKind = NumberKind> {
  readonly kind: K;
  readonly shape: Shape;
  /** No value is larger than this, nor smaller than its negative: known to all, and what overflow is judged by. */
  readonly bound: number;
  readonly words: Words;
}

export type Integers = Numbers<"integer">;
export type Fixed = Numbers<"fixed">;

export interface Flags {
  readonly kind: "flags";
  readonly shape: Shape;
  readonly bits: Bits;
}

const WORD_BITS = 64;
const SLACK = 2 ** -40;

export const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, i) => length === b[i]);

const AXES_MAX = 8;
export const ELEMENTS_MAX = 2 ** 26;

export function checkShape(shape: Shape): void {
  if (shape.length > AXES_MAX || shape.some((length) => !Number.isSafeInteger(length) || length < 0))
    throw new TomboloError("input.shape", `a shape has at most ${AXES_MAX} axes of whole lengths`);
  if (sizeOf(shape) > ELEMENTS_MAX)
    throw new TomboloError("input.shape", `a value has at most ${ELEMENTS_MAX} elements`);
}

export function requireSameShape(a: { readonly shape: Shape }, b: { readonly shape: Shape }): void {
  if (!sameShape(a.shape, b.shape))
    throw new TomboloError("input.shape", `shapes ${shown(a.shape)} and ${shown(b.shape)} do not go together`);
}

export const shown = (shape: Shape): string => `(${shape.join(", ")})`;

/** How fixed-point numbers are held: fraction bits. */
export class Scale {
  readonly fraction: number;
  readonly one: number;

  constructor(fraction: number) {
    if (!Number.isInteger(fraction) || fraction < 8 || fraction > 30)
      throw new TomboloError("input.fraction", "fixed-point numbers have 8 to 30 fraction bits");
    this.fraction = fraction;
    this.one = 2 ** fraction;
  }

  unitOf(kind: NumberKind): number {
    return kind === "fixed" ? this.one : 1;
  }

  /**
   * The bound, if words have room for it, at `fractions` times the fraction bits: before anything is sent. Says which
   * operation has none, and what would help.
   */
  within(bound: number, fractions: number, operation: string): number {
    if (!(bound >= 0 && bound * this.one ** fractions < WORD_BOUND)) throw this.#overflow(bound, fractions, operation);
    return bound;
  }

  #overflow(bound: number, fractions: number, operation: string): TomboloError {
    const fitting = Math.floor((62 - Math.log2(bound)) / Math.max(1, fractions) - 1e-9);
    const remedy =
      fractions > 0 && fitting >= 8
        ? `Compute with ${fitting} fraction bits instead of ${this.fraction}, or declare narrower bounds on the inputs.`
        : "Declare narrower bounds on the inputs, or scale them down.";
    return new TomboloError(
      "input.range",
      `${operation}: values up to ${Number(bound.toPrecision(3))} do not fit ${this.fraction} fraction bits`,
      { remedy },
    );
  }

  /** The bound as a whole number of units: what values within it are rounded to stays within it. */
  held(bound: number, kind: NumberKind): number {
    const unit = this.unitOf(kind);
    return Math.ceil(bound * unit) / unit;
  }

  /**
   * Bits, with the sign, of words within the bound: what comparisons need to look at. Bounds are products and sums in
   * floating point, whose own rounding the slack here outweighs by far.
   */
  widthOf(bound: number, kind: NumberKind): number {
    const units = bound * this.unitOf(kind) * (1 + SLACK) + 1;
    let width = 2;
    while (2 ** (width - 1) <= units && width < WORD_BITS) width++;
    return width;
  }

  /** Of one public number. */
  encode(value: number, kind: NumberKind): bigint {
    if (!Number.isFinite(value)) throw new TomboloError("input.value", "a number is not finite");
    return BigInt(Math.round(value * this.unitOf(kind)));
  }
}
