/** Transforms of a matrix that later products take up again: in memory as far as there is room, in a store of the caller's beyond it. */
import { discard } from "@tombolo/base";

/** Written once, read as often as it is wanted. What is in it is the matrix itself in another form: as secret as that. */
export interface TransformStore {
  /** Where they are then. */
  write(words: BigUint64Array): Promise<number>;
  read(place: number, words: BigUint64Array): Promise<void>;
  /** That place, of so many words, is not read any more. */
  drop(place: number, words: number): void;
}

/** For transforms of all matrices of an owner. */
export interface TransformRoom {
  /** Left in memory. */
  bytes: number;
  /** Null: what has no room is made anew each time. */
  readonly store: TransformStore | null;
}

interface Stored {
  readonly place: number;
  readonly words: number;
}

export class KeptTransforms {
  readonly #room: TransformRoom;
  readonly #inMemory = new Map<number, BigUint64Array>();
  readonly #stored = new Map<number, Stored>();

  constructor(room: TransformRoom) {
    this.#room = room;
  }

  get count(): number {
    return this.#inMemory.size + this.#stored.size;
  }

  /** Null where they are not kept. To be given back. */
  async take(key: number): Promise<BigUint64Array | null> {
    const found = this.#inMemory.get(key);
    if (found !== undefined) return found;
    const stored = this.#stored.get(key);
    if (stored === undefined) return null;
    const words = new BigUint64Array(stored.words);
    await this.#room.store!.read(stored.place, words);
    return words;
  }

  /** Keeps them if there is room. */
  async keep(key: number, transforms: BigUint64Array): Promise<void> {
    const { store } = this.#room;
    if (transforms.byteLength <= this.#room.bytes) {
      this.#room.bytes -= transforms.byteLength;
      this.#inMemory.set(key, transforms);
    } else if (store !== null)
      this.#stored.set(key, { place: await store.write(transforms), words: transforms.length });
  }

  /** What was taken, or offered to keep. */
  giveBack(key: number, transforms: BigUint64Array): void {
    if (!this.#inMemory.has(key)) discard(transforms);
  }

  forget(): void {
    for (const transforms of this.#inMemory.values()) {
      this.#room.bytes += transforms.byteLength;
      discard(transforms);
    }
    for (const { place, words } of this.#stored.values()) this.#room.store!.drop(place, words);
    this.#inMemory.clear();
    this.#stored.clear();
  }
}
