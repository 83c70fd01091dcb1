/**
 * A host's part of a model worked out beforehand for every one of its rows, to be sealed and looked up by keyword
 * (protocols, query/keyword): the host then need not know which rows are scored.
 *
 * Goal: for each row the bits that serving answers (serving.ts), as bytes of one width. Learns: who opens a row's
 * record what serving tells of it, `HostAnswer`; in place of "too old" the hour from which the row is.
 * Must not learn: thresholds, columns' names and values.
 *
 * A record: where rows have an age, that hour since 1970 (u32), else nothing; then a bit a split.
 */
import type { HostAnswer } from "../serving/guest.ts";
import { KNOWN, STALE, UNKNOWN } from "../serving/store.ts";
import { type FlatHost, hostBits } from "./compiled.ts";

const HOUR_MS = 3_600_000;
const HOUR_BYTES = 4;
const HOUR_MAX = 2 ** 32 - 1;

export interface RecordShape {
  /** Of the host. */
  readonly splits: number;
  /** Whether rows grow too old. */
  readonly ages: boolean;
}

export const scoreRecordBytes = ({ splits, ages }: RecordShape): number =>
  (ages ? HOUR_BYTES : 0) + Math.ceil(splits / 8);

/**
 * One record a row. `values` by used column (`usedValues`); `staleFrom`: of each row, in ms since 1970, or null where none
 * grows too old. Rows that are too old at `now` get no bits.
 */
export function scoreRecords(
  host: FlatHost,
  values: readonly Float64Array[],
  rows: number,
  staleFrom: Float64Array | null,
  now: number,
): Uint8Array {
  const shape = { splits: host.splits.count, ages: staleFrom !== null };
  const width = scoreRecordBytes(shape);
  const bitsAt = staleFrom === null ? 0 : HOUR_BYTES;
  const out = new Uint8Array(rows * width);
  const view = new DataView(out.buffer);
  const row = new Float64Array(values.length);
  const reached = new Uint8Array(shape.splits);
  for (let i = 0; i < rows; i++) {
    if (staleFrom !== null) {
      const hour = Math.min(HOUR_MAX, Math.max(0, Math.ceil(staleFrom[i]! / HOUR_MS)));
      view.setUint32(i * width, hour, true);
      if (hour * HOUR_MS <= now) continue;
    }
    for (let c = 0; c < values.length; c++) row[c] = values[c]![i]!;
    hostBits(host, row, 0, out, i * width + bitsAt, reached);
  }
  return out;
}

/** What serving would answer at `now`, by what was `found` and the records of it. */
export function tabulatedAnswer(found: Uint8Array, records: Uint8Array, shape: RecordShape, now: number): HostAnswer {
  const recordWidth = scoreRecordBytes(shape);
  const bitsAt = shape.ages ? HOUR_BYTES : 0;
  const width = recordWidth - bitsAt;
  const status = new Uint8Array(found.length);
  const bits = new Uint8Array(found.length * width);
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  for (let row = 0, at = 0; row < found.length; row++, at += recordWidth) {
    if (found[row] === 0) status[row] = UNKNOWN;
    else if (shape.ages && view.getUint32(at, true) * HOUR_MS <= now) status[row] = STALE;
    else {
      status[row] = KNOWN;
      bits.set(records.subarray(at + bitsAt, at + recordWidth), row * width);
    }
  }
  return { status, bits, width };
}
