import { type Column, seededSampling } from "@tombolo/base";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { designOf } from "./design.ts";
import { ENTRY_BITS, entryFraction } from "./formats.ts";
import { contributionsOf, entriesOf, matrixPairs } from "./matrices.ts";
import { defaultParameters } from "./parameters.ts";
import { partRows } from "./parts.ts";

const options = { intercept: false, whiten: false, missing: "refuse", minimumRows: 20 } as const;
const numbers = (values: Float64Array): Column => ({ kind: "number", name: "n", values });
const designed = (values: Float64Array) => designOf([numbers(values)], values.length, options, (kept) => kept);

describe("a column that marks few rows", () => {
  /** `marked` rows with values of their own, together or spread, among others that are alike. */
  const marking = (rows: number, marked: readonly number[]) => {
    const values = new Float64Array(rows);
    marked.forEach((row, i) => {
      values[row] = 1 + (i % 3);
    });
    return values;
  };

  it("is refused below the least number of rows, wherever they are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 }),
        async (marked) => {
          const made = designed(marking(401, marked));
          if (marked.length < 20) await expect(made).rejects.toMatchObject({ code: "input.nearly-constant" });
          else expect((await made).terms).toHaveLength(1);
        },
      ),
    );
  });

  it("is taken where its values lie in runs: no row differs from the next but one", async () => {
    for (const marked of [20, 200, 381]) {
      const rows = Array.from({ length: marked }, (_, row) => row);
      expect((await designed(marking(401, rows))).terms).toHaveLength(1);
    }
    const last = Array.from({ length: 382 }, (_, row) => row);
    await expect(designed(marking(401, last).map((value) => Math.sign(value)))).rejects.toMatchObject({
      code: "input.nearly-constant",
    });
  });
});

describe("terms whose sums over parts are told", () => {
  const rows = 300;
  const inParts = (column: Column) => designOf([column], rows, { ...options, parts: 3 }, (kept) => kept);
  /** So many rows of each part. */
  const marked = (counts: readonly number[]): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => (Math.floor(row / 3) < counts[row % 3]! ? 1 : 0));

  it("mark as many rows of each part, or are refused", async () => {
    expect((await inParts(numbers(marked([20, 30, 20])))).terms).toHaveLength(1);
    for (const counts of [
      [19, 50, 50],
      [50, 81, 50],
    ])
      await expect(inParts(numbers(marked(counts)))).rejects.toMatchObject({ code: "input.nearly-constant" });
  });

  it("are no categories that are rare in one part", async () => {
    const [some, others] = [marked([19, 60, 60]), marked([40, 80, 80])];
    const codes = Int32Array.from(some, (one, row) => one + others[row]!);
    const column: Column = { kind: "text", name: "t", categories: ["a", "b", "c"], codes };
    // b: 21, 20, 20 rows of each part; c: 19, 60, 60.
    expect((await inParts(column)).terms.map(({ category }) => category)).toEqual(["b"]);
    expect((await designOf([column], rows, options, (kept) => kept)).terms).toHaveLength(2);
  });
});

describe("columns kept as entries", () => {
  const rows = 103;
  const parameters = { ...defaultParameters, solver: "sgd", batchRows: 25 } as const;
  const sampling = seededSampling(4);
  const columns = Array.from({ length: 3 }, () => numbers(Float64Array.from({ length: rows }, () => sampling.next())));

  it("are the rows of each part in their order, and tell each row's part of a predictor", async () => {
    const plain = await designOf(columns, rows, { ...options, intercept: true }, (values) => values);
    const design = await designOf(columns, rows, { ...options, intercept: true }, entriesOf(parameters));
    const scale = 2 ** entryFraction(rows);
    const pairs = matrixPairs(design, parameters, { guest: 4, host: 2 });
    expect(pairs).toHaveLength(5);
    pairs.forEach(({ own, sizes }, part) => {
      const places = partRows(rows, parameters.batchRows, part);
      expect(sizes.guest).toEqual({ rows: places.length, columns: 4, entryBits: ENTRY_BITS });
      expect(own.map((entries) => [...entries])).toEqual(
        plain.columns.map((values) => places.map((row) => Math.round(values[row]! * scale))),
      );
    });
    const weights = Float64Array.of(0.5, -1, 2, 0.25);
    const totals = contributionsOf(design, parameters, weights);
    for (let row = 0; row < rows; row++)
      expect(totals[row]).toBeCloseTo(
        plain.columns.reduce((sum, values, j) => sum + weights[j]! * values[row]!, 0),
        4,
      );
  });

  it("are read one after the other, each once it is wanted", async () => {
    const kept: number[] = [];
    const read: number[] = [];
    async function* source(): AsyncGenerator<Column> {
      for (const [i, column] of columns.entries()) {
        read.push(kept.length);
        yield column;
        expect(kept).toHaveLength(i + 1);
      }
    }
    await designOf(source(), rows, options, () => kept.push(0));
    expect(read).toEqual([0, 1, 2]);
  });
});
