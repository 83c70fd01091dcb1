/**
 * The host's attributes as one integer a row, so that sums of rows are sums of integers that cannot run into each other.
 *
 * An attribute's value v, a whole number within lower..upper (lower <= 0 <= upper), is held as v - lower. With C the
 * most rows that can match, B the noise's bound and c the matches, the slot of the result holds
 * sum(v - lower) + (C - c)·(-lower) + B + noise = sum(v) + noise + C·(-lower) + B: its offset does not tell the count.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { NoiseSource } from "../../noise/index.ts";

export interface AttributeBounds {
  readonly lower: number;
  readonly upper: number;
}

export const ATTRIBUTES_MAX = 64;
const SPAN_MAX = 2 ** 52;

const bitsOf = (value: bigint): number => value.toString(2).length;

/** The most that one row changes the sum. */
export const sensitivityOf = ({ lower, upper }: AttributeBounds): bigint => BigInt(Math.max(-lower, upper, 1));

export class Figures {
  readonly #bounds: readonly AttributeBounds[];
  readonly #noise: readonly NoiseSource[];
  readonly #matchedMax: bigint;
  /** Where each slot starts; the last is the width of all. */
  readonly #starts: readonly number[];

  constructor(bounds: readonly AttributeBounds[], noise: readonly NoiseSource[], matchedMax: number) {
    if (bounds.length < 1 || bounds.length > ATTRIBUTES_MAX)
      throw new TomboloError("input.attributes", `1 to ${ATTRIBUTES_MAX} attributes are summed at a time`);
    for (const { lower, upper } of bounds)
      if (!Number.isInteger(lower) || !Number.isInteger(upper) || lower > 0 || upper < 0 || upper - lower > SPAN_MAX)
        throw new TomboloError(
          "input.bounds",
          "an attribute's bounds are whole numbers around zero, 2^52 apart at most",
        );
    this.#bounds = bounds;
    this.#noise = noise;
    this.#matchedMax = BigInt(matchedMax);
    const starts = [0];
    for (let i = 0; i < bounds.length; i++) starts.push(starts[i]! + bitsOf(this.#slotMax(i)));
    this.#starts = starts;
  }

  /** Bits of a row's integer, and of any sum of rows. */
  get bits(): number {
    return this.#starts.at(-1)!;
  }

  /** A row's integer. `values[k][row]` is a whole number within its bounds. */
  pack(values: readonly Float64Array[], row: number): bigint {
    return this.#join((i) => {
      const { lower, upper } = this.#bounds[i]!;
      const value = values[i]![row]!;
      if (!Number.isInteger(value) || value < lower || value > upper)
        throw new RangeError("a value is outside its bounds");
      return BigInt(value - lower);
    });
  }

  /** A row whose attributes are all zero. */
  packZero(): bigint {
    return this.#join((i) => BigInt(-this.#bounds[i]!.lower));
  }

  /** What completes the sum of `matched` rows: the offset without the count, and the noise. */
  completion(matched: number, secrets: Secrets): bigint {
    return this.#join((i) => {
      const { bound } = this.#noise[i]!;
      return this.#offset(i, this.#matchedMax - BigInt(matched)) + bound + this.#noise[i]!.draw(secrets);
    });
  }

  /** The sums in a completed total; `protocol.bound` for what honest rows cannot give. */
  unpack(total: bigint): bigint[] {
    if (total >> BigInt(this.bits) !== 0n) throw outOfBounds();
    return this.#bounds.map((_, i) => {
      const width = this.#starts[i + 1]! - this.#starts[i]!;
      const slot = BigInt.asUintN(width, total >> BigInt(this.#starts[i]!));
      if (slot > this.#slotMax(i)) throw outOfBounds();
      return slot - this.#offset(i, this.#matchedMax) - this.#noise[i]!.bound;
    });
  }

  #join(slot: (i: number) => bigint): bigint {
    let packed = 0n;
    for (let i = 0; i < this.#bounds.length; i++) packed |= slot(i) << BigInt(this.#starts[i]!);
    return packed;
  }

  #offset(i: number, rows: bigint): bigint {
    return rows * BigInt(-this.#bounds[i]!.lower);
  }

  #slotMax(i: number): bigint {
    const { lower, upper } = this.#bounds[i]!;
    return this.#matchedMax * BigInt(upper - lower) + this.#offset(i, this.#matchedMax) + 2n * this.#noise[i]!.bound;
  }
}

const outOfBounds = (): TomboloError =>
  new TomboloError("protocol.bound", "a decrypted sum is outside the bounds of honest sums", { stage: "psi/sum" });
