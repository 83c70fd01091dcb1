import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Column } from "@tombolo/base";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readColumns } from "../read-columns.ts";
import { ID_COLUMN, writeTable } from "../write-table.ts";
import { addNumbers } from "./add-numbers.ts";
import { streamColumns } from "./stream-columns.ts";

/** More than a chunk of the engine, and no whole number of batches. */
const ROWS = 5_003;
const number = (row: number): number => (row % 7 === 0 ? Number.NaN : row / 3);
const text = (row: number): string | null => (row % 11 === 0 ? null : `t${row % 1500}`);

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-columns-"));
  path = join(folder, "data.parquet");
  const categories = Array.from({ length: 1500 }, (_, i) => `t${i}`);
  const columns: Column[] = [
    { kind: "number", name: "n", values: Float64Array.from({ length: ROWS }, (_, row) => number(row)) },
    {
      kind: "text",
      name: "t",
      categories,
      codes: Int32Array.from({ length: ROWS }, (_, row) => (text(row) === null ? -1 : row % 1500)),
    },
  ];
  await writeTable(path, { rowCount: ROWS, ids: Array.from({ length: ROWS }, (_, row) => `id-${row}`), columns });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const textsOf = (column: Column): (string | null)[] =>
  column.kind === "text" ? Array.from(column.codes, (code) => column.categories[code] ?? null) : [];

it("gives every row once, in order, in batches of one size, from any row on", async () => {
  for (const [first, batchRows] of [
    [0, 1000],
    [0, ROWS],
    [2048, 3],
    [4999, 2500],
    [ROWS, 8],
  ] as const) {
    const [numbers, texts, sizes]: [number[], (string | null)[], number[]] = [[], [], []];
    for await (const [t, n] of streamColumns(path, ["t", "n"], { first, batchRows })) {
      if (n?.kind !== "number" || t === undefined) throw new Error("not a number");
      numbers.push(...n.values);
      texts.push(...textsOf(t));
      sizes.push(n.values.length);
    }
    const rows = Array.from({ length: ROWS - first }, (_, i) => first + i);
    expect(numbers).toEqual(rows.map(number));
    expect(texts).toEqual(rows.map(text));
    expect(sizes.slice(0, -1).every((size) => size === batchRows)).toBe(true);
  }
  await expect(
    streamColumns(path, ["other"], { first: 0, batchRows: 8 })[Symbol.asyncIterator]().next(),
  ).rejects.toThrow("other");
});

it("puts numbers beside the rows they belong to, and keeps the rows' ids", async () => {
  async function* values(): AsyncIterable<Float64Array> {
    for (let at = 0; at < ROWS; at += 700)
      yield Float64Array.from({ length: Math.min(700, ROWS - at) }, (_, i) => (at + i) * 2);
  }
  const target = join(folder, "scored.parquet");
  await addNumbers(path, target, ["t"], { name: "score", values: values() });
  const [ids, t, score] = (await readColumns(target, [ID_COLUMN, "t", "score"])).columns;
  expect(textsOf(ids!)).toEqual(Array.from({ length: ROWS }, (_, row) => `id-${row}`));
  expect(textsOf(t!)).toEqual(Array.from({ length: ROWS }, (_, row) => text(row)));
  expect(score?.kind === "number" && [...score.values]).toEqual(Array.from({ length: ROWS }, (_, row) => row * 2));
  await expect(addNumbers(path, target, ["t"], { name: "n", values: values() })).rejects.toMatchObject({
    code: "input.columns",
  });
});
