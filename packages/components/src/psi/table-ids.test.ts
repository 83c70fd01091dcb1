/** Ids of a plain table, by one kernel, against those of the same table packed, through the engine's strings. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupRecords, ID_DIGEST_BYTES } from "@tombolo/crypto";
import { exportTable, PlainTable, textTable } from "@tombolo/datasets";
import { defaultIdRules, type IdRules } from "@tombolo/protocols/psi/ids";
import { describe, expect, it } from "vitest";
import { IdRecords, readBucket } from "./id-records.ts";
import { TableIds } from "./table-ids.ts";

const ROWS = 20_000;
const phone = { format: "international", countryCode: "86", nationalLength: 11 } as const;
const cases: readonly (readonly [string, readonly string[], Partial<IdRules>])[] = [
  ["one column", ["id"], {}],
  ["two columns, in lower case", ["name", "id"], { case: "lower" }],
  ["untrimmed, full-width made plain", ["name"], { trim: false, form: "NFKC" }],
  ["phone numbers", ["tel"], { phone }],
];

/** Unique, repeated, missing, long, beyond ASCII, with spaces. */
const idOf = (row: number): string =>
  row % 97 === 0
    ? ""
    : row % 89 === 0
      ? "again"
      : row % 11 === 0
        ? `名 ${row}`
        : row % 13 === 0
          ? `${row}`.repeat(300)
          : `Id-${row}`;
const nameOf = (row: number): string =>
  row % 17 === 0 ? `Ａ${row % 50}` : row % 7 === 0 ? ` a${row % 50} ` : `B${row}`;
const telOf = (row: number): string =>
  row % 5 === 0 ? `+86 13${800000000 + row}` : row % 3 === 0 ? `１3${800000000 + row}` : `${row}`;

async function withTables(use: (plain: string, packed: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tombolo-table-ids-"));
  try {
    const [csv, plain, packed] = [join(folder, "a.csv"), join(folder, "plain.parquet"), join(folder, "packed.parquet")];
    const lines = Array.from({ length: ROWS }, (_, row) => `${idOf(row)},${nameOf(row)},${telOf(row)}\n`);
    await writeFile(csv, `id,name,tel\n${lines.join("")}`);
    await textTable(csv, plain);
    await exportTable(plain, packed, "parquet");
    await use(plain, packed, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function spread(path: string, folder: string, keys: readonly string[], given: Partial<IdRules>, bits: number) {
  const options = {
    path,
    tableRows: ROWS,
    rowCount: ROWS,
    key: keys.map((name) => ({ name, rules: { ...defaultIdRules, ...given } })),
    without: null,
    policy: { duplicates: "remove", empty: "remove" },
    folder,
    signal: new AbortController().signal,
    progress: () => {},
  } as const;
  const ids = new TableIds(options);
  const key = new Uint8Array(32).fill(7);
  await ids.spread(key, bits);
  const buckets = [];
  for (let bucket = 0; bucket < 2 ** bits; bucket++) buckets.push(await ids.bucket(bucket));
  // What was given from memory is on disk for a later attempt.
  const kept = bits === 0 ? buckets : [];
  const later = new TableIds(options);
  if (bits > 0) {
    expect(await later.takeUp(key)).toBe(true);
    for (let bucket = 0; bucket < 2 ** bits; bucket++) kept.push(await later.bucket(bucket));
  }
  expect(kept).toEqual(buckets);
  return { buckets, empty: ids.empty.first(ROWS), repeated: ids.repeated.first(ROWS) };
}

describe("ids of a table", () => {
  it.each(cases)("are the same from a plain table: %s", (_, keys, rules) =>
    withTables(async (plain, packed, folder) => {
      for (const bits of [0, 3]) {
        const expected = await spread(packed, join(folder, "packed"), keys, rules, bits);
        expect(await spread(plain, join(folder, "plain"), keys, rules, bits)).toEqual(expected);
        if (keys.includes("id")) expect(expected.empty.length).toBeGreaterThan(0);
        else if (keys.includes("name")) expect(expected.repeated.length).toBeGreaterThan(0);
      }
    }),
  );

  it("are refused with the same rows", () =>
    withTables(async (plain, packed, folder) => {
      for (const policy of [
        { duplicates: "refuse", empty: "remove" },
        { duplicates: "remove", empty: "refuse" },
      ] as const) {
        const failures = [];
        for (const path of [plain, packed]) {
          const ids = new TableIds({
            path,
            tableRows: ROWS,
            rowCount: ROWS,
            key: [{ name: "id", rules: defaultIdRules }],
            without: null,
            policy,
            folder,
            signal: new AbortController().signal,
            progress: () => {},
          });
          failures.push(await ids.spread(new Uint8Array(32), 0).catch(({ code, detail }) => ({ code, detail })));
        }
        expect(failures[0]).toEqual(failures[1]);
        expect(failures[0]).toMatchObject({
          code: expect.stringMatching(/^input/),
          detail: { rowNumbers: expect.anything() },
        });
      }
    }));

  it("are sorted alike in memory and on disk, a bucket longer than expected included", () =>
    withTables(async (_, __, folder) => {
      const count = 5000;
      // Most digests begin with zeros: one bucket holds far more than its share.
      const digests = new Uint8Array(ID_DIGEST_BYTES * count);
      for (let i = 0; i < count; i++) digests.set(createHash("md5").update(`${i}`).digest(), ID_DIGEST_BYTES * i); // sixteen bytes, nothing more
      for (let i = 0; i < count; i++) if (i % 4 > 0) digests[ID_DIGEST_BYTES * i] = 0;
      digests.copyWithin(ID_DIGEST_BYTES * 7, ID_DIGEST_BYTES, ID_DIGEST_BYTES * 2);
      const rows = Uint32Array.from({ length: count }, (_, i) => i);
      const { records, offsets } = await groupRecords(digests, rows, 2);
      const results = [];
      for (const [i, memoryBytesMax] of [2 ** 20, 0].entries()) {
        const own = join(folder, `records-${i}`);
        const ids = await IdRecords.create(own, count, 2, memoryBytesMax);
        await ids.add(records, offsets);
        const repeats: number[] = [];
        await ids.sort((sorted) => {
          repeats.push(...sorted.repeated);
          return { digests: sorted.digests, rows: sorted.rows };
        });
        const kept = await Promise.all([0, 1, 2, 3].map((bucket) => readBucket(own, bucket, false)));
        for (const [bucket, inMemory] of kept.map((_, bucket) => ids.bucket(bucket)).entries())
          if (memoryBytesMax > 0) expect(inMemory).toEqual(kept[bucket]);
          else expect(inMemory).toBeUndefined();
        results.push({ kept, repeats });
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[0]!.repeats).toEqual([7]);
      expect(results[0]!.kept.reduce((sum, bucket) => sum + bucket.rows.length, 0)).toBe(count - 1);
    }));

  it("are never in a table that is not plain by chance", () =>
    withTables(async (plain, packed) => {
      expect(await PlainTable.open(packed)).toBeNull();
      const table = await PlainTable.open(plain);
      expect(table?.footer.rowCount).toBe(ROWS);
      await table?.close();
    }));
});
