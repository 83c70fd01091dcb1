/**
 * The attack on shared noise places (SECURITY: a code for VOLE over GF(2^128) must not be binary), at reduced size. Each of
 * the 128 bit planes of the noise has the same places. Under a binary code the planes of the output so lie in the span of
 * the columns at these places (Metzner, Kapturowski 1990, decoding of interleaved codes): whoever tests each column against
 * that span finds the noise. With field coefficients the planes fill the space.
 */
import { seededSampling } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { encode } from "./vole-code.ts";

const PLANES = 128;
const [TREES, BLOCK, COUNT] = [10, 28, 140];
const LENGTH = TREES * BLOCK;
const salt = new Uint8Array(16).fill(3);

/** Bit b of every element, as one integer over the elements. */
const plane = (elements: readonly bigint[], b: number): bigint =>
  elements.reduce((sum, element, i) => sum | (((element >> BigInt(b)) & 1n) << BigInt(i)), 0n);

const planes = (elements: readonly bigint[]): bigint[] => Array.from({ length: PLANES }, (_, b) => plane(elements, b));

/** A basis over GF(2), by leading bit. */
class Span {
  readonly #byLength = new Map<number, bigint>();

  reduce(vector: bigint): bigint {
    let rest = vector;
    while (rest !== 0n) {
      const basis = this.#byLength.get(rest.toString(2).length);
      if (basis === undefined) break;
      rest ^= basis;
    }
    return rest;
  }

  add(vector: bigint): void {
    const rest = this.reduce(vector);
    if (rest !== 0n) this.#byLength.set(rest.toString(2).length, rest);
  }

  get rank(): number {
    return this.#byLength.size;
  }
}

/** Rank of the output's planes, and the places whose column lies in their span in every plane. */
function attack(limit: (multiplier: bigint) => bigint): { rank: number; found: number[]; places: number[] } {
  const sampling = seededSampling(17);
  const places = Array.from({ length: TREES }, (_, i) => i * BLOCK + sampling.below(BLOCK));
  const noise = Array.from({ length: LENGTH }, () => 0n);
  for (const place of places)
    noise[place] = Array.from({ length: 4 }, () => BigInt(sampling.below(2 ** 32))).reduce(
      (sum, word) => (sum << 32n) | word,
    );
  const span = new Span();
  for (const one of planes(encode(noise, salt, COUNT, limit))) span.add(one);
  const found: number[] = [];
  for (let place = 0; place < LENGTH; place++) {
    const unit = Array.from({ length: LENGTH }, (_, i) => (i === place ? 1n : 0n));
    const column = planes(encode(unit, salt, COUNT, limit));
    if (column.every((one) => span.reduce(one) === 0n)) found.push(place);
  }
  return { rank: span.rank, found, places };
}

describe("the attack on shared noise places", () => {
  it("finds all of them under a binary code", () => {
    const { rank, found, places } = attack((multiplier) => multiplier & 1n);
    expect(rank).toBe(TREES);
    expect(found).toEqual(places);
  });

  it("finds nothing under field coefficients", { timeout: 60_000 }, () => {
    const { rank, found } = attack((multiplier) => multiplier);
    expect(rank).toBe(PLANES);
    expect(found).toEqual([]);
  });
});
