/**
 * The ids of a table that never is in memory, by one key of it: read in batches, normalised and digested natively, spread
 * over buckets on disk. Only rows with text beyond ASCII pass through JavaScript strings, under the full rules of psi/ids.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { concat, equalBytes, utf8 } from "@tombolo/base";
import {
  groupRecords,
  ID_DIGEST_BYTES,
  idDigests,
  type NormalisedIds,
  normaliseIds,
  normaliseStrings,
  RECORD_BYTES,
  sortRecords,
} from "@tombolo/crypto";
import { BucketFiles, type StringBatch, streamStrings } from "@tombolo/datasets";
import type { Bucket, IdStore } from "@tombolo/protocols/psi/buckets";
import { type IdRules, normaliseId, refusedRows } from "@tombolo/protocols/psi/ids";
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
  /** One bucket alone stays in memory. */
  #only: Bucket | undefined;

  constructor(options: TableIdsOptions) {
    this.rowCount = options.rowCount;
    this.#options = options;
    this.empty = RowSet.none(options.tableRows);
    this.repeated = RowSet.none(options.tableRows);
  }

  async spread(prefix: Uint8Array, bits: number): Promise<void> {
    const { path, key, signal, folder, policy, without, progress } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const parts: Uint8Array[] = [];
    const files = bits === 0 ? undefined : await BucketFiles.create(bucketFolder(folder), 2 ** bits);
    const take = async (messages: Uint8Array, offsets: Uint32Array, rows: Uint32Array): Promise<void> => {
      const all = { digests: await idDigests(prefix, messages, offsets), rows };
      // Refusing must not depend on which rows are still there, and so on the partner's: there all are looked at first.
      const taking = policy.duplicates === "refuse" ? all : takingPart(all, without);
      const { records, offsets: ends } = await groupRecords(taking.digests, taking.rows, bits);
      if (files === undefined) return void parts.push(records);
      for (let bucket = 0; bucket < 2 ** bits; bucket++)
        await files.append(bucket, records.subarray(RECORD_BYTES * ends[bucket]!, RECORD_BYTES * ends[bucket + 1]!));
    };
    await streamStrings(path, namesOf(key), { signal }, async (batch) => {
      await this.#takeBatch(batch, take);
      progress(batch.firstRow + batch.rowCount);
    });
    await files?.finish();
    if (policy.empty === "refuse") refuseEmpty(this.empty);
    await this.#settle(parts, bits);
    if (policy.duplicates === "refuse") refuse(this.repeated, "input.duplicate-id", "some ids stand in several rows");
    if (bits === 0) return;
    await Promise.all([this.empty.write(join(folder, "empty")), this.repeated.write(join(folder, "repeated"))]);
    await writeFile(markOf(folder), prefix, { mode: 0o600, flush: true });
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
    if (this.#only !== undefined) return this.#only;
    const { folder, policy } = this.#options;
    return decodeBucket(await BucketFiles.read(bucketFolder(folder), index), policy.duplicates === "keep");
  }

  /** Repeats are known only when all of a bucket is there; they have to be before anything of it leaves. */
  async #settle(parts: readonly Uint8Array[], bits: number): Promise<void> {
    if (bits === 0) {
      this.#only = await this.#sorted(concat(...parts), 0);
      return;
    }
    const folder = bucketFolder(this.#options.folder);
    let ahead: Promise<Uint8Array> = BucketFiles.read(folder, 0);
    let written: Promise<void> = Promise.resolve();
    for (let index = 0; index < 2 ** bits; index++) {
      const records = await ahead;
      ahead = BucketFiles.read(folder, index + 1);
      const bucket = await this.#sorted(records, bits);
      await written;
      written = BucketFiles.replace(folder, index, encodeBucket(bucket));
    }
    await Promise.all([ahead, written]);
  }

  async #sorted(records: Uint8Array, bits: number): Promise<Bucket> {
    const { digests, rows, repeated, repeatedOf } = await sortRecords(records, bits);
    if (this.#options.policy.duplicates === "keep")
      return { digests, rows, copies: { rows: repeated, of: repeatedOf } };
    this.repeated.add(repeated);
    return takingPart({ digests, rows }, this.#options.without);
  }

  async #takeBatch(
    batch: StringBatch,
    take: (messages: Uint8Array, offsets: Uint32Array, rows: Uint32Array) => Promise<void>,
  ): Promise<void> {
    const ids = await normalised(batch, this.#options.key);
    this.empty.add(ids.empty, batch.firstRow);
    await take(ids.messages, ids.offsets, moved(ids.rows, batch.firstRow));
    if (ids.beyondAscii.length === 0) return;
    const rest = beyondAscii(batch, ids.beyondAscii, this.#options.key);
    this.empty.add(rest.empty, batch.firstRow);
    await take(rest.messages, rest.offsets, moved(rest.rows, batch.firstRow));
  }
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
      empty.add(beyondAscii(batch, ids.beyondAscii, key).empty, batch.firstRow);
    });
    none = none?.intersection(empty) ?? empty;
  }
  if (none !== undefined) refuseEmpty(none);
}

const namesOf = (key: readonly KeyColumn[]): string[] => key.map(({ name }) => name);

type Encoded = Pick<NormalisedIds, "messages" | "offsets" | "rows" | "empty">;

function beyondAscii(batch: StringBatch, rows: Uint32Array, key: readonly KeyColumn[]): Encoded {
  const encoded: Uint8Array[] = [];
  const usable: number[] = [];
  const empty: number[] = [];
  for (const row of rows) {
    const fields = key.map(({ rules }, column) => normaliseId(batch.text(column, row), rules));
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

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** How many digests and how many copies, then digests, rows, rows of copies and what they are copies of. */
function encodeBucket({ digests, rows, copies }: Bucket): Uint8Array[] {
  const head = Uint32Array.of(rows.length, copies?.rows.length ?? 0);
  const more = copies === undefined ? [] : [copies.rows, copies.of];
  return [bytesOf(head), digests, ...[rows, ...more].map(bytesOf)];
}

function decodeBucket(bytes: Uint8Array, keepsCopies: boolean): Bucket {
  const head = new Uint32Array(bytes.buffer, 0, 2);
  const [count, copied] = [head[0]!, head[1]!];
  const rowsAt = head.byteLength + ID_DIGEST_BYTES * count;
  const digests = bytes.subarray(head.byteLength, rowsAt);
  const rows = new Uint32Array(bytes.buffer, rowsAt, count);
  if (!keepsCopies) return { digests, rows };
  const words = new Uint32Array(bytes.buffer, rowsAt + rows.byteLength, 2 * copied);
  return { digests, rows, copies: { rows: words.subarray(0, copied), of: words.subarray(copied) } };
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
