/** Boosted trees as serving has them (vertical/serving): a host says a bit a split, as in prediction. */
import type { AnswerForm, HostForm } from "../serving/form.ts";
import type { HostAnswer } from "../serving/guest.ts";
import { type FlatGuest, type FlatHost, hostBits, marginOf, type RowBits } from "./compiled.ts";
import { binnedColumns } from "./split-bins.ts";

export function hostForm(host: FlatHost): HostForm {
  const reached = new Uint8Array(host.splits.count);
  return {
    columns: host.splits.columns,
    watched: binnedColumns(host.splits),
    bytes: Math.ceil(host.splits.count / 8),
    write: (values, at, out, outAt) => hostBits(host, values, at, out, outAt, reached),
  };
}

/** Of a host with so many splits. Spare bits must be zero. */
export const answerForm = (splits: number): AnswerForm => ({
  bytes: Math.ceil(splits / 8),
  sound: (part) => (splits & 7) === 0 || part[part.length - 1]! >> (splits & 7) === 0,
});

/**
 * Margins of rows whose values stand one after another in `values`; `answers` are those of the hosts, in the order of the
 * model. Rows that a host does not know are walked as if it said "right" everywhere: of no use to anybody.
 */
export function servedMargins(
  guest: FlatGuest,
  values: Float64Array,
  rows: number,
  answers: readonly HostAnswer[],
): Float64Array {
  const margins = new Float64Array(rows);
  const width = guest.splits.columns.length;
  const row: RowBits = rowBits(answers);
  for (let i = 0; i < rows; i++) {
    placeRow(row, answers, i);
    margins[i] = marginOf(guest, values, i * width, row);
  }
  return margins;
}

export const rowBits = (answers: readonly HostAnswer[]): RowBits => ({
  bits: answers.map(({ bits }) => bits),
  offsets: new Int32Array(answers.length),
});

export function placeRow({ offsets }: RowBits, answers: readonly HostAnswer[], row: number): void {
  for (let host = 0; host < offsets.length; host++) offsets[host] = row * answers[host]!.width;
}
