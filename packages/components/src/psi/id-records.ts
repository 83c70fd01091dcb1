/**
 * Records of a table's ids (digest and row) on their way into sorted buckets: in memory up to a size, else on disk. Sorted
 * buckets of several are on disk in either case, for an attempt that takes this one up again.
 */
import { ID_DIGEST_BYTES, RECORD_BYTES, type SortedRecords, sortRecords } from "@tombolo/crypto";
import { BucketFiles } from "@tombolo/datasets";
import type { Bucket } from "@tombolo/protocols/psi/buckets";

const MEMORY_BYTES_MAX = 256 * 2 ** 20;
/** Above the expected size of a bucket: the deviation of a million rows is a thousand. */
const SLACK = 1.02;
const SLACK_ROWS = 256;

export class IdRecords {
  readonly #folder: string;
  readonly #bits: number;
  /** Null: in memory. */
  readonly #files: BucketFiles | null;
  readonly #kept: Kept[];
  readonly #sorted = new Map<number, Bucket>();
  #room: Uint8Array = new Uint8Array(0);

  private constructor(folder: string, rowCount: number, bits: number, files: BucketFiles | null) {
    this.#folder = folder;
    this.#bits = bits;
    this.#files = files;
    const rows = bits === 0 ? rowCount : Math.ceil((SLACK * rowCount) / 2 ** bits) + SLACK_ROWS;
    this.#kept = files !== null ? [] : Array.from({ length: 2 ** bits }, () => new Kept(rows * RECORD_BYTES));
  }

  /** In a folder of its own, emptied first. */
  static async create(
    folder: string,
    rowCount: number,
    bits: number,
    memoryBytesMax = MEMORY_BYTES_MAX,
  ): Promise<IdRecords> {
    const files = await BucketFiles.create(folder, 2 ** bits);
    const inMemory = bits === 0 || rowCount * RECORD_BYTES <= memoryBytesMax;
    return new IdRecords(folder, rowCount, bits, inMemory ? null : files);
  }

  /** For what is added next, used again for what comes after. */
  room(rows: number): Uint8Array {
    if (this.#room.length < rows * RECORD_BYTES) this.#room = new Uint8Array(rows * RECORD_BYTES);
    return this.#room;
  }

  /** Of bucket b `offsets[b]` to `offsets[b + 1]`. */
  async add(records: Uint8Array, offsets: Uint32Array): Promise<void> {
    for (let bucket = 0; bucket + 1 < offsets.length; bucket++) {
      const part = records.subarray(RECORD_BYTES * offsets[bucket]!, RECORD_BYTES * offsets[bucket + 1]!);
      if (part.length === 0) continue;
      if (this.#files === null) this.#kept[bucket]!.append(part);
      else await this.#files.append(bucket, part);
    }
  }

  /** Sorts every bucket; `take` says what it is made of. */
  async sort(take: (sorted: SortedRecords) => Bucket): Promise<void> {
    this.#room = new Uint8Array(0);
    await this.#files?.finish();
    const rooms = new Rooms();
    let written: Promise<void> = Promise.resolve();
    let ahead = this.#unsorted(0, rooms);
    for (let index = 0; index < 2 ** this.#bits; index++) {
      const records = await ahead;
      const out = rooms.take(records.length);
      const bucket = take(await sortRecords(records, this.#bits, out));
      await written;
      rooms.free(records);
      if (this.#files === null) {
        this.#kept[index] = new Kept(0);
        this.#sorted.set(index, bucket);
      }
      if (index + 1 < 2 ** this.#bits) ahead = this.#unsorted(index + 1, rooms);
      if (this.#bits > 0) written = this.#write(index, bucket, out, rooms);
      written.catch(() => {}); // seen by the await of the next turn
    }
    await written;
  }

  /** A sorted bucket; where there are several it is not kept in memory any longer. Undefined: only on disk. */
  bucket(index: number): Bucket | undefined {
    const bucket = this.#sorted.get(index);
    if (this.#bits > 0) this.#sorted.delete(index);
    return bucket;
  }

  async #unsorted(index: number, rooms: Rooms): Promise<Uint8Array> {
    if (this.#files === null) return this.#kept[index]!.bytes;
    return BucketFiles.read(this.#folder, index, rooms.take(this.#files.sizes[index]!));
  }

  async #write(index: number, bucket: Bucket, out: Uint8Array, rooms: Rooms): Promise<void> {
    await BucketFiles.replace(this.#folder, index, encodeBucket(bucket));
    if (this.#files !== null) rooms.free(out);
  }
}

export async function readBucket(folder: string, index: number, keepsCopies: boolean): Promise<Bucket> {
  return decodeBucket(await BucketFiles.read(folder, index), keepsCopies);
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

/** Bytes that grow; their memory is theirs alone. */
class Kept {
  #bytes: Uint8Array;
  #length = 0;

  constructor(bytesExpected: number) {
    this.#bytes = new Uint8Array(bytesExpected);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  append(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      bytes.set(this.bytes);
      this.#bytes = bytes;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }
}

/** Memory used again: fresh memory costs more than what is done in it. */
class Rooms {
  readonly #free: ArrayBufferLike[] = [];

  take(bytes: number): Uint8Array {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= bytes);
    const [buffer] = at < 0 ? [] : this.#free.splice(at, 1);
    return buffer === undefined
      ? new Uint8Array(Math.ceil(SLACK * bytes)).subarray(0, bytes)
      : new Uint8Array(buffer, 0, bytes);
  }

  free({ buffer }: Uint8Array): void {
    if (this.#free.length < 4) this.#free.push(buffer);
  }
}
