/** A set of a table's rows: one bit each. */
import { readFile, writeFile } from "node:fs/promises";

export class RowSet {
  readonly #bits: Uint8Array;

  private constructor(bits: Uint8Array) {
    this.#bits = bits;
  }

  static none(rowCount: number): RowSet {
    return new RowSet(new Uint8Array(Math.ceil(rowCount / 8)));
  }

  static async read(path: string): Promise<RowSet> {
    return new RowSet(await readFile(path));
  }

  /** Durable when it resolves. */
  write(path: string): Promise<void> {
    return writeFile(path, this.#bits, { mode: 0o600, flush: true });
  }

  add(rows: Uint32Array, offset = 0): void {
    for (let i = 0; i < rows.length; i++) this.#bits[(rows[i]! + offset) >>> 3]! |= 1 << ((rows[i]! + offset) & 7);
  }

  has(row: number): boolean {
    return ((this.#bits[row >>> 3]! >> (row & 7)) & 1) === 1;
  }

  get count(): number {
    let count = 0;
    for (let byte of this.#bits) for (; byte > 0; byte &= byte - 1) count += 1;
    return count;
  }

  union(other: RowSet): RowSet {
    return new RowSet(this.#bits.map((byte, i) => byte | other.#bits[i]!));
  }

  intersection(other: RowSet): RowSet {
    return new RowSet(this.#bits.map((byte, i) => byte & other.#bits[i]!));
  }

  /** All rows of the table that are not in it, ascending, in parts. */
  *others(rowCount: number, partRows = 2 ** 20): Generator<Uint32Array> {
    for (let from = 0; from < rowCount; from += partRows) {
      const part = new Uint32Array(Math.min(partRows, rowCount - from));
      let found = 0;
      for (let row = from; row < from + part.length; row++) if (!this.has(row)) part[found++] = row;
      yield part.subarray(0, found);
    }
  }

  /** The lowest, at most `most`. */
  first(most: number): number[] {
    const rows: number[] = [];
    for (let at = 0; at < this.#bits.length && rows.length < most; at++)
      for (let bit = 0; this.#bits[at] !== 0 && bit < 8 && rows.length < most; bit++)
        if (this.has(8 * at + bit)) rows.push(8 * at + bit);
    return rows;
  }
}
