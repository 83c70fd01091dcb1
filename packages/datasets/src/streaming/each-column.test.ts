import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Column } from "@tombolo/base";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readColumns } from "../read-columns.ts";
import { writeTable } from "../write-table.ts";
import { eachColumn } from "./each-column.ts";

/** More than a chunk of the engine. */
const ROWS = 5_003;
const NAMES = ["a", "b", "c", "t"];

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-each-column-"));
  path = join(folder, "data.parquet");
  const number = (factor: number) =>
    Float64Array.from({ length: ROWS }, (_, i) => (i % 9 === 0 ? Number.NaN : i * factor));
  const columns: Column[] = [
    ...["a", "b", "c"].map((name, i) => ({ kind: "number" as const, name, values: number(i + 1) })),
    {
      kind: "text",
      name: "t",
      categories: ["x", "y"],
      codes: Int32Array.from({ length: ROWS }, (_, i) => (i % 3) - 1),
    },
  ];
  await writeTable(path, { rowCount: ROWS, columns });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it("gives the columns that reading at once gives, in the order asked for", async () => {
  const names = ["t", "c", "a"];
  const whole = new Map((await readColumns(path, NAMES)).columns.map((column) => [column.name, column]));
  const bytesOf = (column: Column): Buffer =>
    Buffer.from(column.kind === "number" ? column.values.buffer : column.codes.buffer);
  // One by one, two by two, all at once.
  for (const valuesAtOnce of [1, 2 * ROWS, 2 ** 22]) {
    const read: Column[] = [];
    for await (const column of eachColumn(path, names, { rowCount: ROWS, valuesAtOnce })) read.push(column);
    expect(read.map(({ name }) => name)).toEqual(names);
    for (const column of read) expect(bytesOf(column).equals(bytesOf(whole.get(column.name)!))).toBe(true);
  }
});

it("names what is not there, and stops when asked to", async () => {
  const all = async (names: readonly string[], signal?: AbortSignal): Promise<void> => {
    for await (const _ of eachColumn(path, names, { rowCount: ROWS, ...(signal === undefined ? {} : { signal }) }));
  };
  await expect(all(["a", "no"])).rejects.toMatchObject({ code: "input.columns" });
  await expect(all(["a"], AbortSignal.abort())).rejects.toThrow();
});
