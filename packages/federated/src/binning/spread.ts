/**
 * Numbers in buckets that keep their order, so that a quantile is found by sorting one bucket, and a row's bin by looking at
 * its bucket: a column is read a few times, and not sorted as a whole. Buckets are of one width; where that leaves one of them
 * with many values, as of amounts of money, they are of the leading bits of the numbers, that is of widths that grow.
 */
const WIDE = 4096;
const NONE = 0xffff;
/** Share of the values that a bucket of one width may hold. */
const CROWDED = 1 / 16;

/** A distinct value, where it starts among the sorted ones and where the next one does. */
interface Run {
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

/** Without what is missing (NaN); finite. */
export class Spread {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly #values: Float64Array;
  readonly #start: number;
  readonly #factor: number;
  /** Of each row. */
  readonly #buckets: Uint16Array;
  #byBits = false;
  #first = 0;
  /** Values in buckets before each. */
  #before = new Float64Array(WIDE + 1);
  /** The least and the greatest in each. */
  #least = new Float64Array(WIDE).fill(Number.POSITIVE_INFINITY);
  #most = new Float64Array(WIDE).fill(Number.NEGATIVE_INFINITY);
  readonly #sorted = new Map<number, Float64Array>();

  constructor(values: Float64Array) {
    this.#values = values;
    let [count, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (Number.isNaN(value)) continue;
      count++;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    [this.count, this.min, this.max] = [count, min, max];
    // Halves, since the range itself may be beyond the largest number.
    this.#start = min / 2;
    const factor = WIDE / (max / 2 - min / 2);
    this.#factor = Number.isFinite(factor) ? factor : 0;
    this.#buckets = new Uint16Array(values.length).fill(NONE);
    if (this.#fill() > CROWDED * count && min < max) {
      this.#byBits = true;
      this.#first = bitsOf(min);
      const size = bitsOf(max) - this.#first + 1;
      this.#before = new Float64Array(size + 1);
      this.#least = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
      this.#most = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
      this.#fillByBits();
    }
  }

  /** Not decreasing along values, so that equal ones share a bucket. */
  bucketOf(value: number): number {
    const at = this.#byBits ? bitsOf(value) - this.#first : Math.floor((value / 2 - this.#start) * this.#factor);
    return Math.min(Math.max(at, 0), this.#least.length - 1);
  }

  /** The runs around those places among the sorted values, 0 to count - 1, ascending. */
  runsAt(places: readonly number[]): Run[] {
    this.#sort(places.map((place) => this.#bucketAt(place)));
    return places.map((place) => this.#runAt(place));
  }

  /** The next greater value after a run; undefined after the last one. */
  nextAfter({ to }: Run): number | undefined {
    if (to === this.count) return undefined;
    const bucket = this.#bucketAt(to);
    const at = to - this.#before[bucket]!;
    return at === 0 ? this.#least[bucket]! : this.#sorted.get(bucket)![at]!;
  }

  /** How many of the ascending `edges` each value is at or above, into `codes`; what is missing is `missing`. */
  code(edges: readonly number[], missing: number, codes: Uint8Array): void {
    const table = this.#codesOfBuckets(edges);
    const [values, buckets] = [this.#values, this.#buckets];
    for (let row = 0; row < buckets.length; row++) {
      const bucket = buckets[row]!;
      if (bucket === NONE) {
        codes[row] = missing;
        continue;
      }
      const code = table[bucket]!;
      codes[row] = code >= 0 ? code : edgesUpTo(edges, values[row]!);
    }
  }

  /** How many values lie before the first edge, between it and the second, and so on, those after the last one left out. */
  rowsBetween(edges: readonly number[]): number[] {
    this.#sort(edges.map((edge) => this.bucketOf(edge)));
    let before = 0;
    return edges.map((edge) => {
      const bucket = this.bucketOf(edge);
      const upTo = this.#before[bucket]! + this.#below(bucket, edge);
      const rows = upTo - before;
      before = upTo;
      return rows;
    });
  }

  /** Of buckets without an edge in them, or with one value; -1 of the others. */
  #codesOfBuckets(edges: readonly number[]): Int16Array {
    const counts = new Int16Array(this.#before.length - 1);
    for (const edge of edges) counts[this.bucketOf(edge)]!++;
    let below = 0;
    return counts.map((count, bucket) => {
      below += count;
      if (count === 0) return below;
      return this.#least[bucket] === this.#most[bucket] ? edgesUpTo(edges, this.#least[bucket]!) : -1;
    });
  }

  #parts() {
    return {
      ...{ values: this.#values, buckets: this.#buckets, before: this.#before },
      ...{ least: this.#least, most: this.#most },
    };
  }

  /** How many values the fullest bucket holds. */
  #fill(): number {
    const { values, buckets, before, least, most } = this.#parts();
    const [start, factor] = [this.#start, this.#factor];
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (Number.isNaN(value)) continue;
      const at = Math.floor((value / 2 - start) * factor);
      const bucket = at < WIDE ? at : WIDE - 1;
      buckets[row] = bucket;
      before[bucket + 1]!++;
      if (value < least[bucket]!) least[bucket] = value;
      if (value > most[bucket]!) most[bucket] = value;
    }
    return summed(before);
  }

  #fillByBits(): void {
    const { values, buckets, before, least, most } = this.#parts();
    const first = this.#first;
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (Number.isNaN(value)) continue;
      const bucket = leadingBits(value === 0 ? 0 : words[2 * row + HIGH]!) - first;
      buckets[row] = bucket;
      before[bucket + 1]!++;
      if (value < least[bucket]!) least[bucket] = value;
      if (value > most[bucket]!) most[bucket] = value;
    }
    summed(before);
  }

  /** The one that holds a place. */
  #bucketAt(place: number): number {
    const before = this.#before;
    let [low, high] = [0, before.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (before[middle]! <= place) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Those of the buckets that hold several values and are not sorted yet. */
  #sort(wanted: readonly number[]): void {
    const isOpen = (bucket: number): boolean => !this.#sorted.has(bucket) && this.#least[bucket]! < this.#most[bucket]!;
    const needed = new Set(wanted.filter(isOpen));
    if (needed.size === 0) return;
    const ends = new Int32Array(NONE + 1).fill(-1);
    let size = 0;
    for (const bucket of needed) {
      ends[bucket] = size;
      size += this.#sizeOf(bucket);
    }
    const contents = new Float64Array(size);
    const [values, buckets] = [this.#values, this.#buckets];
    for (let row = 0; row < buckets.length; row++) {
      const end = ends[buckets[row]!]!;
      if (end < 0) continue;
      contents[end] = values[row]!;
      ends[buckets[row]!] = end + 1;
    }
    for (const bucket of needed)
      this.#sorted.set(bucket, contents.subarray(ends[bucket]! - this.#sizeOf(bucket), ends[bucket]!).sort());
  }

  #sizeOf(bucket: number): number {
    return this.#before[bucket + 1]! - this.#before[bucket]!;
  }

  /** Of a bucket that is sorted or holds one value. */
  #runAt(place: number): Run {
    const bucket = this.#bucketAt(place);
    const before = this.#before[bucket]!;
    const contents = this.#sorted.get(bucket);
    if (contents === undefined) return { value: this.#least[bucket]!, from: before, to: before + this.#sizeOf(bucket) };
    const value = contents[place - before]!;
    return { value, from: before + firstAt(contents, value), to: before + firstAbove(contents, value) };
  }

  /** How many values of such a bucket are below the edge. */
  #below(bucket: number, edge: number): number {
    const contents = this.#sorted.get(bucket);
    if (contents !== undefined) return firstAt(contents, edge);
    return this.#least[bucket]! < edge ? this.#sizeOf(bucket) : 0;
  }
}

/** Of the number of values in each bucket, one further along, how many are in those before; and the greatest number. */
function summed(before: Float64Array): number {
  let most = 0;
  for (let i = 1; i < before.length; i++) {
    most = Math.max(most, before[i]!);
    before[i]! += before[i - 1]!;
  }
  return most;
}

/** Of a number's two words the one with sign and exponent. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

function bitsOf(value: number): number {
  scratch[0] = value;
  return leadingBits(value === 0 ? 0 : scratchWords[HIGH]!);
}

/** In the order of numbers: those below 0 have their bits turned over. */
const leadingBits = (high: number): number => (high >>> 31 === 1 ? ~high >>> 16 : (high >>> 16) | 0x8000);

/** How many of the ascending edges are at or below the value. */
export const edgesUpTo = (edges: ArrayLike<number>, value: number): number => firstAbove(edges, value);

function firstAbove(sorted: ArrayLike<number>, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAt(sorted: ArrayLike<number>, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
