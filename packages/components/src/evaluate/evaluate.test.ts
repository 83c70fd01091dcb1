import type { Column } from "@tombolo/base";
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

  it("reports figures of several classes, from their scores or from the class alone", async () => {
    const scores = [
      [0.6, 0.3, 0.1],
      [0.2, 0.5, 0.3],
      [0.1, 0.2, 0.7],
      [0.5, 0.4, 0.1],
    ];
    const names = ["low", "mid", "high"];
    const label = texts("grade", ["low", "mid", "high", "mid"]);
    const draft: TaskDraft = {
      component: "evaluate",
      inputs: { data: "in.data" },
      parameters: { objective: "multi-class" },
    };
    const report = async (columns: readonly Column[]) => {
      const data = keyed(tableOf(texts("id", ["a", "b", "c", "d"]), label, ...columns), "grade");
      return (await runOne(draft, { bank: { "in.data": data } })).bank!.reports["task.report"]!;
    };
    const told = await report(
      names.map((name, c) =>
        numbers(
          `score_${name}`,
          scores.map((row) => row[c]!),
        ),
      ),
    );
    const loss = -[0.6, 0.5, 0.7, 0.4].reduce((sum, p) => sum + Math.log(p) / 4, 0);
    expect(told).toMatchObject({ kind: "multi-class-evaluation", data: { accuracy: 0.75, rows: 4 } });
    expect((told.data as { logLoss: number }).logLoss).toBeCloseTo(loss, 12);
    const called = await report([texts("class", ["low", "mid", "high", "low"])]);
    expect(called.data).toMatchObject({ accuracy: 0.75, logLoss: null });
    const codeOf = (columns: readonly Column[]) =>
      report(columns).then(
        () => null,
        (error: { cause?: { code: string }; code?: string }) => error.cause?.code ?? error.code,
      );
    expect(await codeOf([])).toBe("input.columns");
    expect(await codeOf([numbers("score_low", [1, 1, 1, 1]), numbers("score_mid", [0, 0, 0, 0])])).toBe("input.label");
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
