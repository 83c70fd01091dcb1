/**
 * A host's rows as serving asks for them: by the digest of an id, what the host says of the row. That is made when a row
 * comes in, so an answer is a look-up and a copy. In typed arrays alone: 16 bytes of id, what is said, a byte a column (its
 * bin, to watch by), 8 bytes of time, and 4 to 16 bytes of index a row.
 */
import { TomboloError } from "@tombolo/base";
import type { HostForm } from "./form.ts";
import { ID_BYTES } from "./messages.ts";

const EMPTY = -1;
const GONE = -2;
const ROWS_MIN = 16;
const WORDS = ID_BYTES / 4;
const TIME_BYTES = 8;

export class ServingStore {
  readonly #form: HostForm;
  readonly #rowsMax: number;
  readonly partBytes: number;
  readonly #held: readonly Float64Array[];
  readonly #told: readonly Float64Array[];
  /** By row, a byte a column. */
  #bins: Uint8Array;
  #ids: Uint32Array;
  #parts: Uint8Array;
  /** When each row's features were true, in ms since 1970. */
  #times: Float64Array;
  /** Places of rows, by hash; at most half of it is used. */
  #index: Int32Array;
  #used = 0;
  #rows = 0;
  readonly #free: number[] = [];

  /** `rows` are expected, no more than `rowsMax` are taken. */
  constructor(form: HostForm, rows: number, rowsMax: number) {
    this.#form = form;
    this.#rowsMax = rowsMax;
    this.partBytes = form.bytes;
    const counts = (): Float64Array[] => this.#form.watched.map(({ bins }) => new Float64Array(bins));
    [this.#held, this.#told] = [counts(), counts()];
    const room = Math.max(ROWS_MIN, Math.min(rows, rowsMax));
    this.#ids = new Uint32Array(room * WORDS);
    this.#parts = new Uint8Array(room * this.partBytes);
    this.#bins = new Uint8Array(room * this.#form.watched.length);
    this.#times = new Float64Array(room);
    this.#index = emptyIndex(room);
  }

  get rowCount(): number {
    return this.#rows - this.#free.length;
  }

  /** By column, how many of the rows that are held, and of those answered so far, are in each bin. */
  get counts(): readonly { readonly name: string; readonly held: Float64Array; readonly told: Float64Array }[] {
    return this.#form.watched.map(({ name }, c) => ({ name, held: this.#held[c]!, told: this.#told[c]! }));
  }

  /** `values` from `at` on: the row in the order of the form's columns. A row of the same id is replaced. */
  put(id: Uint32Array, idAt: number, values: Float64Array, at: number, time: number): void {
    // First of all: a row that cannot be used is refused before anything is changed.
    const part = new Uint8Array(this.partBytes);
    this.#form.write(values, at, part, 0);
    const known = this.#find(id, idAt);
    if (known !== undefined) this.#count(this.#held, known, -1);
    const place = known ?? this.#add(id, idAt);
    this.#form.watched.forEach(({ binOf }, c) => {
      this.#bins[place * this.#form.watched.length + c] = binOf(values[at + c]!);
    });
    this.#count(this.#held, place, 1);
    this.#times[place] = time;
    this.#parts.set(part, place * this.partBytes);
  }

  has(id: Uint32Array, idAt: number): boolean {
    return this.#find(id, idAt) !== undefined;
  }

  /** False if there is no such row. */
  remove(id: Uint32Array, idAt: number): boolean {
    for (let slot = this.#slot(id[idAt]!); ; slot = this.#next(slot)) {
      const place = this.#index[slot]!;
      if (place === EMPTY) return false;
      if (place === GONE || !this.#is(place, id, idAt)) continue;
      this.#index[slot] = GONE;
      this.#count(this.#held, place, -1);
      this.#free.push(place);
      return true;
    }
  }

  /** Of one row as `value` gives it. */
  get valueBytes(): number {
    return TIME_BYTES + this.#form.watched.length + this.partBytes;
  }

  /** A row as another store keeps it: its time, a byte a column, what is said; undefined if there is none. */
  value(id: Uint32Array, idAt: number): Uint8Array | undefined {
    const place = this.#find(id, idAt);
    return place === undefined ? undefined : this.#valueAt(place);
  }

  /** What `value` gave, of the same model. */
  restore(id: Uint32Array, idAt: number, value: Uint8Array): void {
    if (value.length !== this.valueBytes || !this.#form.watched.every(({ bins }, c) => value[TIME_BYTES + c]! < bins))
      throw new TomboloError("resource.online-store", "the online store holds a row that is none of this service");
    const known = this.#find(id, idAt);
    if (known !== undefined) this.#count(this.#held, known, -1);
    const place = known ?? this.#add(id, idAt);
    const width = this.#form.watched.length;
    this.#times[place] = new DataView(value.buffer, value.byteOffset).getFloat64(0, true);
    this.#bins.set(value.subarray(TIME_BYTES, TIME_BYTES + width), place * width);
    this.#parts.set(value.subarray(TIME_BYTES + width), place * this.partBytes);
    this.#count(this.#held, place, 1);
  }

  /** Every row, in no order. */
  *rows(): Iterable<{ readonly id: Uint32Array; readonly value: Uint8Array }> {
    for (const place of this.#index)
      if (place >= 0) yield { id: this.#ids.subarray(place * WORDS, (place + 1) * WORDS), value: this.#valueAt(place) };
  }

  /**
   * For each id a byte that says UNKNOWN, STALE (older than `since`) or KNOWN, and what is said, which is zero unless known.
   */
  answer(ids: Uint32Array, since: number, out: Uint8Array, outAt: number): void {
    const width = 1 + this.partBytes;
    for (let i = 0, at = outAt; i < ids.length / WORDS; i++, at += width) {
      const place = this.#find(ids, i * WORDS);
      if (place === undefined) out[at] = UNKNOWN;
      else if (this.#times[place]! < since) out[at] = STALE;
      else {
        out[at] = KNOWN;
        this.#count(this.#told, place, 1);
        out.set(this.#parts.subarray(place * this.partBytes, (place + 1) * this.partBytes), at + 1);
      }
    }
  }

  #valueAt(place: number): Uint8Array {
    const width = this.#form.watched.length;
    const value = new Uint8Array(this.valueBytes);
    new DataView(value.buffer).setFloat64(0, this.#times[place]!, true);
    value.set(this.#bins.subarray(place * width, (place + 1) * width), TIME_BYTES);
    value.set(this.#parts.subarray(place * this.partBytes, (place + 1) * this.partBytes), TIME_BYTES + width);
    return value;
  }

  #find(id: Uint32Array, at: number): number | undefined {
    for (let slot = this.#slot(id[at]!); ; slot = this.#next(slot)) {
      const place = this.#index[slot]!;
      if (place === EMPTY) return undefined;
      if (place !== GONE && this.#is(place, id, at)) return place;
    }
  }

  #add(id: Uint32Array, at: number): number {
    if (this.rowCount >= this.#rowsMax)
      throw new TomboloError("resource.rows", "the service holds as many rows as it may", {
        remedy: "Give the service fewer rows, or deploy it with a higher rowsMax.",
      });
    if (2 * (this.#used + 1) > this.#index.length) this.#rebuild();
    const place = this.#free.pop() ?? this.#rows++;
    if (place >= this.#times.length) this.#grow();
    this.#ids.set(id.subarray(at, at + WORDS), place * WORDS);
    this.#insert(place);
    return place;
  }

  #insert(place: number): void {
    let slot = this.#slot(this.#ids[place * WORDS]!);
    while (this.#index[slot] !== EMPTY) slot = this.#next(slot);
    this.#index[slot] = place;
    this.#used += 1;
  }

  /** Without what is gone, and with room for twice the rows. */
  #rebuild(): void {
    const places = this.#index.filter((place) => place >= 0);
    this.#index = emptyIndex(2 * places.length);
    this.#used = 0;
    for (const place of places) this.#insert(place);
  }

  #grow(): void {
    const room = Math.min(this.#rowsMax, 2 * this.#times.length);
    this.#ids = extended(this.#ids, new Uint32Array(room * WORDS));
    this.#parts = extended(this.#parts, new Uint8Array(room * this.partBytes));
    this.#bins = extended(this.#bins, new Uint8Array(room * this.#form.watched.length));
    this.#times = extended(this.#times, new Float64Array(room));
  }

  #count(counts: readonly Float64Array[], place: number, by: number): void {
    const width = counts.length;
    for (let c = 0; c < width; c++) counts[c]![this.#bins[place * width + c]!]! += by;
  }

  #is(place: number, id: Uint32Array, at: number): boolean {
    const own = place * WORDS;
    for (let i = 0; i < WORDS; i++) if (this.#ids[own + i] !== id[at + i]) return false;
    return true;
  }

  /** Ids are digests: their first word is as good as any hash of them. */
  #slot(word: number): number {
    return word & (this.#index.length - 1);
  }

  #next(slot: number): number {
    return (slot + 1) & (this.#index.length - 1);
  }
}

export const UNKNOWN = 0;
export const KNOWN = 1;
export const STALE = 2;
/** The host has its rows elsewhere, and does not get at them now. */
export const AWAY = 3;

/** Ids as the store takes them. A copy, since bytes from elsewhere are seldom aligned; not by `slice`, which a Buffer has of its own. */
export const idWords = (ids: Uint8Array): Uint32Array => new Uint32Array(new Uint8Array(ids).buffer);

/** Of twice the rows or more, a power of two. */
const emptyIndex = (rows: number): Int32Array =>
  new Int32Array(2 ** Math.ceil(Math.log2(2 * Math.max(ROWS_MIN, rows) + 2))).fill(EMPTY);

function extended<T extends Uint32Array | Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
