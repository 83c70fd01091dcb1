/**
 * The maker's offline work: ids of a table of any size to the sorted tags of a version.
 *
 * 1. Ids to sorted digests in a file, the record of each beside it.   2. What changed against the version before.
 * 3. Entries of what changed in runs on disk; a run that an earlier attempt finished is not made again.
 * 4. Runs spread over buckets by leading bits, each sorted when it is sent. Memory: one run, one bucket.
 */
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { concat } from "@tombolo/base";
import { gather, ID_DIGEST_BYTES } from "@tombolo/crypto";
import { BucketFiles, compareTags, readTags, TagFileWriter } from "@tombolo/datasets";
import { entryBytes, sortTags } from "@tombolo/protocols/psi/unbalanced";
import { beside, catalogueEntries } from "@tombolo/protocols/query/keyword";
import type { TableIds } from "../psi/table-ids.ts";

const RUN_TAGS = 2 ** 20;
const RUN_BYTES = RUN_TAGS * ID_DIGEST_BYTES;
const BUCKET_BYTES = 2 ** 22;

export interface Epoch {
  readonly catalogue: Uint8Array;
  readonly key: Uint8Array;
  readonly tagBytes: number;
  readonly recordBytes: number;
}

/** Records of all rows of the table, by row; of no bytes where there are none. */
export interface Records {
  readonly values: Uint8Array;
  readonly width: number;
}

const rowBytes = (recordBytes: number): number => ID_DIGEST_BYTES + recordBytes;
const runBytes = (recordBytes: number): number => Math.floor(RUN_BYTES / rowBytes(recordBytes)) * rowBytes(recordBytes);

export const spreadBits = (rows: number): number => Math.max(0, Math.ceil(Math.log2(Math.max(1, rows) / RUN_TAGS)));

/** All digests, ascending, with their records, in the file at `path`; answers how many. */
export async function writeDigests(
  ids: TableIds,
  prefix: Uint8Array,
  { values, width }: Records,
  path: string,
): Promise<number> {
  const bits = spreadBits(ids.rowCount);
  await ids.spread(prefix, bits);
  const writer = await TagFileWriter.create(path, rowBytes(width));
  for (let bucket = 0; bucket < 2 ** bits; bucket++) {
    const { digests, rows } = await ids.bucket(bucket);
    const records: readonly [Uint8Array, number][] = width === 0 ? [] : [[await gather(values, width, rows), width]];
    await writer.append(beside([digests, ID_DIGEST_BYTES], ...records));
  }
  await writer.finish();
  return writer.count;
}

/** Collects the entries of one side of the changes. */
class Runs {
  count = 0;
  readonly #folder: string;
  readonly #epoch: Epoch;
  #pending = new Uint8Array(0);
  #filled = 0;
  #runs = 0;

  constructor(folder: string, epoch: Epoch) {
    this.#folder = folder;
    this.#epoch = epoch;
  }

  async add(rows: readonly Uint8Array[]): Promise<void> {
    for (const row of rows) {
      if (this.#pending.length === 0) this.#pending = new Uint8Array(runBytes(this.#epoch.recordBytes));
      this.#pending.set(row, this.#filled);
      this.#filled += row.length;
      this.count += 1;
      if (this.#filled === this.#pending.length) await this.#flush();
    }
  }

  /** Sorted entries of everything added and of `dummies`, bucket by bucket. */
  async finish(dummies: Uint8Array): Promise<AsyncGenerator<Uint8Array>> {
    await this.#flush();
    const width = entryBytes(this.#epoch);
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(1, (this.count * width + dummies.length) / BUCKET_BYTES)));
    const folder = join(this.#folder, "spread");
    const files = await BucketFiles.create(folder, buckets);
    for (let run = 0; run < this.#runs; run++)
      for await (const tags of readTags(this.#runFile(run), width)) await spread(files, tags, width, buckets);
    await spread(files, dummies, width, buckets);
    await files.finish();
    return sortedBuckets(folder, buckets, width);
  }

  #runFile = (run: number): string => join(this.#folder, `run-${run}`);

  async #flush(): Promise<void> {
    if (this.#filled === 0) return;
    const rows = this.#pending.subarray(0, this.#filled);
    this.#pending = new Uint8Array(0);
    this.#filled = 0;
    const path = this.#runFile(this.#runs++);
    const { key, catalogue, ...shape } = this.#epoch;
    const width = entryBytes(shape);
    const done = await stat(path).catch(() => undefined);
    if (done?.size === (rows.length / rowBytes(shape.recordBytes)) * width) return;
    const entries: Uint8Array[] = [];
    for await (const chunk of catalogueEntries(rows, key, catalogue, shape)) entries.push(chunk);
    const writer = await TagFileWriter.create(path, width);
    await writer.append(concat(...entries));
    await writer.finish();
  }
}

async function spread(files: BucketFiles, tags: Uint8Array, width: number, buckets: number): Promise<void> {
  for (let at = 0; at < tags.length; at += width) {
    const leading = (tags[at]! << 16) | (tags[at + 1]! << 8) | tags[at + 2]!;
    await files.append(Math.floor((leading / 2 ** 24) * buckets), tags.subarray(at, at + width));
  }
}

async function* sortedBuckets(folder: string, buckets: number, width: number): AsyncGenerator<Uint8Array> {
  for (let bucket = 0; bucket < buckets; bucket++) yield sortTags(await BucketFiles.read(folder, bucket), width);
}

export interface Changed {
  readonly added: Runs;
  readonly removed: Runs;
}

/** Entries of what is new in `after` and gone from `before`, both files of digests; `before` may be missing. */
export async function changedTags(
  before: string,
  after: string,
  folder: string,
  epoch: Epoch,
  progress: (done: number) => void,
): Promise<Changed> {
  const [added, removed] = await Promise.all(
    ["added", "removed"].map(async (name) => {
      await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
      return new Runs(join(folder, name), epoch);
    }),
  );
  const width = rowBytes(epoch.recordBytes);
  const lists = [before, after].map((path) => readTags(path, width));
  for await (const changes of compareTags(lists[0]!, lists[1]!, width)) {
    await added!.add(changes.added);
    await removed!.add(changes.removed);
    progress(added!.count + removed!.count);
  }
  return { added: added!, removed: removed! };
}
