import { TomboloError } from "@tombolo/base";
import { fromLittleEndian, toLittleEndian } from "@tombolo/kernels";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GradientPacking, type PackingOptions, quantise, roundToFixed } from "./packing.ts";

const options: PackingOptions = { rowCountMax: 1000, gBound: 1, hBound: 0.25, fractionBits: 20, plaintextBits: 682 };

/** What adding ciphertexts does to plaintexts. */
function sum(packing: GradientPacking, plaintexts: Uint8Array): bigint {
  let total = 0n;
  for (let at = 0; at < plaintexts.length; at += packing.plaintextBytes)
    total += fromLittleEndian(plaintexts.subarray(at, at + packing.plaintextBytes));
  return total;
}

/** What packShift and adding the completion do. */
function returned(packing: GradientPacking, cells: readonly bigint[], counts: readonly number[]): Uint8Array {
  const completion = packing.completion(counts);
  const out = new Uint8Array(completion.length);
  for (let group = 0; group * packing.plaintextBytes < out.length; group++) {
    const at = group * packing.plaintextBytes;
    const members = cells.slice(group * packing.perCiphertext, (group + 1) * packing.perCiphertext);
    const packed = members.reduceRight((high, low) => (high << BigInt(packing.cellBits)) + low, 0n);
    const offset = fromLittleEndian(completion.subarray(at, at + packing.plaintextBytes));
    out.set(toLittleEndian(packed + offset, packing.plaintextBytes), at);
  }
  return out;
}

const gradient = fc.double({ min: -1, max: 1, noNaN: true });
const hessian = fc.double({ min: 0, max: 0.25, noNaN: true });
const cell = fc.array(fc.tuple(gradient, hessian), { maxLength: 30 });

describe("GradientPacking", () => {
  it("returns exactly the sums of the fixed-point values", () => {
    const packing = GradientPacking.plan(options);
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 25 }), (cells) => {
        const columns = cells.map((rows) => ({
          g: Float64Array.from(rows, (row) => row[0]),
          h: Float64Array.from(rows, (row) => row[1]),
        }));
        const sums = columns.map(({ g, h }) => sum(packing, packing.encode(g, h)));
        const counts = cells.map((rows) => rows.length);
        const decoded = packing.decode(returned(packing, sums, counts), cells.length);
        const total = (values: Float64Array, bound: number): number =>
          roundToFixed(values, bound, options.fractionBits).reduce((a, b) => a + b, 0);
        expect([...decoded.g]).toEqual(columns.map(({ g }) => total(g, options.gBound)));
        expect([...decoded.h]).toEqual(columns.map(({ h }) => total(h, options.hBound)));
      }),
    );
  });

  it("holds the extremes of rowCountMax rows", () => {
    const packing = GradientPacking.plan(options);
    for (const extreme of [1, -1]) {
      const row = fromLittleEndian(packing.encode(Float64Array.of(extreme), Float64Array.of(0.25)));
      const cells = Array.from({ length: packing.perCiphertext }, () => row * 1000n);
      const decoded = packing.decode(
        returned(
          packing,
          cells,
          cells.map(() => 1000),
        ),
        cells.length,
      );
      expect(new Set(decoded.g)).toEqual(new Set([1000 * extreme]));
      expect(new Set(decoded.h)).toEqual(new Set([250]));
    }
  });

  it("refuses what no honest sum can be", () => {
    const packing = GradientPacking.plan(options);
    const decode = (value: bigint, cells: number): unknown =>
      packing.decode(toLittleEndian(value, packing.plaintextBytes), cells);
    const gUnit = 1n << BigInt(packing.cellBits - (2 * 1000 * 2 ** 20).toString(2).length);
    const gMax = BigInt(2 * 1000 * 2 ** 20) * gUnit;
    const hMax = BigInt(1000 * 2 ** 18);
    expect(() => decode(gMax + hMax, 1)).not.toThrow();
    const refused = [gMax + gUnit, gMax + hMax + 1n, 1n << 680n, 1n << BigInt(packing.cellBits), (1n << 682n) - 1n];
    for (const value of refused)
      expect(() => decode(value, 1)).toThrow(expect.objectContaining({ code: "protocol.bound" }));
    expect(() => decode(0n, packing.perCiphertext + 1)).toThrow(expect.objectContaining({ code: "protocol.bound" }));
  });

  it("leaves 64 bits to tell a wrapped value", () => {
    const packing = GradientPacking.plan(options);
    expect(packing.perCiphertext * packing.cellBits).toBeLessThanOrEqual(682 - 64);
    expect(packing.perCiphertext).toBeGreaterThan(5);
  });

  it("refuses plans that would wrap or lose precision", () => {
    const changes: Partial<PackingOptions>[] = [
      { plaintextBits: 120 },
      { rowCountMax: 2 ** 34 },
      { fractionBits: 50 },
      { rowCountMax: 0 },
      { rowCountMax: 1.5 },
      { gBound: 0 },
      { hBound: Number.NaN },
      { gBound: Number.POSITIVE_INFINITY },
    ];
    for (const change of changes)
      expect(() => GradientPacking.plan({ ...options, ...change })).toThrow(
        expect.objectContaining({ code: "input.packing" }),
      );
  });

  it("refuses gradients beyond their bound", () => {
    const packing = GradientPacking.plan(options);
    const encode = (g: number, h: number) => () => packing.encode(Float64Array.of(g), Float64Array.of(h));
    for (const one of [encode(1.1, 0), encode(-1.1, 0), encode(Number.NaN, 0), encode(0, 0.3), encode(0, -0.1)])
      expect(one).toThrow(expect.objectContaining({ code: "input.gradient" }));
    expect(() => packing.completion([1001])).toThrow(RangeError);
  });
});

describe("quantise", () => {
  it("rounds to integers of 2^-fractionBits without negative zero", () => {
    expect([...quantise(Float64Array.of(0.5, -0.5, 0.3, -0.0001, 1), 1, 2)]).toEqual([2, -2, 1, 0, 4]);
    expect(() => quantise(Float64Array.of(2), 1, 2)).toThrow(TomboloError);
  });
});
