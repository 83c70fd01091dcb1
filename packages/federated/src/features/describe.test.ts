import type { Column } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeColumns } from "./describe.ts";
import { quantile, sortedValues } from "./figures.ts";

const numbers = (values: readonly number[]): Column => ({
  kind: "number",
  name: "x",
  values: Float64Array.from(values),
});
const one = (column: Column, label: readonly number[] | null = null) => {
  const rowCount = column.kind === "number" ? column.values.length : column.codes.length;
  return describeColumns({ rowCount, columns: [column] }, label && Float64Array.from(label))[0]!;
};

describe("columns of numbers", () => {
  it("are described", () => {
    const found = one(numbers([1, 2, 2, 3, 100, Number.NaN, Number.POSITIVE_INFINITY]));
    expect(found).toMatchObject({ rows: 7, missing: 1, distinct: 5, top: null, label: null });
    expect(found.numbers).toMatchObject({ mean: 21.6, min: 1, max: 100, outliers: 1, infinite: 1 });
    expect(found.numbers!.quantiles).toEqual([1.2, 2, 2, 3, 80.6].map((value) => expect.closeTo(value, 10)));
    expect(found.numbers!.deviation).toBeCloseTo(43.8326, 4); // statistics.stdev of Python
    expect(found.numbers!.histogram.map(({ rows }) => rows)).toEqual([4, ...Array<number>(18).fill(0), 1]);
  });

  it("have the quantiles that sorting gives, whatever their spread", () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -3, max: 3 }),
      fc.constant(1e300),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
        const sorted = sortedValues(Float64Array.from(values));
        const found = one(numbers(values)).numbers!;
        for (const [i, share] of [0.05, 0.25, 0.5, 0.75, 0.95].entries())
          expect(found.quantiles[i] === quantile(sorted, share)).toBe(true);
        expect(Number.isFinite(found.mean) && Number.isFinite(found.deviation)).toBe(true);
        expect(found.histogram.reduce((sum, { rows }) => sum + rows, 0)).toBe(values.length);
      }),
    );
  });

  it("that are constant, empty or infinite are described too", () => {
    expect(one(numbers([5, 5])).numbers).toMatchObject({
      mean: 5,
      deviation: 0,
      histogram: [{ from: 5, to: 5, rows: 2 }],
    });
    expect(one(numbers([Number.NaN])).numbers).toBeNull();
    expect(one(numbers([Number.NEGATIVE_INFINITY]), [1])).toMatchObject({
      numbers: null,
      label: [{ rows: 1, mean: 1 }],
    });
  });

  it("show how the label runs along them, rows without a value apart", () => {
    const values = [...Array.from({ length: 100 }, (_, i) => i), Number.NaN, Number.NaN];
    const label = values.map((value) => Number(value >= 50));
    const rows = one(numbers(values), label).label!;
    expect(rows).toHaveLength(11);
    expect(rows.map((each) => each.rows)).toEqual([...Array<number>(10).fill(10), 2]);
    expect(rows.map(({ mean }) => mean)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0]);
    expect(rows[0]).toMatchObject({ from: null, missing: false });
    expect(rows.at(-1)).toMatchObject({ missing: true, from: null, to: null });
  });
});

describe("columns of text", () => {
  it("show the commonest categories and the label's mean in each", () => {
    const column: Column = {
      kind: "text",
      name: "t",
      codes: Int32Array.of(0, 1, 1, -1, 2, 1),
      categories: ["a", "b", "c", "unused"],
    };
    expect(one(column, [1, 0, 1, 1, 0, 1])).toEqual({
      name: "t",
      kind: "text",
      rows: 6,
      missing: 1,
      distinct: 3,
      numbers: null,
      top: [
        { category: "b", rows: 3 },
        { category: "a", rows: 1 },
        { category: "c", rows: 1 },
      ],
      label: [
        { category: "b", from: null, to: null, missing: false, rows: 3, mean: 2 / 3 },
        { category: "a", from: null, to: null, missing: false, rows: 1, mean: 1 },
        { category: "c", from: null, to: null, missing: false, rows: 1, mean: 0 },
        { category: null, from: null, to: null, missing: true, rows: 1, mean: 1 },
      ],
    });
  });
});
