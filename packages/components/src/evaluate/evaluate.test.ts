import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { keyed, runOne } from "../testing/tasks.ts";

describe("evaluate and export", () => {
  const scored = (scores: readonly number[], labels: readonly number[]): TaskTable =>
    keyed(tableOf(texts("id", scores.map(String)), numbers("y", labels), numbers("score", scores)), "y");

  it("reports figures of yes/no and of numbers, and the drift from a reference", async () => {
    const data = scored([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
    const task: TaskDraft = { component: "evaluate", inputs: { data: "in.data", reference: "in.data" } };
    const binary = (await runOne(task, { bank: { "in.data": data } })).bank!.reports["task.report"]!;
    expect(binary).toMatchObject({ kind: "binary-evaluation", data: { auc: 0.75, rows: 4, stability: { index: 0 } } });
    const regression = { component: "evaluate", inputs: { data: "in.data" }, parameters: { objective: "regression" } };
    const report = (await runOne(regression, { bank: { "in.data": scored([1, 2, 4], [1, 3, 4]) } })).bank!.reports[
      "task.report"
    ]!;
    expect(report).toMatchObject({ kind: "regression-evaluation", data: { mae: 1 / 3, rows: 3 } });
  });

  it("exports the columns chosen in their order", async () => {
    const task: TaskDraft = {
      component: "export",
      inputs: { data: "in.data" },
      partyParameters: { bank: { columns: ["score", "id"] } },
    };
    const { bank } = await runOne(task, { bank: { "in.data": scored([0.5], [1]) } });
    const data = bank!.tables["task.data"]!;
    expect([data.columns.map(({ name }) => name), data.keys, data.label]).toEqual([["score", "id"], ["id"], null]);
  });
});
