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

export interface FoundTags {
  /** For each tag 1 if the file holds it, else 0. */
  readonly found: Uint8Array;
  /** What stands behind each tag in its entry; zeros where it is not found. */
  readonly rest: Uint8Array;
}

/** A file of entries that begin with a tag, open for look-ups: the index is in memory, blocks are read as they are asked. */
export class TagFile {
  readonly #file: FileHandle;
  readonly #firsts: Uint8Array;
  readonly #width: number;
  readonly #tagBytes: number;

  private constructor(file: FileHandle, firsts: Uint8Array, width: number, tagBytes: number) {
    this.#file = file;
    this.#firsts = firsts;
    this.#width = width;
    this.#tagBytes = tagBytes;
  }

  /** `width`: of an entry. */
  static async open(path: string, width: number, tagBytes = width): Promise<TagFile> {
    const firsts = new Uint8Array(await readFile(indexOf(path)));
    return new TagFile(await open(path, "r"), firsts, width, tagBytes);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Tags side by side, in any order; each block is read once. */
  async lookUp(tags: Uint8Array): Promise<FoundTags> {
    const tagBytes = this.#tagBytes;
    const restBytes = this.#width - tagBytes;
    const count = tags.length / tagBytes;
    const tagAt = (i: number): Uint8Array => tags.subarray(i * tagBytes, (i + 1) * tagBytes);
    const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => compare(tagAt(a), tagAt(b)));
    const out = { found: new Uint8Array(count), rest: new Uint8Array(count * restBytes) };
    let loaded = -1;
    let block: Uint8Array = new Uint8Array(0);
    for (const query of order) {
      const wanted = lastNotAbove(this.#firsts, this.#width, tagAt(query));
      if (wanted < 0) continue;
      if (wanted !== loaded) block = await this.#block(wanted);
      loaded = wanted;
      const place = lastNotAbove(block, this.#width, tagAt(query)) * this.#width;
      if (place < 0 || compare(tagAt(query), block.subarray(place, place + tagBytes)) !== 0) continue;
      out.found[query] = 1;
      out.rest.set(block.subarray(place + tagBytes, place + this.#width), query * restBytes);
    }
    return out;
  }

  async #block(number: number): Promise<Uint8Array> {
    const block = new Uint8Array(BLOCK_TAGS * this.#width);
    const { bytesRead } = await this.#file.read(block, 0, block.length, number * block.length);
    return block.subarray(0, bytesRead);
  }
}

/** For each of `tags` 1 if the file of tags holds it. */
export async function findTags(path: string, width: number, tags: Uint8Array): Promise<Uint8Array> {
  const file = await TagFile.open(path, width);
  try {
    return (await file.lookUp(tags)).found;
  } finally {
    await file.close();
  }
}

/** Place of the last string of an ascending list whose leading bytes are not above `tag`; -1 if all are. */
function lastNotAbove(list: Uint8Array, width: number, tag: Uint8Array): number {
  let [low, high] = [0, list.length / width];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(list.subarray(middle * width, middle * width + tag.length), tag) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
