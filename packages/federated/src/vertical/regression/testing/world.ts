/** Trains with both parties in one process. */
import { type Column, seededSampling } from "@tombolo/base";
import { type Me, runParties, type WorldOptions } from "@tombolo/test-kit";
import {
  defaultParameters,
  type GuestInput,
  type GuestRows,
  type HostInput,
  type RegressionParameters,
  type TwinInput,
  trainGuest,
  trainHost,
  trainingMessages,
} from "../index.ts";

export interface Table extends GuestRows {
  readonly guest: readonly Column[];
  readonly host: readonly Column[];
}

export type Options = Partial<RegressionParameters>;
export const parametersOf = (options: Options): RegressionParameters => ({ ...defaultParameters, ...options });

export interface Hooks {
  readonly guest?: Partial<GuestInput>;
  readonly host?: Partial<HostInput>;
}

const inputOf = (columns: readonly Column[], table: Table, options: Options): HostInput => ({
  columns,
  rowCount: table.labels.length,
  parameters: parametersOf(options),
});

export const asGuest =
  (table: Table, options: Options, hooks: Hooks = {}) =>
  async (me: Me) =>
    trainGuest(
      { ...inputOf(table.guest, table, options), rows: table, ...hooks.guest },
      await me.peer(trainingMessages, "guest", "telco", "host"),
      me.secrets,
    );

export const asHost =
  (table: Table, options: Options, hooks: Hooks = {}) =>
  async (me: Me) =>
    trainHost(
      { ...inputOf(table.host, table, options), ...hooks.host },
      await me.peer(trainingMessages, "host", "bank", "guest"),
      me.secrets,
    );

export async function trainWorld(table: Table, options: Options, hooks: Hooks = {}, world: WorldOptions = { seed: 7 }) {
  const { results, world: run } = await runParties(
    world,
    ["bank", asGuest(table, options, hooks)],
    ["telco", asHost(table, options, hooks)],
  );
  return { guest: results[0], host: results[1], cost: run.cost };
}

export const twinInput = (table: Table, options: Options): TwinInput => ({
  columns: [table.guest, table.host],
  rows: table,
  parameters: parametersOf(options),
});

const numbers = (name: string, values: readonly number[]): Column => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});

/** Numbers of about normal shape, correlated within and across parties, and one column of text. */
export function sampleColumns(
  rows: number,
  seed = 5,
): Pick<Table, "guest" | "host"> & { readonly predictor: number[] } {
  const sampling = seededSampling(seed);
  const normal = (): number =>
    Array.from({ length: 6 }, () => sampling.next() - 0.5).reduce((a, b) => a + b) * Math.SQRT2;
  const round = (value: number): number => Math.round(1e4 * value) / 1e4;
  const all = Array.from({ length: rows }, () => {
    const [common, ...own] = Array.from({ length: 6 }, normal);
    return own.map((value) => round(0.5 * common! + value));
  });
  const column = (at: number): number[] => all.map((row) => row[at]!);
  const kinds = Array.from({ length: rows }, () => sampling.below(3));
  return {
    guest: [
      numbers(
        "age",
        column(0).map((value) => round(40 + 10 * value)),
      ),
      numbers("income", column(1)),
    ],
    host: [
      numbers(
        "calls",
        column(2).map((value) => round(3 * value - 1)),
      ),
      { kind: "text", name: "plan", categories: ["a", "b", "c"], codes: Int32Array.from(kinds) },
      numbers("data", column(3)),
      numbers("months", column(4)),
    ],
    predictor: all.map(
      (row, i) => 0.8 * row[0]! - 0.5 * row[1]! + 0.7 * row[2]! + 0.4 * row[3]! + (kinds[i] === 2 ? 0.6 : 0) - 0.3,
    ),
  };
}

export function sampleTable(rows: number, seed = 5): Table {
  const { predictor, ...columns } = sampleColumns(rows, seed);
  const sampling = seededSampling(seed + 1);
  return {
    ...columns,
    labels: Float64Array.from(predictor, (z) => (sampling.next() < 1 / (1 + Math.exp(-z)) ? 1 : 0)),
  };
}

/** Counts for a time at risk, amounts and sums of amounts, with means that differ by factors of hundreds; offsets or weights of rows. */
export function skewedTable(rows: number, family: "poisson" | "gamma" | "tweedie", seed = 5): Table {
  const { predictor, ...columns } = sampleColumns(rows, seed);
  const sampling = seededSampling(seed + 2);
  const exponential = (): number => -Math.log(1 - sampling.next());
  const count = (mean: number): number => {
    let [events, time] = [0, exponential()];
    for (; time < mean; time += exponential()) events++;
    return events;
  };
  const round = (value: number): number => Number(value.toPrecision(6));
  const offsets = Float64Array.from({ length: rows }, () => round(Math.log(0.05 + sampling.next())));
  const weights = Float64Array.from({ length: rows }, (_, row) => 1 + (row % 3));
  const means = predictor.map((z, row) => Math.exp(z + offsets[row]!));
  const amounts = (mean: number, events: number): number =>
    round(mean * Array.from({ length: events }, exponential).reduce((sum, one) => sum + one, 0));
  if (family === "poisson") return { ...columns, labels: Float64Array.from(means, count), offsets };
  if (family === "gamma")
    return { ...columns, labels: Float64Array.from(means, (mean) => amounts(400 * mean, 2)), offsets, weights };
  return { ...columns, labels: Float64Array.from(means, (mean) => amounts(900 * mean, count(1))), offsets, weights };
}

/** Labels of several classes, from 0 on: the likeliest of predictors that differ, up to noise. */
export function classTable(rows: number, classes = 3, seed = 5): Table {
  const { predictor, ...columns } = sampleColumns(rows, seed);
  const sampling = seededSampling(seed + 3);
  const gumbel = (): number => -Math.log(-Math.log(sampling.next() + 1e-12));
  const [income] = columns.guest.slice(1);
  const second = income?.kind === "number" ? income.values : new Float64Array(rows);
  const labels = Float64Array.from(predictor, (z, row) => {
    const scores = Array.from(
      { length: classes },
      (_, c) => Math.cos(c * 2) * z + Math.sin(c * 2) * 1.5 * second[row]! + gumbel(),
    );
    return scores.indexOf(Math.max(...scores));
  });
  return { ...columns, labels };
}
