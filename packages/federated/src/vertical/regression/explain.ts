/**
 * What moved each row's linear predictor from the intercept, at the guest and from what scoring shows it anyway: each own column
 * exactly, a host as one, several hosts as one together. The parts of a row sum up to its predictor less the intercept. These
 * are Shapley values for columns that are independent (Štrumbelj, Kononenko, KAIS 41, 2014, section 2.1).
 */
import type { Column } from "@tombolo/base";
import { termValues } from "./design.ts";
import { columnsOf, type GuestModel } from "./model.ts";

export interface Players {
  /** Own columns, the offset last where there is one. */
  readonly columns: readonly string[];
  /** One for all hosts of the model, if it has any. */
  readonly others: boolean;
}

export const playersOf = (model: Pick<GuestModel, "terms" | "offset" | "hosts">): Players => ({
  columns: [...columnsOf(model), ...(model.offset === null ? [] : [model.offset])],
  others: model.hosts.length > 0,
});

/** Row by row, in the order of the players. `theirs`: each row's total of all hosts; null: there are none. */
export function movedBy(
  model: GuestModel,
  columns: readonly Column[],
  count: number,
  theirs: Float64Array | null,
): Float64Array {
  const players = playersOf(model);
  const width = players.columns.length + (players.others ? 1 : 0);
  const out = new Float64Array(count * width);
  const add = (player: number, values: ArrayLike<number>, factor: number): void => {
    for (let row = 0; row < count; row++) out[row * width + player]! += factor * values[row]!;
  };
  termValues(model.terms, columns, model.missing).forEach((values, i) => {
    const { column, coefficient, scale } = model.terms[i]!;
    add(players.columns.indexOf(column), values, coefficient * scale);
  });
  const offset = columns.find(({ name }) => name === model.offset);
  if (offset?.kind === "number") add(players.columns.length - 1, offset.values, 1);
  if (theirs !== null) add(width - 1, theirs, 1);
  return out;
}
