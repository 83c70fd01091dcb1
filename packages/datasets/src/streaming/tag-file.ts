/**
 * Sorted fixed-width tags in a file, for catalogues larger than memory: written once in ascending order, changed by
 * merging into a new file, searched block by block. Beside the tags stands an index: the first tag of each block.
 */
import { type FileHandle, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { TomboloError } from "@tombolo/base";
import { syncFolder } from "./sync-folder.ts";

const BLOCK_TAGS = 1024;
const BUFFER_BYTES = 2 ** 20;
const CHANGES_AT_ONCE = 2 ** 14;

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Writes ascending tags; `finish` makes them durable under `path`, which holds the old file or the new one, whole. */
export class TagFileWriter {
  readonly #path: string;
  readonly #width: number;
  readonly #file: FileHandle;
  readonly #buffer: Uint8Array;
  readonly #firsts: Uint8Array[] = [];
  #filled = 0;
  #count = 0;

  private constructor(path: string, width: number, file: FileHandle) {
    this.#path = path;
    this.#width = width;
    this.#file = file;
    this.#buffer = new Uint8Array(Math.floor(BUFFER_BYTES / width) * width);
  }

  static async create(path: string, width: number): Promise<TagFileWriter> {
    return new TagFileWriter(path, width, await open(asideOf(path), "w", 0o600));
  }

  get count(): number {
    return this.#count;
  }

  async append(tags: Uint8Array): Promise<void> {
    const width = this.#width;
    for (let at = 0; at < tags.length; at += width) {
      if (this.#filled === this.#buffer.length) await this.#flush();
      const tag = tags.subarray(at, at + width);
      if (this.#count % BLOCK_TAGS === 0) this.#firsts.push(tag.slice());
      this.#buffer.set(tag, this.#filled);
      this.#filled += width;
      this.#count += 1;
    }
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.#file.sync();
    await this.#file.close();
    await writeFile(indexOf(this.#path), Buffer.concat(this.#firsts), { mode: 0o600, flush: true });
    await rename(asideOf(this.#path), this.#path);
    await syncFolder(dirname(this.#path));
  }

  async abandon(): Promise<void> {
    await this.#file.close();
    await rm(asideOf(this.#path), { force: true });
  }

  async #flush(): Promise<void> {
    await this.#file.writeFile(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }
}

const asideOf = (path: string): string => `${path}.part`;
const indexOf = (path: string): string => `${path}.index`;

/** The file's tags in chunks; none where there is no file. */
export async function* readTags(path: string, width: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return;
  try {
    const size = Math.floor(BUFFER_BYTES / width) * width;
    for (;;) {
      const chunk = new Uint8Array(size);
      const length = await readFully(file, chunk);
      if (length > 0) yield chunk.subarray(0, length);
      if (length < size) return;
    }
  } finally {
    await file.close();
  }
}

async function readFully(file: FileHandle, into: Uint8Array): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await file.read(into, filled, into.length - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** (before without removed) and added, written to `path`. Refuses to remove what is not there, or to add what is. */
export async function mergeTags(
  path: string,
  width: number,
  { before, removed, added }: { readonly before: Chunks; readonly removed: Chunks; readonly added: Chunks },
): Promise<number> {
  const [kept, gone, fresh] = await Promise.all([before, removed, added].map((each) => Cursor.start(each, width)));
  const out = await TagFileWriter.create(path, width);
  try {
    while (kept!.tag !== undefined || fresh!.tag !== undefined) {
      const order = compare(kept!.tag, fresh!.tag);
      if (order === 0) throw inconsistent();
      if (order > 0) {
        await out.append(fresh!.tag!);
        if (!fresh!.step()) await fresh!.load();
        continue;
      }
      const leaves = compare(kept!.tag, gone!.tag);
      if (leaves > 0) throw inconsistent();
      if (leaves < 0) await out.append(kept!.tag!);
      else if (!gone!.step()) await gone!.load();
      if (!kept!.step()) await kept!.load();
    }
    if (gone!.tag !== undefined) throw inconsistent();
    await out.finish();
    return out.count;
  } catch (error) {
    await out.abandon().catch(() => {});
    throw error;
  }
}

const inconsistent = (): TomboloError =>
  new TomboloError("protocol.catalogue", "the catalogue's changes do not fit the version before");

/** One tag after the other; undefined at the end. */
class Cursor {
  tag: Uint8Array | undefined;
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  readonly #width: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  private constructor(chunks: Chunks, width: number) {
    this.#chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
    this.#width = width;
  }

  static async start(chunks: Chunks, width: number): Promise<Cursor> {
    const cursor = new Cursor(chunks, width);
    await cursor.load();
    return cursor;
  }

  /** False at the end of the chunk: `load` then goes on. */
  step(): boolean {
    if (this.#at >= this.#chunk.length) return false;
    this.tag = this.#chunk.subarray(this.#at, this.#at + this.#width);
    this.#at += this.#width;
    return true;
  }

  async load(): Promise<void> {
    while (!this.step()) {
      const { value, done } = await this.#chunks.next();
      if (done === true) {
        this.tag = undefined;
        return;
      }
      this.#chunk = value;
      this.#at = 0;
    }
  }
}

/** Of bytes, the end above all. */
function compare(a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0);
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

export interface TagChanges {
  readonly removed: Uint8Array[];
  readonly added: Uint8Array[];
}

/** What is in one ascending list and not in the other, in chunks as they come. */
export async function* compareTags(before: Chunks, after: Chunks, width: number): AsyncGenerator<TagChanges> {
  const [old, fresh] = [await Cursor.start(before, width), await Cursor.start(after, width)];
  let changes: TagChanges = { removed: [], added: [] };
  while (old.tag !== undefined || fresh.tag !== undefined) {
    const order = compare(old.tag, fresh.tag);
    if (order < 0) changes.removed.push(old.tag!);
    if (order > 0) changes.added.push(fresh.tag!);
    if (order <= 0 && !old.step()) await old.load();
    if (order >= 0 && !fresh.step()) await fresh.load();
    if (changes.removed.length + changes.added.length < CHANGES_AT_ONCE) continue;
    yield changes;
    changes = { removed: [], added: [] };
  }
  yield changes;
}

/** For each of `tags` 1 if the file holds it: blocks are read once each, in ascending order; memory is the index's. */
export async function findTags(path: string, width: number, tags: Uint8Array): Promise<Uint8Array> {
  const count = tags.length / width;
  const tagAt = (list: Uint8Array, i: number): Uint8Array => list.subarray(i * width, (i + 1) * width);
  const firsts = new Uint8Array(await readFile(indexOf(path)));
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => compare(tagAt(tags, a), tagAt(tags, b)));
  const found = new Uint8Array(count);
  const file = await open(path, "r");
  try {
    let loaded = -1;
    let block: Uint8Array = new Uint8Array(0);
    for (const query of order) {
      const tag = tagAt(tags, query);
      const wanted = lastNotAbove(firsts, width, tag);
      if (wanted < 0) continue;
      if (wanted !== loaded) {
        block = new Uint8Array(BLOCK_TAGS * width);
        const { bytesRead } = await file.read(block, 0, block.length, wanted * BLOCK_TAGS * width);
        block = block.subarray(0, bytesRead);
        loaded = wanted;
      }
      const place = lastNotAbove(block, width, tag);
      if (place >= 0 && compare(tagAt(block, place), tag) === 0) found[query] = 1;
    }
  } finally {
    await file.close();
  }
  return found;
}

/** Place of the last string of an ascending list that is not above `tag`; -1 if all are. */
function lastNotAbove(list: Uint8Array, width: number, tag: Uint8Array): number {
  let [low, high] = [0, list.length / width];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(list.subarray(middle * width, (middle + 1) * width), tag) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
