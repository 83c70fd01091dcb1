/** The table with its scores, at the guest: rows pass through once, and no table is in memory. */
import { addNumbers } from "@tombolo/datasets";
import type { RowSource } from "@tombolo/federated/vertical/boosting";
import type { TableFile, TaskContext } from "../component.ts";
import { modelRows, type Takes } from "../pipeline/model-rows.ts";
import { keptColumns } from "../scoring.ts";
import type { Parameters } from "./parameters.ts";
import { ScoreFile } from "./score-file.ts";

type Context = TaskContext<Parameters, Record<string, never>>;
type Numbers = AsyncIterable<Float64Array>;

export interface Scored {
  /** Of the guest's columns, what the model uses. */
  readonly takes: Takes;
  /** Columns that are added. */
  readonly names: readonly string[];
  /** Adds the numbers of all rows that are not there yet. */
  readonly score: (rows: RowSource, scores: ScoreFile) => Promise<void>;
  /** What becomes of them on their way into the table. */
  readonly through?: (numbers: Numbers) => Numbers;
}

export async function scoredTable(
  context: Context,
  data: TableFile,
  { takes, names, score, through = (numbers) => numbers }: Scored,
): Promise<void> {
  const columns = keptColumns(data, context.parameters.keepColumns);
  const { rows, report } = modelRows(context, data, takes);
  const scores = await ScoreFile.open(context, data.rowCount, names.length);
  try {
    await score(rows, scores);
    await report();
    const note = { keys: data.keys, label: data.label, aligned: data.aligned, columns: [...columns, ...names] };
    await context.outputs.file("data", data, note, async (path) => {
      const added = { name: names, values: through(scores.read()) };
      await addNumbers(data.path, path, columns, added, { signal: context.signal });
      return data.rowCount;
    });
  } finally {
    await scores.close();
  }
}
