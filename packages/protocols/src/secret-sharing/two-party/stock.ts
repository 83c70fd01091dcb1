/** One-time material made ahead: given out once each, in the order it was made. */

type Column = Uint8Array | Uint32Array | BigUint64Array;

/** `array.length / count` elements of each column belong to one; counts are multiples of eight, for columns of packed bits. */
export type Columns = Readonly<Record<string, Column>>;

export class Stock<T extends Columns> {
  readonly #empty: T;
  #parts: { readonly columns: T; readonly count: number; taken: number }[] = [];
  #available = 0;

  /** What nothing of it looks like. */
  constructor(empty: T) {
    this.#empty = empty;
  }

  get available(): number {
    return this.#available;
  }

  put(columns: T, count: number): void {
    if (count % 8 !== 0) throw new RangeError("a stock takes multiples of eight");
    if (count === 0) return;
    this.#parts.push({ columns, count, taken: 0 });
    this.#available += count;
  }

  /** Never the same twice: what is taken is forgotten here. */
  take(count: number): T {
    if (count === 0) return this.#empty;
    if (count % 8 !== 0 || count > this.#available) throw new RangeError("more than the stock has");
    const slices: T[] = [];
    for (let left = count; left > 0; ) {
      const part = this.#parts[0]!;
      const here = Math.min(left, part.count - part.taken);
      slices.push(sliced(part.columns, part.count, part.taken, part.taken + here));
      part.taken += here;
      left -= here;
      if (part.taken === part.count) this.#parts.shift();
    }
    this.#available -= count;
    return joined(slices);
  }
}

function sliced<T extends Columns>(columns: T, count: number, from: number, to: number): T {
  const cut = (array: Column): Column => array.subarray((array.length * from) / count, (array.length * to) / count);
  return Object.fromEntries(Object.entries(columns).map(([name, array]) => [name, cut(array)])) as unknown as T;
}

export function joined<T extends Columns>(parts: readonly T[]): T {
  if (parts.length === 1) return parts[0]!;
  const names = Object.keys(parts[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, concatenated(parts.map((part) => part[name]!))]),
  ) as unknown as T;
}

function concatenated(arrays: readonly Column[]): Column {
  const length = arrays.reduce((sum, array) => sum + array.length, 0);
  const out = new (arrays[0]!.constructor as new (length: number) => Column)(length);
  let at = 0;
  for (const array of arrays) {
    // All are of the same kind, as columns of one name are.
    (out as Uint8Array).set(array as Uint8Array, at);
    at += array.length;
  }
  return out;
}
