/** How often the table of shares cannot be filled: measured with narrow bands, where it happens, and extrapolated. */
import { type Sampling, seededSampling } from "@tombolo/base";
import { expect, it } from "vitest";
import { ROWS_MAX } from "./steps.ts";

const BAND = 128;
const EXPANSION = 1.25;
const KEYS = 1000;
const TRIALS = 1500;

/** The elimination of band-table.ts with bands of `width` <= 31 bits, in one number each. */
function fills(width: number, sampling: Sampling): boolean {
  const starts = Math.ceil(EXPANSION * KEYS) + 1;
  const places = Float64Array.from({ length: KEYS }, () => sampling.below(starts)).sort();
  const rows = new Int32Array(starts + width);
  return places.every((place) => insert(rows, place, sampling.below(2 ** width)));
}

function insert(rows: Int32Array, place: number, band: number): boolean {
  for (let slot = place; band !== 0; ) {
    const shift = 31 - Math.clz32(band & -band);
    slot += shift;
    band >>>= shift;
    if (rows[slot] === 0) {
      rows[slot] = band;
      return true;
    }
    band ^= rows[slot]!;
  }
  return false;
}

/** log2 of the failures to expect for one key: failures are Poisson over the keys. */
function failureBitsPerKey(width: number): number {
  const sampling = seededSampling(width);
  let filled = 0;
  for (let trial = 0; trial < TRIALS; trial++) if (fills(width, sampling)) filled++;
  return Math.log2(-Math.log(filled / TRIALS) / KEYS);
}

it("fails with probability below 2^-40 at the real width and the most rows", () => {
  const [at16, at20, at24] = [16, 20, 24].map(failureBitsPerKey) as [number, number, number];
  // Each bit of width must buy about as much as the bit before, or extrapolating would be unsound.
  const [first, second] = [(at16 - at20) / 4, (at20 - at24) / 4];
  expect(first).toBeGreaterThan(0.5);
  expect(second).toBeGreaterThan(0.5);
  expect(Math.abs(first - second)).toBeLessThan(0.2);
  const slope = Math.min(first, second);
  expect(at24 - slope * (BAND - 24) + Math.log2(ROWS_MAX)).toBeLessThan(-40);
});
