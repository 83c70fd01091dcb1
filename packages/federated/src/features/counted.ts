/** Numbers of a column in many buckets of one width, from which all its figures are read: no column is sorted as a whole. */

/** Bars of a histogram, and how finely each is counted to find quantiles in. */
const BARS = 20;
const FINE = 256;
const BUCKETS = BARS * FINE;
/** Of what is missing or infinite. */
const NO_BUCKET = 0xffff;
/** Squares of numbers up to here, and their sums, are numbers; those of larger ones are, times `SMALL`. */
const LARGE = 2 ** 480;
const SMALL = 2 ** -560;

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

export class Counted {
  readonly missing: number;
  readonly infinite: number;
  readonly finite: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  readonly #values: Float64Array;
  /** Halves, since the range itself may be beyond the largest number. */
  readonly #start: number;
  readonly #range: number;
  /** Of each row. */
  readonly #buckets: Uint16Array;
  readonly #rows = new Float64Array(BUCKETS);
  /** Rows in buckets before each. */
  readonly #before = new Float64Array(BUCKETS + 1);
  readonly #least = new Float64Array(BUCKETS).fill(Number.POSITIVE_INFINITY);
  readonly #most = new Float64Array(BUCKETS).fill(Number.NEGATIVE_INFINITY);

  constructor(values: Float64Array) {
    this.#values = values;
    let [finite, missing, sum] = [0, 0, 0];
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (Number.isFinite(value)) {
        finite++;
        sum += value;
        if (value < min) min = value;
        if (value > max) max = value;
      } else if (Number.isNaN(value)) missing++;
    }
    [this.finite, this.missing, this.infinite] = [finite, missing, values.length - finite - missing];
    [this.min, this.max] = [min, max];
    [this.#start, this.#range] = [min / 2, max / 2 - min / 2];
    // Numbers whose sum or squares are beyond the largest number are taken in parts of themselves.
    const unit = Math.max(-min, max) > LARGE ? SMALL : 1;
    this.mean = unit === 1 ? sum / finite : values.reduce((m, x) => (Number.isFinite(x) ? m + x / finite : m), 0);
    this.#buckets = new Uint16Array(values.length);
    const squares = this.#fill(unit);
    this.deviation = finite > 1 ? Math.sqrt(squares / (finite - 1)) / unit : 0;
    for (let i = 0; i < BUCKETS; i++) this.#before[i + 1] = this.#before[i]! + this.#rows[i]!;
  }

  get histogram(): Bar[] {
    const bars = this.max > this.min ? BARS : 1;
    // Not min + i * width, which the largest and the smallest numbers have no digits for.
    const edge = (i: number): number => (i === bars ? this.max : this.min * (1 - i / bars) + this.max * (i / bars));
    return Array.from({ length: bars }, (_, i) => ({
      from: edge(i),
      to: edge(i + 1),
      rows: this.#before[(i + 1) * FINE]! - this.#before[i * FINE]!,
    }));
  }

  /** Linear between neighbours; only the buckets that hold one are sorted. */
  quantiles(shares: readonly number[]): number[] {
    const ranks = shares.map((share) => (this.finite - 1) * share);
    const needed = ranks.flatMap((rank) => [this.#holding(Math.floor(rank)), this.#holding(Math.ceil(rank))]);
    const contents = this.#sorted(new Set(needed));
    const at = (rank: number): number => {
      const bucket = this.#holding(rank);
      return contents.get(bucket)?.[rank - this.#before[bucket]!] ?? this.#least[bucket]!;
    };
    return ranks.map((rank) => {
      const [below, above] = [at(Math.floor(rank)), at(Math.ceil(rank))];
      return below === above ? below : below + (above - below) * (rank - Math.floor(rank));
    });
  }

  /** How many values are below the one or above the other. */
  beyond(low: number, high: number): number {
    const bounds = [low, high].filter((bound) => bound >= this.min && bound <= this.max);
    const contents = this.#sorted(new Set(bounds.map((bound) => this.#bucketOf(bound))));
    const upTo = (bound: number, counts: (value: number) => boolean): number => {
      if (bound < this.min) return 0;
      if (bound > this.max) return this.finite;
      const bucket = this.#bucketOf(bound);
      const inside = contents.get(bucket)?.filter(counts).length;
      return this.#before[bucket]! + (inside ?? (counts(this.#least[bucket]!) ? this.#rows[bucket]! : 0));
    };
    return upTo(low, (value) => value < low) + this.finite - upTo(high, (value) => value <= high);
  }

  /** Of each row how many of the ascending edges its value is above; one more than there are edges where it is missing. */
  parts(edges: readonly number[]): Uint8Array {
    const table = this.#partsOfBuckets(edges);
    const [values, buckets] = [this.#values, this.#buckets];
    const parts = new Uint8Array(values.length);
    for (let row = 0; row < parts.length; row++) {
      const part = table[buckets[row]!]!;
      if (part >= 0) parts[row] = part;
      else parts[row] = Number.isNaN(values[row]!) ? edges.length + 1 : above(edges, values[row]!);
    }
    return parts;
  }

  /** How many different numbers; null: more than `most`. Buckets with one value are not looked into. */
  distinct(most: number): number | null {
    const one = new Uint8Array(NO_BUCKET + 1);
    let ones = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      if (this.#least[bucket] === this.#most[bucket]) {
        one[bucket] = 1;
        ones++;
      }
    const seen = new Set<number>();
    const [values, buckets] = [this.#values, this.#buckets];
    for (let row = 0; row < values.length; row++) {
      if (one[buckets[row]!] === 1) continue;
      const value = values[row]!;
      if (Number.isNaN(value)) continue;
      seen.add(value);
      if (ones + seen.size > most) return null;
    }
    return ones + seen.size <= most ? ones + seen.size : null;
  }

  /** Sum of squares of what is left of the values without their mean, in units. */
  #fill(unit: number): number {
    const [values, buckets, rows, least, most] = [this.#values, this.#buckets, this.#rows, this.#least, this.#most];
    const mean = this.mean * unit;
    let squares = 0;
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (!Number.isFinite(value)) {
        buckets[row] = NO_BUCKET;
        continue;
      }
      const deviation = value * unit - mean;
      squares += deviation * deviation;
      const bucket = this.#bucketOf(value);
      buckets[row] = bucket;
      rows[bucket]!++;
      if (value < least[bucket]!) least[bucket] = value;
      if (value > most[bucket]!) most[bucket] = value;
    }
    return squares;
  }

  /** Not decreasing along values; of a finite one from the least to the greatest. */
  #bucketOf(value: number): number {
    if (!(this.#range > 0)) return 0;
    return Math.min(BUCKETS - 1, Math.floor(((value / 2 - this.#start) / this.#range) * BUCKETS));
  }

  /** The one that has the value of that rank. */
  #holding(rank: number): number {
    let [low, high] = [0, BUCKETS];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#before[middle]! <= rank) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Of those with more than one value. */
  #sorted(needed: ReadonlySet<number>): Map<number, Float64Array> {
    const mixed = [...needed].filter((bucket) => this.#least[bucket]! < this.#most[bucket]!);
    const out = new Map(mixed.map((bucket) => [bucket, new Float64Array(this.#rows[bucket]!)]));
    if (out.size === 0) return out;
    const places = new Int32Array(NO_BUCKET + 1).fill(-1);
    for (const bucket of mixed) places[bucket] = 0;
    for (let row = 0; row < this.#buckets.length; row++) {
      const bucket = this.#buckets[row]!;
      const place = places[bucket]!;
      if (place < 0) continue;
      out.get(bucket)![place] = this.#values[row]!;
      places[bucket] = place + 1;
    }
    for (const contents of out.values()) contents.sort();
    return out;
  }

  /** Of buckets without an edge in them, or with one value; -1 of the others. */
  #partsOfBuckets(edges: readonly number[]): Int16Array {
    const counts = new Int16Array(BUCKETS);
    for (const edge of edges) counts[this.#bucketOf(edge)]!++;
    const table = new Int16Array(NO_BUCKET + 1).fill(-1);
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const inside = counts[bucket]!;
      if (inside === 0) table[bucket] = below;
      else if (this.#least[bucket] === this.#most[bucket]) table[bucket] = above(edges, this.#least[bucket]!);
      below += inside;
    }
    return table;
  }
}

/** How many of the ascending edges the value is above. */
function above(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > edges[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}
