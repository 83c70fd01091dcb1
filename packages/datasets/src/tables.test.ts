import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Column, ColumnTable } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withEngine } from "./engine.ts";
import { exportTable, preview } from "./export-table.ts";
import { importFile } from "./import-file.ts";
import { readColumns, readSchema } from "./read-columns.ts";
import { inChunks, leftIn, withFolder } from "./testing.ts";
import { ID_COLUMN, writeTable } from "./write-table.ts";

const CONTENT = "id,age,home,since\n001,30,own,2020-01-01\n002,,rent,1969-12-31\n003,50,,\n";
const imported = (folder: string) => importFile({ source: inChunks(CONTENT), filename: "t.csv", directory: folder });

describe("readColumns", () => {
  it("gives numbers, dates and dictionary text, with what is missing", async () => {
    await withFolder(async (folder) => {
      const { path } = await imported(folder);
      const table = await readColumns(path, ["home", "age", "since"]);
      expect(table).toEqual({
        rowCount: 3,
        columns: [
          { kind: "text", name: "home", codes: Int32Array.of(0, 1, -1), categories: ["own", "rent"] },
          { kind: "number", name: "age", values: Float64Array.of(30, Number.NaN, 50) },
          { kind: "text", name: "since", codes: Int32Array.of(0, 1, -1), categories: ["2020-01-01", "1969-12-31"] },
        ],
      });
    });
  });

  it("filters rows, reads numbers as text for ids, and refuses unknown columns", async () => {
    await withFolder(async (folder) => {
      const { path } = await imported(folder);
      const read = (filter: string) => readColumns(path, ["age"], { filter, asText: ["age"] });
      expect((await read("age > 30 or home = 'rent'")).rowCount).toBe(2);
      expect((await read("age >= 30")).columns[0]).toMatchObject({
        codes: Int32Array.of(0, 1),
        categories: ["30", "50"],
      });
      expect((await read("since < '1970-01-01'")).rowCount).toBe(1);
      expect((await read("since is null")).rowCount).toBe(1);
      await expect(readColumns(path, ["no"])).rejects.toMatchObject({ code: "input.columns" });
      await expect(read("no = 1")).rejects.toMatchObject({ code: "input.filter" });
    });
  });

  it("says so when the file is damaged", async () => {
    await withFolder(async (folder) => {
      await writeFile(join(folder, "x.parquet"), "PAR1 junk PAR1");
      await expect(readSchema(join(folder, "x.parquet"))).rejects.toMatchObject({ code: "input.parquet" });
    });
  });
});

const numberColumn = fc
  .array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN)), {
    minLength: 5,
    maxLength: 5,
  })
  .map((values): Column => ({ kind: "number", name: "n", values: Float64Array.from(values, (v) => v + 0) }));
const categories = ["a", "", "北京", 'q"uo,te', "=1+1", "line\nbreak"];
const textColumn = fc
  .array(fc.integer({ min: -1, max: categories.length - 1 }), { minLength: 5, maxLength: 5 })
  .map((codes): Column => ({ kind: "text", name: "t", codes: Int32Array.from(codes), categories }));

const textsOf = (column: Column): (string | null)[] => {
  if (column.kind !== "text") throw new Error("not text");
  return Array.from(column.codes, (code) => column.categories[code] ?? null);
};

describe("writeTable", () => {
  it("keeps every value", async () => {
    await fc.assert(
      fc.asyncProperty(numberColumn, textColumn, async (numbers, texts) => {
        await withFolder(async (folder) => {
          const path = join(folder, "t.parquet");
          const table: ColumnTable = { rowCount: 5, ids: ["1", "02", "x", "02", ""], columns: [numbers, texts] };
          await writeTable(path, table);
          const read = await readColumns(path, [ID_COLUMN, "n", "t"]);
          expect(textsOf(read.columns[0]!)).toEqual(table.ids);
          expect(read.columns[1]).toEqual(numbers);
          expect(textsOf(read.columns[2]!)).toEqual(textsOf(texts));
          expect(await leftIn(folder)).toEqual(["t.parquet"]);
        });
      }),
      { numRuns: 15 },
    );
  });

  it("keeps the order over many chunks", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "t.parquet");
      const values = Float64Array.from({ length: 10_001 }, (_, i) => (i * 7919) % 10_007);
      await writeTable(path, { rowCount: values.length, columns: [{ kind: "number", name: "n", values }] });
      expect((await readColumns(path, ["n"])).columns[0]).toEqual({ kind: "number", name: "n", values });
    });
  });
});

describe("exports", () => {
  it("copies data byte for byte, formulas among it", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "t.parquet");
      const text: Column = { kind: "text", name: "t", codes: Int32Array.of(0, 1), categories: ["=1+1", "a,b"] };
      await writeTable(path, {
        rowCount: 2,
        columns: [text, { kind: "number", name: "n", values: Float64Array.of(0.1, 2) }],
      });
      await exportTable(path, join(folder, "t.csv"), "csv");
      expect(await readFile(join(folder, "t.csv"), "utf8")).toBe('t,n\n=1+1,0.1\n"a,b",2.0\n');
      await writeTable(path, {
        rowCount: 3,
        columns: [
          { kind: "number", name: "whole", values: Float64Array.of(-7, Number.NaN, 2 ** 53 - 1) },
          { kind: "number", name: "huge", values: Float64Array.of(1e300, 1, 2) },
          { kind: "number", name: "endless", values: Float64Array.of(Number.POSITIVE_INFINITY, 1, 2) },
        ],
      });
      await exportTable(path, join(folder, "t.csv"), "csv", { columns: ["whole", "huge", "endless"] });
      const lines = "whole,huge,endless\n-7,1e+300,inf\n,1.0,1.0\n9007199254740991,2.0,2.0\n";
      expect(await readFile(join(folder, "t.csv"), "utf8")).toBe(lines);
      await writeTable(path, { rowCount: 1, columns: [{ kind: "number", name: "n", values: Float64Array.of(0.1) }] });
      await exportTable(path, join(folder, "some.parquet"), "parquet", { columns: ["n"], rowsMax: 1 });
      expect(await preview(join(folder, "some.parquet"), 5)).toEqual({ columns: ["n"], rows: [[0.1]] });
      expect(await leftIn(folder)).toEqual(["some.parquet", "t.csv", "t.parquet"]);
    });
  });
});

describe("importFile with Parquet", () => {
  const makeParquet = (folder: string, select: string) =>
    withEngine(
      {
        folders: [folder],
        temporaryFolder: join(folder, "spill"),
        memoryBytes: 2 ** 28,
        temporaryBytes: 2 ** 28,
        threads: 1,
      },
      async (engine) => void (await engine.run(`COPY (${select}) TO '${folder}/in.parquet' (FORMAT parquet)`)),
    );
  const importIt = (folder: string, more = {}) =>
    importFile({ source: join(folder, "in.parquet"), filename: "in.parquet", directory: join(folder, "d"), ...more });

  it("maps types, keeps ids whole, treats infinities as missing", async () => {
    await withFolder(async (folder) => {
      await makeParquet(
        folder,
        `SELECT 13800000000 + i AS phone, i::UTINYINT AS small, 9007199254740993 + i AS big, i::DECIMAL(9,2) AS money,
         CASE WHEN i = 0 THEN 'inf'::DOUBLE ELSE i END AS real, i = 1 AS flag, DATE '2020-01-01' + i::INTEGER AS day, 'x' || i AS word
         FROM range(3) t(i)`,
      );
      const made = await importIt(folder);
      expect(made.columns.map(({ name, type }) => [name, type])).toEqual([
        ["phone", "text"],
        ["small", "integer"],
        ["big", "text"],
        ["money", "number"],
        ["real", "number"],
        ["flag", "boolean"],
        ["day", "date"],
        ["word", "text"],
      ]);
      expect((await preview(made.path, 1)).rows[0]).toEqual([
        "13800000000",
        0,
        "9007199254740993",
        0,
        null,
        false,
        "2020-01-01",
        "x0",
      ]);
    });
  });

  it("refuses nested types, no rows, a cut-off file and a CSV by another name", async () => {
    await withFolder(async (folder) => {
      await makeParquet(folder, "SELECT [1, 2] AS list");
      await expect(importIt(folder)).rejects.toMatchObject({
        code: "input.parquet",
        message: expect.stringContaining('"list"'),
      });
      await makeParquet(folder, "SELECT 1 AS a WHERE false");
      await expect(importIt(folder)).rejects.toMatchObject({
        code: "input.parquet",
        message: expect.stringContaining("no rows"),
      });
      await makeParquet(folder, "SELECT i FROM range(1000) t(i)");
      const whole = await readFile(join(folder, "in.parquet"));
      await expect(importIt(folder, { source: inChunks(whole.subarray(0, -9), 64) })).rejects.toMatchObject({
        code: "input.parquet",
      });
      const damaged = Uint8Array.from(whole);
      damaged.fill(0xff, whole.length - 250, whole.length - 8);
      await expect(importIt(folder, { source: inChunks(damaged, 64) })).rejects.toMatchObject({
        code: "input.parquet",
      });
      await expect(importIt(folder, { source: inChunks("a,b\n1,2\n") })).rejects.toMatchObject({
        code: "input.parquet",
      });
      expect((await leftIn(folder)).filter((name) => name.startsWith("d"))).toEqual(["d"]);
    });
  });
});

describe("the engine", () => {
  it("reaches no other file, loads nothing and keeps its configuration", async () => {
    await withFolder(async (folder) => {
      const options = {
        folders: [folder],
        temporaryFolder: join(folder, "spill"),
        memoryBytes: 2 ** 28,
        temporaryBytes: 2 ** 28,
        threads: 1,
      };
      for (const sql of [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/escaped.csv'",
        "ATTACH '/tmp/escaped.db'",
        "INSTALL httpfs",
        "SET threads = 8",
        "SET enable_external_access = true",
        `SELECT * FROM read_text('${folder}/../../etc/passwd')`,
      ])
        await expect(
          withEngine(options, (engine) => engine.run(sql)),
          sql,
        ).rejects.toThrow(/disabled|locked|denied|Permission/i);
    });
  });
});
