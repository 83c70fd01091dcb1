import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Column, TomboloError } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitmentOf } from "./digest.ts";
import { preview } from "./export-table.ts";
import { type ImportOptions, importFile } from "./import-file.ts";
import { readColumns } from "./read-columns.ts";
import { inChunks, leftIn, withFolder } from "./testing.ts";

const importText = (folder: string, content: string | Uint8Array, more: Partial<ImportOptions> = {}, chunk = 7) =>
  importFile({ source: inChunks(content, chunk), filename: "t.csv", directory: join(folder, "d"), ...more });

const rowsOf = (content: string | Uint8Array, more: Partial<ImportOptions> = {}) =>
  withFolder(async (folder) => {
    const made = await importText(folder, content, more);
    const types = Object.fromEntries(made.columns.map(({ name, type }) => [name, type]));
    return { types, made, ...(await preview(made.path, 100)) };
  });

async function failureOf(content: string | Uint8Array, more: Partial<ImportOptions> = {}): Promise<TomboloError> {
  return await withFolder(async (folder) => {
    try {
      await importText(folder, content, more);
    } catch (error) {
      expect(await leftIn(folder)).toEqual(["d"]);
      return error as TomboloError;
    }
    return expect.unreachable("the import succeeded");
  });
}

describe("importFile with CSV", () => {
  it("imports the example with the types and roles a person would choose", async () => {
    await withFolder(async (folder) => {
      const source = join(import.meta.dirname, "../../../examples/credit/bank.csv");
      const made = await importFile({ source, filename: "bank.csv", directory: join(folder, "d") });
      expect(made.rowCount).toBe(4124);
      expect(made.columns.map(({ name, type, role }) => [name, type, role])).toEqual([
        ["phone", "text", "id"],
        ["default", "integer", "label"],
        ["time", "integer", "feature"],
        ["amount", "integer", "feature"],
        ["price", "integer", "feature"],
        ["debt", "integer", "feature"],
        ["home", "text", "feature"],
      ]);
      expect(made.columns[3]!.statistics).toMatchObject({ min: 100, max: 5000 });
      expect(made.columns[6]!.top!.every(({ count }) => count >= 5)).toBe(true);
      expect(await leftIn(join(folder, "d"))).toEqual(["data.parquet"]);
    });
  });

  it("tells types apart and never loses a digit of an id", async () => {
    const { types, rows } = await rowsOf(
      "id,zero,long,num,int,day,flag,word,none\n" +
        "13800000001,007,12345678901234567890,1.5,1,2024-02-29,true,x,\n" +
        "13800000002,123,1,-2e3,-2,1999-12-31,FALSE,NA,\n" +
        "13800000003,456,2,.25,,,false,1,\n",
    );
    expect(types).toEqual({
      id: "text",
      zero: "text",
      long: "text",
      num: "number",
      int: "integer",
      day: "date",
      flag: "boolean",
      word: "text",
      none: "text",
    });
    expect(rows).toEqual([
      ["13800000001", "007", "12345678901234567890", 1.5, 1, "2024-02-29", true, "x", null],
      ["13800000002", "123", "1", -2000, -2, "1999-12-31", false, null, null],
      ["13800000003", "456", "2", 0.25, null, null, false, "1", null],
    ]);
  });

  it("takes long unique numbers of one length for ids, and amounts for numbers", async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `${62_220_000_000 + i * 37},${100_000 * (i + 1) + i},${i}`);
    const { types } = await rowsOf(`account,amount,n\n${rows.join("\n")}\n`);
    expect(types).toEqual({ account: "text", amount: "integer", n: "integer" });
  });

  it.each([
    ["semicolons", "a;b\n1;x\n2;y\n"],
    ["tabs", "a\tb\n1\tx\n2\ty\n"],
    ["bars", "a|b\n1|x\n2|y\n"],
    ["CR LF and a byte-order mark", "\ufeffa,b\r\n1,x\r\n2,y\r\n"],
    ["old line ends", "a,b\r1,x\r2,y"],
    ["blank lines and no last line end", "\n\na,b\n\n1,x\n\n\n2,y"],
    ["quotes and spaces", '"a", "b"\n"1",  "x" \n 2 , y\n'],
  ])("reads %s", async (_what, content) => {
    const { columns, rows } = await rowsOf(content);
    expect(columns).toEqual(["a", "b"]);
    expect(rows).toEqual([
      [1, "x"],
      [2, "y"],
    ]);
  });

  it("reads GB18030 and UTF-16", async () => {
    // "城市" and "北京" in GB18030.
    const gb = Uint8Array.from([0xb3, 0xc7, 0xca, 0xd0, 0x2c, 0x6e, 10, 0xb1, 0xb1, 0xbe, 0xa9, 0x2c, 0x31, 10]);
    const read = await rowsOf(gb);
    expect([read.columns, read.rows, read.made.source.encoding]).toEqual([["城市", "n"], [["北京", 1]], "gb18030"]);
    const utf16 = new Uint8Array(Buffer.from("\ufeff城市,n\n北京,1\n", "utf16le"));
    expect((await rowsOf(utf16)).rows).toEqual([["北京", 1]]);
  });

  it("keeps values with delimiters, quotes and line breaks", async () => {
    const { rows } = await rowsOf('a,b\n"x,1","say ""hi"""\n"two\nlines",5" pipe\n');
    expect(rows).toEqual([
      ["x,1", 'say "hi"'],
      ["two\nlines", '5" pipe'],
    ]);
  });

  it.each<[string, string | Uint8Array, string, RegExp]>([
    ["an empty file", "", "input.csv", /empty/],
    ["a header alone", "a,b\n", "input.csv", /no rows/],
    ["a ragged row", "a,b\n1,2\n3\n", "input.csv", /^line 3 has 1 values, and the header has 2/],
    ["a ragged row below a quoted line break", 'a,b\n"1\n1",2\n3,4,5\n', "input.csv", /^line 4 has 3 values/],
    ["an unclosed quote", 'a,b\n1,2\n"3,4\n5,6\n', "input.csv", /opens on line 3 is never closed/],
    ["text after a quote", 'a,b\n"1"x,2\n', "input.csv", /^line 2 has text after a closing quote/],
    ["a name twice", "a,b,A\n1,2,3\n", "input.csv", /columns 1 and 3 have the same name/],
    ["a name missing", "a,,b\n1,2,3\n", "input.csv", /column 2 has no name/],
    ["a hidden character in a name", "a,b\u202e\n1,2\n", "input.csv", /column 2 holds control/],
    ["binary junk", Uint8Array.from([1, 0, 2, 0, 3]), "input.csv", /not a text file/],
    ["broken UTF-8", Uint8Array.from([97, 10, 98, 10, 0xff, 10]), "input.csv", /line 3 is not valid UTF-8/],
    ["Parquet bytes by another name", "PAR1\0\0\0\0PAR1", "input.csv", /not a text file/],
  ])("refuses %s and leaves nothing behind", async (_what, content, code, message) => {
    const failure = await failureOf(content);
    expect(failure).toBeInstanceOf(TomboloError);
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
    expect(failure.remedy).toBeTruthy();
  });

  it("keeps its limits", async () => {
    const many = `a\n${"1\n".repeat(50)}`;
    expect((await failureOf(many, { limits: { rowsMax: 10 } })).message).toMatch(/more than 10 rows/);
    expect((await failureOf("a,b,c\n1,2,3\n", { limits: { columnsMax: 2 } })).message).toMatch(/3 columns/);
    const large = `a\n${"1234567890\n".repeat(200_000)}`;
    const failure = await failureOf(large, { limits: { bytesMax: 1_500_000 }, source: inChunks(large, 100_000) });
    expect(failure.code).toBe("input.size");
  });

  it("says that a file cannot be read, or does not exist", async () => {
    expect((await failureOf("", { source: "/nowhere/at/all.csv" })).code).toBe("input.unreadable");
    expect((await failureOf("", { source: import.meta.dirname })).code).toBe("input.unreadable");
  });

  it("reports a full disk as such", async () => {
    await withFolder(async (folder) => {
      const full = Object.assign(new Error("write ENOSPC"), { code: "ENOSPC" });
      const source = (async function* () {
        yield new TextEncoder().encode("a,b\n1,2\n");
        throw full;
      })();
      const failure = await importFile({ source, filename: "t.csv", directory: join(folder, "d") }).catch((e) => e);
      expect(failure.code).toBe("resource.disk");
      expect(await leftIn(folder)).toEqual(["d"]);
    });
  });

  it("stops when told to and leaves nothing behind", async () => {
    await withFolder(async (folder) => {
      const stop = new AbortController();
      const large = `a\n${"1234567890\n".repeat(200_000)}`;
      const failure = await importFile({
        source: inChunks(large, 100_000),
        filename: "t.csv",
        directory: join(folder, "d"),
        signal: stop.signal,
        onProgress: () => stop.abort(new TomboloError("aborted.cancel", "cancelled")),
      }).catch((error) => error);
      expect(failure.code).toBe("aborted.cancel");
      expect(await leftIn(folder)).toEqual(["d"]);
    });
  });

  it("gives the same digest for the same rows however they are written, and a fresh commitment each time", async () => {
    const first = (await rowsOf("a,b\n1,x\n2,y\n")).made;
    const second = (await rowsOf('a;b\r\n"1";"x"\r\n\r\n2;y')).made;
    const other = (await rowsOf("a,b\n1,x\n2,z\n")).made;
    expect(second.digest).toEqual(first.digest);
    expect(other.digest).not.toEqual(first.digest);
    expect(second.commitment.commitment).not.toEqual(first.commitment.commitment);
    expect(commitmentOf(first.digest, first.commitment.salt)).toEqual(first.commitment.commitment);
  });

  it("reads back any text that was written as CSV", async () => {
    const value = fc
      .string({ unit: "grapheme", maxLength: 12 })
      .map((text) => text.replace(/[\0\r]/g, "").trim())
      .filter((text) => text.isWellFormed());
    const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        async (rows, chunk) => {
          const content = `a,b\n${rows.map((row) => `${row.map(cell).join(",")}\n`).join("")}`;
          await withFolder(async (folder) => {
            const made = await importText(folder, content, { text: ["a", "b"], missing: [] }, chunk);
            const { columns } = await readColumns(made.path, ["a", "b"]);
            const read = rows.map((_, i) => columns.map((column) => textAt(column, i)));
            expect(read).toEqual(rows.map((row) => row.map((text) => trimmed(text))));
          });
        },
      ),
      { numRuns: 25 },
    );
  });
});

/** Spaces around a value are dropped, and nothing left counts as missing. */
const trimmed = (text: string): string | null => text.replace(/^ +| +$/g, "") || null;

const textAt = (column: Column, row: number): string | null => {
  if (column.kind !== "text") throw new Error("not text");
  return column.categories[column.codes[row]!] ?? null;
};

describe("importFile in a folder with odd characters", () => {
  it("works", async () => {
    await withFolder(async (folder) => {
      const file = join(folder, "it's [x]*.csv");
      await writeFile(file, "a,b\n1,2\n");
      const directory = join(folder, "d'[1]");
      const made = await importFile({ source: file, filename: "x.csv", directory });
      expect((await preview(made.path, 1)).rows).toEqual([[1, 2]]);
    });
  });
});
