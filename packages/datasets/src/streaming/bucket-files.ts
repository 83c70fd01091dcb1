/**
 * Records spread over many buckets: written in large pieces to one file each, read back whole.
 */
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { syncPath } from "../write-table.ts";

/** All write buffers together. */
const BUFFER_BYTES = 64 * 2 ** 20;
const BUFFER_BYTES_MAX = 2 ** 20;

export class BucketFiles {
  readonly #folder: string;
  readonly #bufferBytes: number;
  readonly #buffers: { bytes: Uint8Array; length: number }[];
  readonly #sizes: number[];

  private constructor(folder: string, buckets: number) {
    this.#folder = folder;
    this.#bufferBytes = Math.min(BUFFER_BYTES_MAX, Math.floor(BUFFER_BYTES / buckets));
    this.#buffers = Array.from({ length: buckets }, () => ({ bytes: new Uint8Array(0), length: 0 }));
    this.#sizes = new Array(buckets).fill(0);
  }

  /** In a folder of its own, emptied first. */
  static async create(folder: string, buckets: number): Promise<BucketFiles> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new BucketFiles(folder, buckets);
  }

  /** The caller may reuse `bytes` once this resolves. */
  async append(bucket: number, bytes: Uint8Array): Promise<void> {
    const buffer = this.#buffers[bucket]!;
    this.#sizes[bucket]! += bytes.length;
    if (buffer.length + bytes.length > this.#bufferBytes) await this.#flush(bucket);
    if (bytes.length > this.#bufferBytes) return this.#write(bucket, bytes);
    if (buffer.bytes.length === 0) buffer.bytes = new Uint8Array(this.#bufferBytes);
    buffer.bytes.set(bytes, buffer.length);
    buffer.length += bytes.length;
  }

  /** All is handed to the system, and its memory free; durable only once it is replaced. */
  async finish(): Promise<void> {
    for (let bucket = 0; bucket < this.#buffers.length; bucket++) {
      await this.#flush(bucket);
      this.#buffers[bucket]!.bytes = new Uint8Array(0);
    }
  }

  get sizes(): readonly number[] {
    return this.#sizes;
  }

  /** In memory of its own, or in `room` where it fits: to be seen as wider elements. */
  static async read(folder: string, bucket: number, room?: Uint8Array): Promise<Uint8Array> {
    const file = await open(fileOf(folder, bucket), "r").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (file === undefined) return new Uint8Array(0);
    try {
      const { size } = await file.stat();
      const bytes = room !== undefined && room.length >= size ? room.subarray(0, size) : new Uint8Array(size);
      for (let at = 0; at < size; ) {
        const { bytesRead } = await file.read(bytes, at, size - at, at);
        if (bytesRead === 0) throw new Error("assertion failed: the file is as long as it was");
        at += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  }

  /** Puts other content into a bucket that is finished. Survives the process, and the machine once it is synced. */
  static async replace(folder: string, bucket: number, parts: readonly Uint8Array[]): Promise<void> {
    await writeFile(fileOf(folder, bucket), parts, { mode: 0o600 });
  }

  /** All is on the disk itself. */
  static async sync(folder: string, buckets: number): Promise<void> {
    for (let bucket = 0; bucket < buckets; bucket++) await syncPath(fileOf(folder, bucket));
  }

  static remove(folder: string): Promise<void> {
    return rm(folder, { recursive: true, force: true });
  }

  async #flush(bucket: number): Promise<void> {
    const buffer = this.#buffers[bucket]!;
    if (buffer.length === 0) return;
    await this.#write(bucket, buffer.bytes.subarray(0, buffer.length));
    buffer.length = 0;
  }

  async #write(bucket: number, bytes: Uint8Array): Promise<void> {
    const file = await open(fileOf(this.#folder, bucket), "a", 0o600);
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
  }
}

const fileOf = (folder: string, bucket: number): string => join(folder, `${bucket}.records`);
