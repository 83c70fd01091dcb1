/**
 * Puts together what models of a cross-validation say of the rows held out from each (as scikit-learn's `cross_val_predict`), and how
 * their figures vary from fold to fold. Which rows are in which fold, `split` says; what is fitted to the others is whatever steps the
 * flow has for each fold. Columns that not all folds have are left out. Steps before the folds may have seen held-out rows, so the report names those of the guest's columns.
 *
 * Local: the guest has scores and labels, and nobody else learns anything.
 */
import { TomboloError } from "@tombolo/base";
import { overFolds } from "@tombolo/federated/evaluation";
import { z } from "zod";
import { component, one, optional, type Port, report, type TaskContext, type TaskTable, table } from "../component.ts";
import { keysOf } from "../evaluate/second.ts";
import { FOLDS_MAX } from "../split/parameters.ts";
import { below } from "../union/rows.ts";
import { type Figures, figuresIn } from "./figures.ts";
import { type Parameters, parameters } from "./parameters.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

const PORTS = Array.from({ length: FOLDS_MAX }, (_, fold) => `fold${fold + 1}`);
const FOLD_COLUMN = "fold";

export const crossValidate = component({
  name: "cross-validate",
  version: "1.0.0",
  title: { en: "Cross-validate", zh: "交叉验证" },
  summary: {
    en: "Puts the scores of rows held out fold by fold into one table, and says how figures vary between folds, at the guest.",
    zh: "发起方将各折留出行的分数合为一张表，并给出各折指标的均值与波动。",
  },
  roles: { guest: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: Object.fromEntries(PORTS.map((name, i): [string, Port] => [name, i < 2 ? table() : optional(table())])),
  outputs: { data: table(), report: report() },
  protocol: null,
  use: "both",
  discloses: () => [],
  run: { guest: run },
});

async function run(context: Context): Promise<void> {
  const { inputs, outputs, parameters: given } = context;
  const present = PORTS.flatMap((port, i) => (inputs.has(port) ? [{ port, fold: i + 1 }] : []));
  const tables = inCommon(await Promise.all(present.map(({ port }) => inputs.table(port))));
  // No row is in two folds, so that none stands more often than in its own.
  const copiesMax = Math.max(...tables.map((each) => each.copiesMax ?? 1));
  const all = { ...tables.reduce(below), aligned: false, copiesMax };
  checkRows(all);
  const figures = figuresIn(all, given);
  const folds = present.map(({ fold }, i) => {
    const first = tables.slice(0, i).reduce((sum, { rowCount }) => sum + rowCount, 0);
    const rows = Uint32Array.from({ length: tables[i]!.rowCount }, (_, row) => first + row);
    return { fold, rows: rows.length, figures: figures(rows) };
  });
  const pooled = figures(Uint32Array.from({ length: all.rowCount }, (_, row) => row));
  await outputs.report("report", {
    kind: "cross-validation",
    title: { en: "Cross-validation", zh: "交叉验证" },
    data: {
      objective: given.objective,
      rows: all.rowCount,
      before: stepsBefore(all),
      folds,
      figures: summary(folds, pooled),
    },
  });
  const numbers = Float64Array.from(folds.flatMap(({ fold, rows }) => new Array<number>(rows).fill(fold)));
  const column = { kind: "number" as const, name: FOLD_COLUMN, values: numbers };
  await outputs.table("data", { ...all, columns: [...all.columns, column] });
  context.progress({ stage: "cross-validate", done: 1, total: 1, rows: all.rowCount });
}

/** What a model tells of columns that it uses, not every fold's does. */
const inCommon = (tables: readonly TaskTable[]): TaskTable[] =>
  tables.map((table) => ({
    ...table,
    columns: table.columns.filter(({ name, kind }) =>
      tables.every(({ columns }) => columns.some((each) => each.name === name && each.kind === kind)),
    ),
  }));

/** What held-out rows went through when they were held out. */
const stepsBefore = ({ pipeline = [] }: TaskTable): string[] => [...new Set(pipeline.map(({ kind }) => kind))];

const summary = (folds: readonly { readonly figures: Figures }[], pooled: Figures) =>
  Object.entries(pooled).map(([name, value]) => ({
    name,
    ...overFolds(folds.map(({ figures }) => figures[name] ?? null)),
    /** Of all held-out rows as one table: ranks rows of different models by each other. */
    pooled: value,
  }));

function checkRows(all: TaskTable): void {
  if (all.columns.some(({ name }) => name === FOLD_COLUMN))
    throw new TomboloError("input.columns", `a column of the table is called "${FOLD_COLUMN}" already`, {
      remedy: "Score without keeping that column.",
    });
  // Of many rows to one, several have the same id.
  const twice = all.keys.length === 0 || (all.copiesMax ?? 1) > 1 ? 0 : all.rowCount - new Set(keysOf(all)).size;
  if (twice === 0) return;
  throw new TomboloError("input.rows", "a row is in two folds", {
    remedy: "Let all folds be of the same table, number of folds and draw, each by its own number.",
    detail: { rows: twice },
  });
}
