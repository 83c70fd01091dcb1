/** The table that is left, the part that says which columns stay, and the report of why the others fell. */
import type { TaskTable } from "../component.ts";
import { fittedTransform, through } from "../pipeline/pipeline.ts";
import { storeTransform } from "../pipeline/stored.ts";
import { withFeatures } from "../pipeline/with-features.ts";
import { featureColumns } from "../tables.ts";
import type { Choice } from "./choice.ts";
import type { Told } from "./guest.ts";
import type { Context } from "./own.ts";
import { HOLDS, picked } from "./part.ts";

export async function finish(context: Context, data: TaskTable, choice: Choice, told: Told): Promise<void> {
  const columns = choice.staying.map(({ name }) => name);
  const { done } = withFeatures(data, (features) => ({ table: picked(features, columns) }));
  const fitted = fittedTransform("select", featureColumns(data, null), { columns });
  await context.outputs.table("data", { ...done, pipeline: through(data, fitted) });
  await storeTransform(context, "model", { holds: HOLDS, fitted, data, metrics: { columns: columns.length } });
  await context.outputs.report("report", {
    kind: "selection",
    title: { en: "Selection", zh: "特征筛选" },
    data: {
      party: context.self.party,
      rows: data.rowCount,
      kept: columns.length,
      columns: choice.judged,
      ...told,
    },
  });
  context.progress({ stage: "select", done: 1, total: 1, rows: data.rowCount });
}
