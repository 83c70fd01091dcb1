import type { Column } from "@tombolo/base";
import { seededSampling } from "@tombolo/base";
import { describe, expect, test } from "vitest";
import { binColumns } from "./binning.ts";
import { columnOrder } from "./column-order.ts";
import { defaultParameters } from "./index.ts";
import { treeColumns } from "./sample.ts";

const ROWS = 40;
const rows = Int32Array.from({ length: ROWS }, (_, i) => i);
const sampling = seededSampling(5);
const parameters = { ...defaultParameters, bins: 6, minimumRows: 2, colsample: 0.5 };

/** Twelve columns of the same names whatever the values. */
const columnsOf = (value: (column: number, row: number) => number): Column[] =>
  Array.from({ length: 12 }, (_, c) => ({
    kind: "number",
    name: `n${c}`,
    values: Float64Array.from(rows, (row) => value(c, row)),
  }));

/** By tree, which of the columns may be used. */
async function drawsOf(columns: Column[], seed = sampling): Promise<string[]> {
  const features = binColumns(columns, rows, parameters);
  const order = await columnOrder(features, rows, parameters.colsample, seed);
  return Array.from({ length: 8 }, (_, tree) => treeColumns(order, 1, tree, parameters, seed).join(""));
}

describe("the columns of a tree", () => {
  const columns = columnsOf((column, row) => (row * (column + 3)) % 23);

  test("cannot be told from the seed and the columns' names, but from their contents", async () => {
    const others = columnsOf((column, row) => (row * (column + 5)) % 29);
    expect(await drawsOf(columns)).not.toEqual(await drawsOf(others));
  });

  test("are the same for the same contents and seed, in whatever order the rows come", async () => {
    const reversed = columns.map((column) => ({
      ...column,
      values: (column as { values: Float64Array }).values.toReversed(),
    }));
    expect(await drawsOf(reversed as Column[])).toEqual(await drawsOf(columns));
    expect(await drawsOf(columns, seededSampling(6))).not.toEqual(await drawsOf(columns));
  });

  test("are half of them, and all of them in the end", async () => {
    const draws = await drawsOf(columns);
    for (const draw of draws) expect(draw.replaceAll("0", "")).toHaveLength(6);
    expect([...columns.keys()].every((c) => draws.some((draw) => draw[c] === "1"))).toBe(true);
  });
});
