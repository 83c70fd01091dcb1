import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ColumnTable } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { PlainTable } from "../plain/plain-file.ts";
import { readColumns } from "../read-columns.ts";
import { leftIn, withFolder } from "../testing.ts";
import { writeTable } from "../write-table.ts";
import { type AlignOptions, alignTable, RowOrder } from "./align-table.ts";
import { BucketFiles } from "./bucket-files.ts";
import { copyColumns } from "./copy-columns.ts";
import { checkDiskSpace } from "./disk-space.ts";
import { type StringBatch, streamStrings } from "./stream-strings.ts";

const ROWS = 5000;
/** Short, long, missing, beyond ASCII. */
const nameOf = (row: number): string | null =>
  row % 7 === 0
    ? null
    : row % 5 === 0
      ? `名字很长很长的一个人-${row}`
      : row % 2 === 0
        ? `${row}`
        : `a rather long name ${row}`;
const table: ColumnTable = (() => {
  const names = Array.from({ length: ROWS }, (_, row) => nameOf(row));
  const categories = names.filter((name) => name !== null);
  let next = 0;
  return {
    rowCount: ROWS,
    columns: [
      {
        kind: "text",
        name: "name",
        codes: Int32Array.from(names, (name) => (name === null ? -1 : next++)),
        categories,
      },
      { kind: "number", name: "n", values: Float64Array.from(names, (_, row) => (row % 11 === 0 ? Number.NaN : row)) },
    ],
  };
})();

const withTable = (use: (path: string, folder: string) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => {
    const path = join(folder, "t.parquet");
    await writeTable(path, table);
    await use(path, folder);
  });

/** The engine's own layout, for text it holds inline; others are read through the engine. */
function inlineText({ strings }: StringBatch, at: number): string | null {
  const length = new DataView(strings.buffer, strings.byteOffset).getUint32(16 * at, true);
  return length > 12 ? null : Buffer.from(strings.subarray(16 * at + 4, 16 * at + 4 + length)).toString("utf8");
}

describe("streamed strings", () => {
  it("do not blame the file for what fails with who uses them", () =>
    withTable(async (path) => {
      const use = async (): Promise<void> => (undefined as unknown as { kernel(): void }).kernel();
      await expect(streamStrings(path, ["name"], {}, use)).rejects.toMatchObject({ code: "state.internal" });
    }));

  it("come in file order, as the engine's strings and as text, with numbers as whole numbers", () =>
    withTable(async (path) => {
      const seen: [string, string][] = [];
      const count = await streamStrings(path, ["name", "n"], { batchRows: 2100 }, async (batch) => {
        expect(batch.firstRow).toBe(seen.length);
        for (let row = 0; row < batch.rowCount; row++) {
          const texts = [batch.text(0, row), batch.text(1, row)] as [string, string];
          for (const [column, text] of texts.entries()) {
            const inline = inlineText(batch, column * batch.rowCount + row);
            if (inline !== null) expect(inline).toBe(text);
            else expect(text.length).toBeGreaterThan(4);
          }
          seen.push(texts);
        }
      });
      expect(count).toBe(ROWS);
      expect(seen).toEqual(
        Array.from({ length: ROWS }, (_, row) => [nameOf(row) ?? "", row % 11 === 0 ? "" : `${row}`]),
      );
    }));

  it("refuse what is no id, and end with their user's failure", () =>
    withTable(async (path, folder) => {
      await expect(streamStrings(path, ["no"], {}, async () => {})).rejects.toMatchObject({ code: "input.columns" });
      const failing = streamStrings(path, ["name"], {}, () => Promise.reject(new Error("full")));
      await expect(failing).rejects.toMatchObject({ detail: { reason: "full" } });
      const halves = join(folder, "halves.parquet");
      const values = Float64Array.of(1, 2.5);
      await writeTable(halves, { rowCount: 2, columns: [{ kind: "number", name: "n", values }] });
      await expect(streamStrings(halves, ["n"], {}, async () => {})).rejects.toMatchObject({ code: "input.id-number" });
    }));
});

describe("copied columns", () => {
  it("keep the rows that the filter and the complete column allow, and count the others", () =>
    withTable(async (path, folder) => {
      const target = join(folder, "copy.parquet");
      const options = { filter: "n >= 100 and name != 'x'", asText: ["n"], complete: "n" };
      const whole = await readColumns(path, ["n", "name"], { filter: options.filter, asText: ["n"] });
      expect(await copyColumns(path, target, ["n", "name"], options)).toEqual({ kept: whole.rowCount, leftOut: 0 });
      const plain = await PlainTable.open(target);
      expect(plain?.footer.columns.map(({ kind }) => kind)).toEqual(["text", "text"]);
      await plain?.close();
      expect(await readColumns(target, ["n", "name"])).toEqual(whole);
      const missing = Math.ceil(ROWS / 11);
      const counts = await copyColumns(path, target, ["name"], { complete: "name" });
      expect(counts).toEqual({ kept: ROWS - Math.ceil(ROWS / 7), leftOut: Math.ceil(ROWS / 7) });
      expect(await copyColumns(path, target, ["n"], { complete: "n" })).toEqual({
        kept: ROWS - missing,
        leftOut: missing,
      });
      expect(await leftIn(folder)).toEqual(["copy.parquet", "t.parquet"]);
    }));
});

describe("aligned tables", () => {
  it("hold the rows asked for, whole, in the order asked for", () =>
    withTable(async (path, folder) => {
      const order = await RowOrder.create(join(folder, "order"), ROWS);
      const rows = Uint32Array.from({ length: 2000 }, (_, i) => (i * 1237) % ROWS);
      for (let at = 0; at < rows.length; at += 300) await order.append(rows.subarray(at, at + 300));
      expect(order.length).toBe(rows.length);
      const target = join(folder, "aligned.parquet");
      await alignTable(path, target, order);
      await order.remove();
      const { columns } = await readColumns(target, ["name", "n"]);
      const [names, numbers] = columns;
      if (names?.kind !== "text" || numbers?.kind !== "number") throw new Error("other columns");
      expect(Array.from(names.codes, (code) => names.categories[code] ?? null)).toEqual(Array.from(rows, nameOf));
      expect(numbers.values).toEqual(Float64Array.from(rows, (row) => (row % 11 === 0 ? Number.NaN : row)));
      expect(await leftIn(folder)).toEqual(["aligned.parquet", "t.parquet"]);
    }));

  const aligned = async (folder: string, path: string, order: RowOrder, options: AlignOptions) => {
    const target = join(folder, "aligned.parquet");
    await alignTable(path, target, order, options);
    const [numbers, names] = (await readColumns(target, ["n", "name"])).columns;
    if (names?.kind !== "text" || numbers?.kind !== "number") throw new Error("other columns");
    return { numbers: Array.from(numbers.values), names };
  };

  it("hold rows several times, and rows without values behind", () =>
    withTable(async (path, folder) => {
      const order = await RowOrder.create(join(folder, "order"), ROWS);
      await order.append(Uint32Array.of(4001, 2), Uint32Array.of(3, 1));
      await order.append(Uint32Array.of(9), Uint32Array.of(2));
      expect(order.length).toBe(6);
      const { numbers, names } = await aligned(folder, path, order, { emptyRows: 2 });
      expect(numbers).toEqual([4001, 4001, 4001, 2, 9, 9, Number.NaN, Number.NaN]);
      expect(Array.from(names.codes.subarray(-2))).toEqual([-1, -1]);
    }));

  it("hold the rest behind, in an order that the key alone tells", () =>
    withTable(async (path, folder) => {
      const orders = await Promise.all(
        [1, 1, 2].map(async (key, i) => {
          const order = await RowOrder.create(join(folder, `order-${i}`), ROWS);
          await order.append(Uint32Array.of(4002, 3));
          await mkdir(join(folder, `${i}`));
          return (await aligned(join(folder, `${i}`), path, order, { restKey: new Uint8Array(32).fill(key) })).names;
        }),
      );
      const [first, again, other] = orders.map(({ codes, categories }) =>
        Array.from(codes, (code) => categories[code] ?? null),
      );
      expect(first!.slice(0, 2)).toEqual([nameOf(4002), nameOf(3)]);
      expect(first).toEqual(again);
      expect(first).not.toEqual(other);
      const all = Array.from({ length: ROWS }, (_, row) => nameOf(row));
      expect(first!.toSorted()).toEqual(all.toSorted());
      expect(first!.slice(2, 20)).not.toEqual(all.slice(0, 18));
    }));
});

describe("bucket files", () => {
  it("keep what is appended, in order, in pieces of any size", () =>
    withFolder(async (folder) => {
      const files = await BucketFiles.create(join(folder, "b"), 3);
      const pieces = [10, 2 ** 20, 1, 3 * 2 ** 20, 5].map((size, i) => new Uint8Array(size).fill(i + 1));
      for (const piece of pieces) await files.append(1, piece);
      await files.append(2, Uint8Array.of(9));
      await files.finish();
      expect(Buffer.compare(await BucketFiles.read(join(folder, "b"), 1), Buffer.concat(pieces))).toBe(0);
      expect(await BucketFiles.read(join(folder, "b"), 2)).toEqual(Uint8Array.of(9));
      expect((await BucketFiles.read(join(folder, "b"), 0)).length).toBe(0);
      await BucketFiles.replace(join(folder, "b"), 2, [Uint8Array.of(1), Uint8Array.of(2)]);
      await BucketFiles.replace(join(folder, "b"), 0, [new Uint8Array(0)]);
      await BucketFiles.sync(join(folder, "b"), 3);
      expect(await BucketFiles.read(join(folder, "b"), 2)).toEqual(Uint8Array.of(1, 2));
      const room = new Uint8Array(2);
      expect((await BucketFiles.read(join(folder, "b"), 2, room)).buffer).toBe(room.buffer);
    }));
});

describe("room on the disk", () => {
  it("is asked for before, with the figures in the remedy", () =>
    withFolder(async (folder) => {
      await checkDiskSpace(folder, 1, "this");
      const error = checkDiskSpace(folder, 2 ** 60, "this");
      await expect(error).rejects.toMatchObject({
        code: "resource.disk",
        remedy: expect.stringMatching(/GiB are needed/),
      });
    }));
});
