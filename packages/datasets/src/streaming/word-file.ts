/**
 * Arrays of words that memory has no room for, in a file without a name: it is gone with whoever opened it, also after a kill, and holds
 * its space no longer. What was read lately is in the system's page cache, as of a mapped file.
 */
import { type FileHandle, open, rm } from "node:fs/promises";
import { storageError } from "../failures.ts";

export class WordFile {
  readonly #file: FileHandle;
  #end = 0;
  /** Places of so many bytes that may be written over. */
  readonly #free = new Map<number, number[]>();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** `path`: where it is made. Throws `resource.disk`. */
  static async open(path: string): Promise<WordFile> {
    return onDisk(async () => {
      await rm(path, { force: true });
      const file = await open(path, "wx+", 0o600);
      await rm(path);
      return new WordFile(file);
    });
  }

  /** Where the words are then. Throws `resource.disk`. */
  async write(words: BigUint64Array): Promise<number> {
    const place = this.#room(words.byteLength);
    const bytes = bytesOf(words);
    await onDisk(async () => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, place + at);
        at += bytesWritten;
      }
    });
    return place;
  }

  /** As many as were written at that place. Throws `resource.disk`. */
  async read(place: number, words: BigUint64Array): Promise<void> {
    const bytes = bytesOf(words);
    await onDisk(async () => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await this.#file.read(bytes, at, bytes.length - at, place + at);
        if (bytesRead === 0) throw new Error("the file is shorter than what was written");
        at += bytesRead;
      }
    });
  }

  /** Its space serves for as many words again. */
  drop(place: number, words: number): void {
    const bytes = 8 * words;
    this.#free.set(bytes, [...(this.#free.get(bytes) ?? []), place]);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #room(bytes: number): number {
    const free = this.#free.get(bytes)?.pop();
    if (free !== undefined) return free;
    this.#end += bytes;
    return this.#end - bytes;
  }
}

const bytesOf = (words: BigUint64Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

async function onDisk<T>(use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw storageError(error, "resource.disk", "a temporary file could not be written or read");
  }
}
