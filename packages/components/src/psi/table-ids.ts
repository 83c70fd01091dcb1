/**
 * The ids of a table that never is in memory, by one key of it: read in batches, normalised and digested natively, spread
 * over buckets on disk. Only rows with text beyond ASCII pass through JavaScript strings, under the full rules of psi/ids.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { concat, equalBytes, fromUtf8, utf8 } from "@tombolo/base";
import {
  groupRecords,
  ID_DIGEST_BYTES,
  idDigests,
  type NormalisedIds,
  normaliseIds,
  normaliseStrings,
  spreadIds,
} from "@tombolo/crypto";
import {
  BucketFiles,
  type PlainRows,
  PlainTable,
  type StringBatch,
  streamStrings,
  syncFolder,
} from "@tombolo/datasets";
import type { Bucket, IdStore } from "@tombolo/protocols/psi/buckets";
import { type IdRules, normaliseId, refusedRows } from "@tombolo/protocols/psi/ids";
import { IdRecords, readBucket } from "./id-records.ts";
import { RowSet } from "./row-set.ts";

/** One field of a key. */
export interface KeyColumn {
  readonly name: string;
  readonly rules: IdRules;
}

export interface KeyPolicy {
  readonly empty: "refuse" | "remove";
  /** "keep": several rows may have an id. */
  readonly duplicates: "refuse" | "remove" | "keep";
}

export interface TableIdsOptions {
  readonly path: string;
  readonly tableRows: number;
  /** Declared to the partner: no fewer than take part. */
  readonly rowCount: number;
  readonly key: readonly KeyColumn[];
  readonly policy: KeyPolicy;
  /** Rows that take no part, whatever they hold; null: none. */
  readonly without: RowSet | null;
  /** Of the task and this key: what one attempt spread, the next finds. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly progress: (rows: number) => void;
}

/** So many rows are listed when they are refused. */
const LISTED_MAX = 100;

export class TableIds implements IdStore {
  readonly rowCount: number;
  readonly #options: TableIdsOptions;
  /** Rows with no usable id. */
  empty: RowSet;
  /** Rows whose id stands in an earlier row, unless such are kept. */
  repeated: RowSet;
  /** None where an earlier attempt left them. */
  #records: IdRecords | undefined;
  /** What was spread is there for a later attempt. */
  #marked: Promise<void> = Promise.resolve();

  constructor(options: TableIdsOptions) {
    this.rowCount = options.rowCount;
    this.#options = options;
    this.empty = RowSet.none(options.tableRows);
    this.repeated = RowSet.none(options.tableRows);
  }

  async spread(prefix: Uint8Array, bits: number): Promise<void> {
    const { folder, policy, without } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const records = await IdRecords.create(bucketFolder(folder), this.#options.tableRows, bits);
    await this.#spreadTo(records, prefix, bits);
    if (policy.empty === "refuse") refuseEmpty(this.empty);
    // Repeats are known only when all of a bucket is there; they have to be before anything of it leaves.
    await records.sort(({ digests, rows, repeated, repeatedOf }) => {
      if (policy.duplicates === "keep") return { digests, rows, copies: { rows: repeated, of: repeatedOf } };
      this.repeated.add(repeated);
      return takingPart({ digests, rows }, without);
    });
    if (policy.duplicates === "refuse") refuse(this.repeated, "input.duplicate-id", "some ids stand in several rows");
    this.#records = records;
    if (bits === 0) return;
    this.#marked = this.#mark(prefix, bits);
    this.#marked.catch(() => {}); // seen before the second bucket
  }

  /** The disk takes its time: the first bucket need not wait for it. */
  async #mark(prefix: Uint8Array, bits: number): Promise<void> {
    const { folder } = this.#options;
    await BucketFiles.sync(bucketFolder(folder), 2 ** bits);
    await Promise.all([this.empty.write(join(folder, "empty")), this.repeated.write(join(folder, "repeated"))]);
    await Promise.all([syncFolder(folder), syncFolder(bucketFolder(folder))]);
    await writeFile(markOf(folder), prefix, { mode: 0o600, flush: true });
    await syncFolder(bucketFolder(folder));
  }

  async #spreadTo(records: IdRecords, prefix: Uint8Array, bits: number): Promise<void> {
    const { path, key, signal, policy, without, progress } = this.#options;
    const take: Take = async (messages, offsets, rows) => {
      const all = { digests: await idDigests(prefix, messages, offsets), rows };
      // Refusing must not depend on which rows are still there, and so on the partner's: there all are looked at first.
      const taking = policy.duplicates === "refuse" ? all : takingPart(all, without);
      const grouped = await groupRecords(taking.digests, taking.rows, bits);
      await records.add(grouped.records, grouped.offsets);
    };
    const plain = spreadIds === null || without !== null ? null : await PlainTable.open(path);
    const columns = namesOf(key).map((name) => plain?.footer.columns.findIndex((column) => column.name === name) ?? -1);
    try {
      if (plain !== null && columns.every((column) => plain.footer.columns[column]?.kind === "text"))
        return await plain.each(columns, async (group) => {
          signal.throwIfAborted();
          await this.#takeGroup(group, records, prefix, bits, take);
          progress(group.firstRow + group.rows);
        });
    } finally {
      await plain?.close();
    }
    await streamStrings(path, namesOf(key), { signal }, async (batch) => {
      await this.#takeBatch(batch, take);
      progress(batch.firstRow + batch.rowCount);
    });
  }

  /** Whether an earlier attempt spread all ids under this key, and they are still there: then it takes them up. */
  async takeUp(jointKey: Uint8Array): Promise<boolean> {
    const { folder } = this.#options;
    const prefix = await readFile(markOf(folder)).catch(() => undefined);
    if (prefix === undefined || !equalBytes(prefix.subarray(-jointKey.length), jointKey)) return false;
    this.empty = await RowSet.read(join(folder, "empty"));
    this.repeated = await RowSet.read(join(folder, "repeated"));
    return true;
  }

  async bucket(index: number): Promise<Bucket> {
    if (index > 0) await this.#marked;
    const { folder, policy } = this.#options;
    return this.#records?.bucket(index) ?? readBucket(bucketFolder(folder), index, policy.duplicates === "keep");
  }

  async #takeGroup(
    { bytes, columns, rows, firstRow }: PlainRows,
    records: IdRecords,
    prefix: Uint8Array,
    bits: number,
    take: Take,
  ): Promise<void> {
    const { key } = this.#options;
    const room = records.room(rows);
    const rules = key.map((field) => field.rules);
    const spread = await spreadIds!(bytes, columns, rows, rules, { prefix, bits, firstRow }, room);
    this.empty.add(spread.empty, firstRow);
    await records.add(room, spread.offsets);
    await this.#takeBeyondAscii(textsBeyondAscii(bytes, spread.beyondAscii, key.length), firstRow, take);
  }

  async #takeBatch(batch: StringBatch, take: Take): Promise<void> {
    const ids = await normalised(batch, this.#options.key);
    this.empty.add(ids.empty, batch.firstRow);
    await take(ids.messages, ids.offsets, moved(ids.rows, batch.firstRow));
    await this.#takeBeyondAscii({ rows: ids.beyondAscii, text: batch.text }, batch.firstRow, take);
  }

  async #takeBeyondAscii(texts: Texts, firstRow: number, take: Take): Promise<void> {
    if (texts.rows.length === 0) return;
    const rest = beyondAscii(texts, this.#options.key);
    this.empty.add(rest.empty, firstRow);
    await take(rest.messages, rest.offsets, moved(rest.rows, firstRow));
  }
}

type Take = (messages: Uint8Array, offsets: Uint32Array, rows: Uint32Array) => Promise<void>;

/** Some rows, and the text of each of their fields. */
interface Texts {
  readonly rows: Uint32Array;
  text(column: number, row: number): string;
}

function textsBeyondAscii(bytes: Uint8Array, found: Uint32Array, fields: number): Texts {
  const words = 1 + 2 * fields;
  const places = new Map<number, number>();
  for (let at = 0; at < found.length; at += words) places.set(found[at]!, at);
  return {
    rows: Uint32Array.from(places.keys()),
    text(column, row) {
      const at = places.get(row)! + 1 + 2 * column;
      return fromUtf8(bytes.subarray(found[at], found[at + 1]));
    },
  };
}

/** Rows without a usable id in any of several keys; refuses them before anything leaves. */
export async function refuseUnusable(
  path: string,
  tableRows: number,
  keys: readonly (readonly KeyColumn[])[],
  signal: AbortSignal,
): Promise<void> {
  let none: RowSet | undefined;
  for (const key of keys) {
    const empty = RowSet.none(tableRows);
    await streamStrings(path, namesOf(key), { signal }, async (batch) => {
      const ids = await normalised(batch, key);
      empty.add(ids.empty, batch.firstRow);
      empty.add(beyondAscii({ rows: ids.beyondAscii, text: batch.text }, key).empty, batch.firstRow);
    });
    none = none?.intersection(empty) ?? empty;
  }
  if (none !== undefined) refuseEmpty(none);
}

export interface DigestBatch {
  /** `ID_DIGEST_BYTES` each. */
  readonly digests: Uint8Array;
  /** Of the table, for each digest. */
  readonly rows: Uint32Array;
}

/** Digests of a table's ids, batch after batch. Answers how many rows have no usable id. */
export async function streamDigests(
  path: string,
  key: readonly KeyColumn[],
  prefix: Uint8Array,
  signal: AbortSignal,
  take: (batch: DigestBatch) => Promise<void>,
): Promise<number> {
  let empty = 0;
  const digested = async (ids: Encoded, firstRow: number): Promise<void> => {
    empty += ids.empty.length;
    if (ids.rows.length === 0) return;
    const digests = await idDigests(prefix, ids.messages, ids.offsets);
    await take({ digests, rows: moved(ids.rows, firstRow) });
  };
  await streamStrings(path, namesOf(key), { signal }, async (batch) => {
    const ids = await normalised(batch, key);
    await digested(ids, batch.firstRow);
    await digested(beyondAscii({ rows: ids.beyondAscii, text: batch.text }, key), batch.firstRow);
  });
  return empty;
}

const namesOf = (key: readonly KeyColumn[]): string[] => key.map(({ name }) => name);

type Encoded = Pick<NormalisedIds, "messages" | "offsets" | "rows" | "empty">;

function beyondAscii({ rows, text }: Texts, key: readonly KeyColumn[]): Encoded {
  const encoded: Uint8Array[] = [];
  const usable: number[] = [];
  const empty: number[] = [];
  for (const row of rows) {
    const fields = key.map(({ rules }, column) => normaliseId(text(column, row), rules));
    if (fields.includes("")) empty.push(row);
    else {
      encoded.push(utf8(fields.map((field) => `${field.length}:${field}`).join("")));
      usable.push(row);
    }
  }
  return { ...packed(encoded), rows: Uint32Array.from(usable), empty: Uint32Array.from(empty) };
}

/** Not those that take no part, whatever they hold. */
function takingPart(all: Bucket, without: RowSet | null): Bucket {
  if (without === null) return all;
  const { digests, rows } = all;
  const left = { digests: new Uint8Array(digests.length), rows: new Uint32Array(rows.length) };
  let found = 0;
  for (let i = 0; i < rows.length; i++) {
    if (without.has(rows[i]!)) continue;
    left.digests.set(digests.subarray(ID_DIGEST_BYTES * i, ID_DIGEST_BYTES * (i + 1)), ID_DIGEST_BYTES * found);
    left.rows[found++] = rows[i]!;
  }
  return { digests: left.digests.subarray(0, ID_DIGEST_BYTES * found), rows: left.rows.subarray(0, found) };
}

/** Written last. */
const markOf = (folder: string): string => join(bucketFolder(folder), "complete");

const bucketFolder = (folder: string): string => join(folder, "ids");

/** Strings go to the kernel as they lie in the engine's memory; without the native kernels, one by one. */
function normalised(batch: StringBatch, key: readonly KeyColumn[]): Promise<NormalisedIds> {
  const rules = key.map((field) => field.rules);
  if (normaliseStrings !== null) return normaliseStrings(batch.strings, rules);
  const texts: Uint8Array[] = [];
  for (let field = 0; field < key.length; field++)
    for (let row = 0; row < batch.rowCount; row++) texts.push(utf8(batch.text(field, row)));
  const { messages, offsets } = packed(texts);
  return normaliseIds(messages, offsets, rules);
}

function packed(texts: readonly Uint8Array[]): { messages: Uint8Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(texts.length + 1);
  texts.forEach((text, i) => {
    offsets[i + 1] = offsets[i]! + text.length;
  });
  return { messages: concat(...texts), offsets };
}

function moved(rows: Uint32Array, by: number): Uint32Array {
  if (by > 0) for (let i = 0; i < rows.length; i++) rows[i]! += by;
  return rows;
}

const refuseEmpty = (rows: RowSet): void => refuse(rows, "input.empty-id", "some rows have no usable id");

function refuse(rows: RowSet, code: "input.empty-id" | "input.duplicate-id", message: string): void {
  const { count } = rows;
  if (count > 0) throw refusedRows(code, message, rows.first(LISTED_MAX), count);
}
