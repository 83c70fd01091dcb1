/**
 * The ids of a table that never is in memory: read in batches, normalised and digested natively, spread over buckets on
 * disk. Only rows with text beyond ASCII pass through JavaScript strings, under the full rules of psi/ids.
 */
import { readFile, writeFile } from "node:fs/promises";
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
import { type IdPolicy, type IdRules, normaliseId, refusedRows } from "@tombolo/protocols/psi/ids";

export interface TableIdsOptions {
  readonly path: string;
  readonly rowCount: number;
  readonly keys: readonly string[];
  readonly rules: IdRules;
  readonly policy: IdPolicy;
  /** Of the task: what one attempt spread, the next finds. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly progress: (rows: number) => void;
}

export interface Removed {
  readonly empty: number;
  readonly duplicates: number;
}

/** So many rows are listed when they are refused. */
const LISTED_MAX = 100;

export class TableIds implements IdStore {
  readonly rowCount: number;
  readonly #options: TableIdsOptions;
  readonly #empty = new RowList();
  readonly #repeated = new RowList();
  /** One bucket alone stays in memory. */
  #only: Bucket | undefined;

  constructor(options: TableIdsOptions) {
    this.rowCount = options.rowCount;
    this.#options = options;
  }

  /** Rows that take no part. */
  get removed(): Removed {
    return { empty: this.#empty.count, duplicates: this.#repeated.count };
  }

  /** What an earlier attempt had counted. */
  set removed({ empty, duplicates }: Removed) {
    this.#empty.count = empty;
    this.#repeated.count = duplicates;
  }

  async spread(prefix: Uint8Array, bits: number): Promise<void> {
    const { path, keys, signal, folder, policy, progress } = this.#options;
    const parts: Uint8Array[] = [];
    const files = bits === 0 ? undefined : await BucketFiles.create(bucketFolder(folder), 2 ** bits);
    const take = async (messages: Uint8Array, offsets: Uint32Array, rows: Uint32Array): Promise<void> => {
      const digests = await idDigests(prefix, messages, offsets);
      const { records, offsets: ends } = await groupRecords(digests, rows, bits);
      if (files === undefined) return void parts.push(records);
      for (let bucket = 0; bucket < 2 ** bits; bucket++)
        await files.append(bucket, records.subarray(RECORD_BYTES * ends[bucket]!, RECORD_BYTES * ends[bucket + 1]!));
    };
    await streamStrings(path, keys, { signal }, async (batch) => {
      await this.#takeBatch(batch, take);
      progress(batch.firstRow + batch.rowCount);
    });
    await files?.finish();
    if (policy.empty === "refuse") this.#empty.refuse("input.empty-id", "some rows have no usable id");
    await this.#settle(parts, bits);
    if (policy.duplicates === "refuse") this.#repeated.refuse("input.duplicate-id", "some ids stand in several rows");
    if (bits > 0) await writeFile(markOf(folder), prefix, { mode: 0o600, flush: true });
  }

  /** Whether an earlier attempt spread all ids under this key, and they are still there. */
  async isSpread(jointKey: Uint8Array): Promise<boolean> {
    const prefix = await readFile(markOf(this.#options.folder)).catch(() => undefined);
    return prefix !== undefined && equalBytes(prefix.subarray(-jointKey.length), jointKey);
  }

  async bucket(index: number): Promise<Bucket> {
    if (this.#only !== undefined) return this.#only;
    const bytes = await BucketFiles.read(bucketFolder(this.#options.folder), index);
    const count = bytes.length / RECORD_BYTES;
    const digests = bytes.subarray(0, ID_DIGEST_BYTES * count);
    return { digests, rows: new Uint32Array(bytes.buffer, ID_DIGEST_BYTES * count, count) };
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
      const { digests, rows } = await this.#sorted(records, bits);
      await written;
      written = BucketFiles.replace(folder, index, [
        digests,
        new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength),
      ]);
    }
    await Promise.all([ahead, written]);
  }

  async #sorted(records: Uint8Array, bits: number): Promise<Bucket> {
    const { digests, rows, repeated } = await sortRecords(records, bits);
    this.#repeated.add(repeated, 0);
    return { digests, rows };
  }

  async #takeBatch(
    batch: StringBatch,
    take: (messages: Uint8Array, offsets: Uint32Array, rows: Uint32Array) => Promise<void>,
  ): Promise<void> {
    const { keys, rules } = this.#options;
    const ids = await normalised(batch, keys.length, rules);
    this.#empty.add(ids.empty, batch.firstRow);
    await take(ids.messages, ids.offsets, moved(ids.rows, batch.firstRow));
    if (ids.beyondAscii.length === 0) return;
    const rest = this.#beyondAscii(batch, ids.beyondAscii);
    await take(rest.messages, rest.offsets, moved(rest.rows, batch.firstRow));
  }

  #beyondAscii(batch: StringBatch, rows: Uint32Array): Pick<NormalisedIds, "messages" | "offsets" | "rows"> {
    const { keys, rules } = this.#options;
    const encoded: Uint8Array[] = [];
    const usable: number[] = [];
    const empty: number[] = [];
    for (const row of rows) {
      const fields = keys.map((_, column) => normaliseId(batch.text(column, row), rules));
      if (fields.includes("")) empty.push(row);
      else {
        encoded.push(utf8(fields.map((field) => `${field.length}:${field}`).join("")));
        usable.push(row);
      }
    }
    this.#empty.add(Uint32Array.from(empty), batch.firstRow);
    return { ...packed(encoded), rows: Uint32Array.from(usable) };
  }
}

/** Written last. */
const markOf = (folder: string): string => join(bucketFolder(folder), "complete");

const bucketFolder = (folder: string): string => join(folder, "ids");

/** Strings go to the kernel as they lie in the engine's memory; without the native kernels, one by one. */
function normalised(batch: StringBatch, fields: number, rules: IdRules): Promise<NormalisedIds> {
  if (normaliseStrings !== null) return normaliseStrings(batch.strings, fields, rules);
  const texts: Uint8Array[] = [];
  for (let field = 0; field < fields; field++)
    for (let row = 0; row < batch.rowCount; row++) texts.push(utf8(batch.text(field, row)));
  const { messages, offsets } = packed(texts);
  return normaliseIds(messages, offsets, fields, rules);
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

/** Counts all rows, lists the first. */
class RowList {
  count = 0;
  readonly #first: number[] = [];

  add(rows: Uint32Array, offset: number): void {
    this.count += rows.length;
    for (let i = 0; i < rows.length && this.#first.length < LISTED_MAX; i++) this.#first.push(rows[i]! + offset);
  }

  refuse(code: "input.empty-id" | "input.duplicate-id", message: string): void {
    if (this.count > 0) throw refusedRows(code, message, this.#first, this.count);
  }
}
