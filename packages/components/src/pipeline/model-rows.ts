/** Rows of a table as a part of a model takes them: whatever its training rows went through is done to them on the way. */
import { type Column, TomboloError } from "@tombolo/base";
import { readColumns, streamColumns } from "@tombolo/datasets";
import type { RowSource } from "@tombolo/federated/vertical/boosting";
import { wrongColumn } from "@tombolo/federated/vertical/serving";
import type { TableFile, TaskContext } from "../component.ts";
import { leftToDo, type Pipeline } from "./pipeline.ts";
import { Replay } from "./replay.ts";

type Context = Pick<TaskContext<unknown, unknown>, "signal" | "outputs" | "log">;

/** What a model says of its rows. */
export interface Takes {
  /** Undefined of models of a version that did not keep it. */
  readonly pipeline: Pipeline | undefined;
  /** In the order in which the part takes them. */
  readonly columns: readonly string[];
}

export interface ModelRows {
  readonly rows: RowSource;
  /** Leaves the report of what was done, once all rows are through; none where there was nothing to do. */
  report(): Promise<void>;
}

/** Throws `input.columns` and `input.pipeline` before anything is sent. */
export function modelRows(context: Context, data: TableFile, takes: Takes): ModelRows {
  const replay = replayOf(data, takes);
  const { path, rowCount } = data;
  const names = replay.takes.map(({ name }) => name);
  return {
    rows: {
      rowCount,
      async *chunks(first, batchRows) {
        let done = first;
        for await (const columns of streamColumns(path, names, { first, batchRows, signal: context.signal })) {
          const count = Math.min(batchRows, rowCount - done);
          yield replay.apply(columns, count);
          done += count;
        }
      },
    },
    report: () => report(context, replay, rowCount),
  };
}

/** The same in memory, with `others` of the table's columns behind them. */
export async function modelColumns(
  context: Context,
  data: TableFile,
  takes: Takes,
  others: readonly string[],
): Promise<{ readonly columns: readonly Column[]; readonly others: readonly Column[] }> {
  const replay = replayOf(data, takes);
  requireColumns(
    data,
    others.map((name) => ({ name, kind: null })),
  );
  const names = [...new Set([...replay.takes.map(({ name }) => name), ...others])];
  const { columns } = await readColumns(data.path, names, { signal: context.signal });
  const made = replay.apply(columns, data.rowCount);
  for (const { kind, step, column, what, rows } of replay.notes)
    context.log("warn", `${rows} rows: ${what} in ${column} (${kind}, step ${step})`);
  return { columns: made, others: others.map((name) => columns.find((each) => each.name === name)!) };
}

function replayOf(data: TableFile, { pipeline, columns }: Takes): Replay {
  const replay = new Replay(leftToDo(pipeline, data), columns);
  requireColumns(data, replay.takes);
  return replay;
}

function requireColumns({ columns }: TableFile, taken: Replay["takes"]): void {
  for (const { name, kind } of taken) {
    const column = columns.find((each) => each.name === name);
    if (column === undefined)
      throw new TomboloError("input.columns", "the table lacks a column that the task needs", {
        remedy: "Give the columns that the model was trained on, under the names they had then.",
        detail: { column: name },
      });
    if (kind !== null && kind !== column.kind) throw wrongColumn(name, kind);
  }
}

async function report({ outputs }: Context, replay: Replay, rows: number): Promise<void> {
  if (replay.isEmpty) return;
  await outputs.report("preparation", {
    kind: "replay",
    title: { en: "Pipeline", zh: "处理流水线" },
    data: { rows, steps: replay.steps, notes: replay.notes },
  });
}
