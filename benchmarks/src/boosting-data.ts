/** Tables for the boosting benchmark that each party makes up by itself, a column at a time: 10^7 rows are never in memory at once. */
import { type Column, discard, type Sampling, seededSampling } from "@tombolo/base";

export interface MadeUpShape {
  readonly rows: number;
  /** Columns of numbers with a common part, so that they are correlated; every third one bears on the label. */
  readonly guest: number;
  readonly host: number;
}

export type Side = "guest" | "host";

const SEED = 11;

const stream = (label: string): Sampling => seededSampling(SEED).fork(label);
const normalOf = (sampling: Sampling): (() => number) => {
  return () => sampling.next() + sampling.next() + sampling.next() - 1.5;
};

/** The same for both sides. */
function commonOf({ rows }: MadeUpShape): Float64Array {
  return Float64Array.from({ length: rows }, normalOf(stream("common")));
}

function columnOf(common: Float64Array, side: Side, j: number): Column & { kind: "number" } {
  const normal = normalOf(stream(`${side} ${j}`));
  return { kind: "number", name: `${side[0]}${j}`, values: common.map((shared) => 0.3 * shared + normal()) };
}

/** Each column is gone when the next is asked for. */
export function* madeUpColumns(shape: MadeUpShape, side: Side): Generator<Column> {
  const common = commonOf(shape);
  for (let j = 0; j < shape[side]; j++) {
    const column = columnOf(common, side, j);
    yield column;
    discard(column.values);
  }
  discard(common);
}

export function madeUpLabels(shape: MadeUpShape): Float64Array {
  const common = commonOf(shape);
  const predictor = new Float64Array(shape.rows).fill(-1);
  for (const side of ["guest", "host"] as const)
    for (let j = 0; j < shape[side]; j += 3) {
      const weight = (j % 2 === 0 ? 1.5 : -1.2) / Math.sqrt(shape[side]);
      const { values } = columnOf(common, side, j);
      for (let row = 0; row < predictor.length; row++) predictor[row]! += weight * values[row]!;
      discard(values);
    }
  discard(common);
  const sampling = stream("labels");
  return predictor.map((z) => (sampling.next() < 1 / (1 + Math.exp(-2 * z)) ? 1 : 0));
}

/** What a party of the benchmark trains on: columns of a user's files, or a table to make up. */
export type PartyTable =
  | { readonly kind: "given"; readonly columns: readonly Column[]; readonly labels: Float64Array | null }
  | { readonly kind: "made-up"; readonly shape: MadeUpShape; readonly side: Side };

/** `spent` takes the processor time that making each one up took. */
export function* columnsOf(table: PartyTable, spent: (seconds: number) => void): Generator<Column> {
  if (table.kind === "given") return yield* table.columns;
  let started = process.cpuUsage();
  for (const column of madeUpColumns(table.shape, table.side)) {
    const { user, system } = process.cpuUsage(started);
    spent((user + system) / 1e6);
    yield column;
    started = process.cpuUsage();
  }
}

/** The guest's alone. */
export function labelsOf(table: PartyTable): Float64Array | null {
  if (table.kind === "given") return table.labels;
  return table.side === "guest" ? madeUpLabels(table.shape) : null;
}
