import type { Column } from "@tombolo/base";
import { seededSampling } from "@tombolo/base";
import { describe, expect, test } from "vitest";
import { binColumn } from "./binning.ts";
import { orderColumns } from "./column-order.ts";
import { defaultParameters, trainTwin } from "./index.ts";
import { treeColumns } from "./sample.ts";
import { joinedTrees, parametersOf, trainWorld, twinTrees } from "./testing/world.ts";

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

const ordered = (columns: Column[], seed = sampling) =>
  orderColumns(
    columns.map((column) => binColumn(column, rows, parameters)),
    rows,
    seed,
  );

/** By tree, which of the columns may be used. */
async function drawsOf(columns: Column[], seed = sampling): Promise<string[]> {
  const features = await ordered(columns, seed);
  return Array.from({ length: 8 }, (_, tree) => {
    const active = treeColumns(features.length, 1, tree, parameters, seed);
    const used = new Set(features.flatMap(({ name }, f) => (active[f] === 1 ? [name] : [])));
    return columns.map(({ name }) => (used.has(name) ? 1 : 0)).join("");
  });
}

describe("columns called equal", () => {
  const places = (columns: Column[], features: readonly { readonly name: string }[]): number[] =>
    features.map(({ name }) => columns.findIndex((column) => column.name === name));

  test("are taken in an order that follows contents and not places, all columns used", async () => {
    const table = columnsOf((column, row) => (row * (column + 3)) % 23);
    const others = columnsOf((column, row) => (row * (column + 5)) % 29);
    const taken = places(table, await ordered(table));
    expect(taken.toSorted((a, b) => a - b)).toEqual([...table.keys()]);
    expect(taken).not.toEqual([...table.keys()]);
    expect(places(others, await ordered(others))).not.toEqual(taken);
  });

  test("are decided alike by host and twin, and not by place", { timeout: 60_000 }, async () => {
    // Whatever column gains, twelve copies of it gain the same.
    const own = Float64Array.from({ length: 60 }, (_, row) => (row * 7) % 60);
    const copies = Array.from({ length: 12 }, (_, c): Column => ({ kind: "number", name: `copy-${c}`, values: own }));
    const table = { labels: own.map((value) => (value > 30 ? 1 : 0)), columns: [[], copies] };
    const options = { trees: 1, depth: 1, bins: 6, minimumRows: 2, minChildWeight: 0.1 };
    const trained = await trainWorld(table, options);
    const twin = await trainTwin({ ...table, parameters: parametersOf(options), sampling: seededSampling(7) });
    expect(joinedTrees(trained)).toEqual(twinTrees(twin));
    const first = await orderColumns(
      copies.map((column) => binColumn(column, Int32Array.from(own.keys()), parametersOf(options))),
      Int32Array.from(own.keys()),
      seededSampling(7),
    );
    expect(first[0]!.name).not.toBe("copy-0");
    expect(trained.hosts[0]!.trees[0]!.splits[0]!.split.feature).toBe(first[0]!.name);
  });
});

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
