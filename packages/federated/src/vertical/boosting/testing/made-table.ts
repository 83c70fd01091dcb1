/** A made-up table with labels of every kind, number for number what xgboost.py makes. For tests only. */
import type { Column } from "@tombolo/base";

const ROWS = 3000;
const TRAINING = 2100;
const COLUMNS = 8;
/** The guest's; the others are the host's. */
const OWN = 3;

export type MadeLabel = "regression" | "poisson" | "tweedie" | "multi-class" | "weights";

export interface MadePart {
  /** By party, the guest first. */
  readonly columns: readonly (readonly Column[])[];
  readonly labels: Readonly<Record<MadeLabel, Float64Array>>;
}

export function madeTable(): { train: MadePart; test: MadePart } {
  const draw = generator(7);
  const values = Array.from({ length: COLUMNS }, () => new Float64Array(ROWS));
  const label = (): Float64Array => new Float64Array(ROWS);
  const labels = { regression: label(), poisson: label(), tweedie: label(), "multi-class": label(), weights: label() };
  for (let row = 0; row < ROWS; row++) {
    const u = values.map(() => Math.floor(8 * draw()) / 8);
    const noise = draw() + draw() + draw() + draw() - 2;
    const spike = draw() < 0.03 ? 30 : 0;
    labels.regression[row] = 10 * u[0]! * u[5]! + (u[3]! > 0.5 ? 5 : 0) + 3 * u[6]! * u[6]! + noise + spike;
    const rate = (0.3 + u[0]! + 2 * u[4]! * u[4]! + (u[6]! > 0.7 ? 0.8 : 0)) / 8;
    const count = values.filter(() => draw() < rate).length;
    labels.poisson[row] = count;
    labels.tweedie[row] = count * (0.5 + 2 * u[1]! + draw());
    const place = u[0]! + 2 * u[4]! + (u[5]! > 0.5 ? 1 : 0) + noise / 2;
    labels["multi-class"][row] = [1.2, 2, 2.8].filter((cut) => place > cut).length;
    labels.weights[row] = 1 + Math.floor(4 * u[7]!);
    values.forEach((column, i) => {
      column[row] = i === 2 && draw() < 0.1 ? Number.NaN : u[i]!;
    });
  }
  const part = (from: number, to: number): MadePart => {
    const columns = values.map((own, i): Column => ({ kind: "number", name: `u${i}`, values: own.slice(from, to) }));
    const cut = Object.entries(labels).map(([name, own]) => [name, own.slice(from, to)]);
    return { columns: [columns.slice(0, OWN), columns.slice(OWN)], labels: Object.fromEntries(cut) };
  };
  return { train: part(0, TRAINING), test: part(TRAINING, ROWS) };
}

/** Numerical Recipes' linear congruential generator, 24 bits a draw. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}
