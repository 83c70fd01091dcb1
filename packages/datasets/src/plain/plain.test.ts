/** Plain tables through kernels, against the database engine on the same bytes. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tableKernels } from "@tombolo/kernels";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { literal, queryRows, withEngine } from "../engine.ts";
import { engineExport, exportTable } from "../export-table.ts";
import { alignTable, engineAlign, RowOrder } from "../streaming/align-table.ts";
import { engineTextTable, textTable } from "../streaming/text-table.ts";
import { withFolder } from "../testing.ts";
import { alignPlain } from "./align.ts";
import { exportPlainCsv } from "./csv-export.ts";
import { plainCsvTable } from "./csv-table.ts";
import { PlainTable } from "./plain-file.ts";

const RUNS = { numRuns: 12 };

const inEngine = <T>(folder: string, use: Parameters<typeof withEngine<T>>[1]): Promise<T> =>
  withEngine(
    {
      folders: [folder],
      temporaryFolder: join(folder, "spill"),
      memoryBytes: 2 ** 28,
      temporaryBytes: 2 ** 28,
      threads: 1,
    },
    use,
  );

/** Types and all values, as the engine reads them. */
const contentOf = (folder: string, path: string): Promise<unknown> =>
  inEngine(folder, async (engine) => ({
    types: (await queryRows(engine, `DESCRIBE SELECT * FROM read_parquet(${literal(path)})`)).map((row) =>
      row.slice(0, 2),
    ),
    rows: (await queryRows(engine, `SELECT * FROM read_parquet(${literal(path)})`)).map((row) => row.map(String)),
  }));

/** Short, long, empty, with whatever CSV has a meaning for. */
const cell = fc.oneof(
  fc.constantFrom("", " ", '"', '""', "a,b", "l\nf", "c\r\nr", "名字", "0", " trailing "),
  fc.string({ unit: fc.constantFrom(..."abc019,\"\n\r; '\t\\名é😀"), maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 20 }),
  fc.constantFrom("x".repeat(17), "y".repeat(33), "long".repeat(500)),
);

const csvOf = (
  names: readonly string[],
  rows: readonly (readonly string[])[],
  lineEnd: string,
  quoteAll: boolean,
): string =>
  [names, ...rows.map((row) => row.map((text) => quoted(text, quoteAll)))]
    .map((row) => row.join(",") + lineEnd)
    .join("");

const quoted = (text: string, always: boolean): string =>
  always || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** Columns of one type each, some with missing values, packed in no way. */
async function writeAllTypes(folder: string, path: string, rows: number): Promise<void> {
  await inEngine(folder, (engine) =>
    engine.run(
      `COPY (SELECT CASE WHEN i % 7 = 3 THEN NULL WHEN i % 7 = 4 THEN '' ELSE hash(i)::VARCHAR || repeat('名', i % 4) END AS id,
        CASE WHEN i % 5 > 0 THEN i / 3 END::DOUBLE AS d, (i - 50) * 1000000007 AS n, i % 3 = 0 AS b,
        CASE WHEN i % 2 = 0 THEN i % 11 > 4 END AS maybe, DATE '2020-01-01' + (i % 1000)::INTEGER AS day,
        i::FLOAT AS f, i::SMALLINT AS s, (i * 1.25)::DECIMAL(30, 2) AS wide, encode('x' || i) AS bytes
        FROM range(${rows}) r(i)) TO ${literal(path)} (FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 0, ROW_GROUP_SIZE 2048)`,
    ),
  );
}

describe.skipIf(tableKernels === null)("plain tables", () => {
  it("hold what the engine reads of a CSV file", () =>
    withFolder(async (folder) => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc
            .integer({ min: 1, max: 4 })
            .chain((columns) =>
              fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 60 }),
            ),
          fc.constantFrom("\n", "\r\n"),
          fc.boolean(),
          fc.boolean(),
          async (rows, lineEnd, quoteAll, cutLast) => {
            const names = rows[0]!.map((_, i) => `c${i}`);
            // Blank records of one column and a line end that stands in no quotes are for the engine alone.
            const text = csvOf(names, rows, lineEnd, quoteAll);
            const source = join(folder, `${++run}.csv`);
            await writeFile(source, cutLast ? text.slice(0, -lineEnd.length) : text);
            const [plain, engine] = [join(folder, `${run}.plain`), join(folder, `${run}.engine`)];
            const table = await plainCsvTable(source, plain);
            if (table === null) return;
            expect(await engineTextTable(source, engine)).toEqual(table);
            expect(await contentOf(folder, plain)).toEqual(await contentOf(folder, engine));
          },
        ),
        { ...RUNS, numRuns: 40 },
      );
    }));

  it("take files of many parts, with quotes and line ends where parts meet", () =>
    withFolder(async (folder) => {
      const [source, plain, engine] = ["a.csv", "plain", "engine"].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      const rows = Array.from({ length: 150_000 }, (_, i) => [
        `${i * 7919}`,
        i % 3 === 0 ? `a "quoted", value ${i}\nof two lines` : "名",
        `${i % 5}`,
      ]);
      await writeFile(source, csvOf(["id", "text", "n"], rows, "\r\n", false));
      const table = await plainCsvTable(source, plain);
      expect(table).toEqual({ columns: ["id", "text", "n"], rowCount: rows.length });
      await engineTextTable(source, engine);
      const differing = await inEngine(folder, (database) =>
        queryRows(
          database,
          `SELECT count(*) FROM read_parquet(${literal(plain)}) a POSITIONAL JOIN read_parquet(${literal(engine)}) b WHERE a IS DISTINCT FROM b`,
        ),
      );
      expect(differing).toEqual([[0n]]);
    }));

  it.each([
    ["a line with a value more", "id,v\n1,2,3\n"],
    ["a line with a value less", "id,v\n1\n4,5\n"],
    ["a blank line", "id,v\n1,2\n\n3,4\n"],
    ["a blank id", "id\na\n\nb\n"],
    ["quotes within a value", 'id,v\na"b,2\n'],
    ["text after quotes", 'id,v\n"a"x,2\n'],
    ["quotes never closed", 'id,v\n"a,2\n3,4\n'],
    ["two kinds of line ends", "id,v\n1,2\r\n3,4\n"],
    ["carriage returns alone", "id,v\r1,2\r3,4\r"],
    ["what could be a comment", "id,v\n#1,2\n3,4\n"],
    ["a byte-order mark", "\ufeffid,v\n1,2\n"],
    ["a name twice", "id,ID\n1,2\n"],
    ["a column without a name", "id,\n1,2\n"],
    ["no rows", "id,v\n"],
    ["nothing", ""],
    ["a value too long", `id\n${"x".repeat(2_100_000)}\n`],
  ])("leave %s to the engine", (_, text) =>
    withFolder(async (folder) => {
      const [source, target] = [join(folder, "a.csv"), join(folder, "t.parquet")];
      await writeFile(source, text);
      expect(await plainCsvTable(source, join(folder, "plain"))).toBeNull();
      const engine = await engineTextTable(source, join(folder, "engine")).catch(() => undefined);
      const table = await textTable(source, target).catch(() => undefined);
      expect(table).toEqual(engine);
    }),
  );

  it("refuse broken UTF-8 with its line", () =>
    withFolder(async (folder) => {
      const source = join(folder, "a.csv");
      await writeFile(source, Uint8Array.of(0x69, 0x64, 10, 0x61, 10, 0x61, 0xff, 10));
      const refused = textTable(source, join(folder, "t.parquet"));
      await expect(refused).rejects.toMatchObject({
        code: "input.csv",
        detail: { reason: expect.stringContaining("Line: 3") },
      });
    }));

  it(
    "are put in order as the engine does, with columns of all types",
    () =>
      withFolder(async (folder) => {
        const rowCount = 5000;
        const source = join(folder, "source.parquet");
        await writeAllTypes(folder, source, rowCount);
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 0, max: rowCount }),
            fc.integer({ min: 1, max: rowCount - 1 }),
            async (count, step) => {
              const order = await RowOrder.create(join(folder, "order"), rowCount);
              const rows = new Set(Array.from({ length: count }, (_, i) => (i * step) % rowCount));
              await order.append(Uint32Array.from(rows));
              const [plain, engine] = [join(folder, `plain-${count}-${step}`), join(folder, "engine")];
              expect(await alignPlain(source, plain, order, join(folder, "parts"), undefined)).toBe(true);
              await engineAlign(source, engine, order);
              expect(await contentOf(folder, plain)).toEqual(await contentOf(folder, engine));
            },
          ),
          RUNS,
        );
      }),
    60_000,
  );

  it(
    "are printed byte for byte as the engine prints them",
    () =>
      withFolder(async (folder) => {
        let run = 0;
        const nasty = fc.oneof(
          cell,
          fc.string({ unit: "grapheme-ascii", maxLength: 12 }),
          fc.constantFrom("#", "x#y", "NULL", "-"),
        );
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.tuple(fc.option(nasty), fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))), {
              minLength: 1,
              maxLength: 50,
            }),
            async (rows) => {
              const source = join(folder, `${++run}.parquet`);
              await inEngine(folder, async (engine) => {
                await engine.run("CREATE TABLE t (name VARCHAR, n BIGINT)");
                for (const row of rows) await engine.run("INSERT INTO t VALUES ($1, $2)", row);
                await engine.run(
                  `COPY t TO ${literal(source)} (FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 0)`,
                );
              });
              const [plain, engine] = [join(folder, `${run}.plain`), join(folder, `${run}.engine`)];
              expect(await exportPlainCsv(source, plain, undefined, undefined)).toBe(true);
              await engineExport(source, engine, "csv");
              expect(await readFile(plain, "utf8")).toBe(await readFile(engine, "utf8"));
            },
          ),
          RUNS,
        );
        const [some, reversed] = [join(folder, "1.parquet"), join(folder, "reversed.csv")];
        await exportTable(some, reversed, "csv", { columns: ["n", "name"] });
        expect((await readFile(reversed, "utf8")).split("\n")[0]).toBe("n,name");
      }),
    60_000,
  );

  it("are only those that are plain: packed tables go through the engine, to the same end", () =>
    withFolder(async (folder) => {
      const [plain, packed] = [join(folder, "plain.parquet"), join(folder, "packed.parquet")];
      await writeAllTypes(folder, plain, 300);
      await inEngine(folder, (engine) =>
        engine.run(`COPY (SELECT * FROM ${literal(plain)}) TO ${literal(packed)} (FORMAT parquet, COMPRESSION zstd)`),
      );
      expect(await PlainTable.open(packed)).toBeNull();
      await writeFile(join(folder, "none"), "PAR1 no PAR1");
      expect(await PlainTable.open(join(folder, "none"))).toBeNull();
      const contents = [];
      for (const source of [plain, packed]) {
        const order = await RowOrder.create(join(folder, "order"), 300);
        await order.append(Uint32Array.of(299, 0, 150));
        const target = `${source}.aligned`;
        await alignTable(source, target, order);
        contents.push(await contentOf(folder, target));
      }
      expect(contents[0]).toEqual(contents[1]);
    }));

  it(
    "that are damaged are refused, not read beyond their end",
    () =>
      withFolder(async (folder) => {
        const source = join(folder, "source.parquet");
        await writeAllTypes(folder, source, 3000);
        const bytes = await readFile(source);
        const order = await RowOrder.create(join(folder, "order"), 3000);
        await order.append(Uint32Array.of(1, 2999));
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 4, max: bytes.length - 9 }),
            fc.integer({ min: 1, max: 255 }),
            async (at, change) => {
              const broken = Uint8Array.from(bytes);
              broken[at]! ^= change;
              const path = join(folder, `broken-${at}-${change}`);
              await writeFile(path, broken);
              // A changed value is a value; a changed length or level is not.
              await alignTable(path, `${path}.aligned`, order).catch((error: unknown) =>
                expect(error).toMatchObject({ code: expect.stringMatching(/^(resource|input)\./) }),
              );
            },
          ),
          { numRuns: 60 },
        );
      }),
    60_000,
  );
});
