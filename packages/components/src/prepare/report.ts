/** What preparing did to a table, when it learns and when it is applied. */
import { describeColumns, type StepNote, type StepSpec } from "@tombolo/federated/features";
import type { ReportValue, TaskTable } from "../component.ts";
import { featureColumns } from "../tables.ts";

/** What was done, what rows held that no step had seen, and the columns as they are now. */
export function preparationReport(
  before: TaskTable,
  after: TaskTable,
  what: { readonly steps: readonly StepSpec["kind"][]; readonly notes: readonly StepNote[] },
): ReportValue {
  const were = new Set(before.columns.map(({ name }) => name));
  const are = new Set(after.columns.map(({ name }) => name));
  return {
    kind: "preparation",
    title: { en: "Preparation", zh: "特征预处理" },
    data: {
      rows: after.rowCount,
      ...what,
      gone: [...were].filter((name) => !are.has(name)),
      made: [...are].filter((name) => !were.has(name)),
      columns: describeColumns({ rowCount: after.rowCount, columns: featureColumns(after, null) }, null),
    },
  };
}
