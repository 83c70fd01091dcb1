import type { TransformStore } from "../kept-transforms.ts";

/** A store in memory that counts. */
export class Shelf implements TransformStore {
  readonly #words = new Map<number, BigUint64Array>();
  written = 0;
  reads = 0;

  async write(words: BigUint64Array): Promise<number> {
    this.#words.set(this.written, words.slice());
    return this.written++;
  }

  async read(place: number, words: BigUint64Array): Promise<void> {
    this.reads++;
    words.set(this.#words.get(place)!);
  }

  drop(place: number, words: number): void {
    if (this.#words.get(place)?.length !== words) throw new Error("what is dropped was written");
    this.#words.delete(place);
  }

  get held(): number {
    return this.#words.size;
  }
}
