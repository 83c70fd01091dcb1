import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { failureOf, keyed, runOne } from "../testing/tasks.ts";

const list = (ids: readonly (string | null)[]): Record<string, TaskTable> => ({
  "in.data": { ...keyed(tableOf(texts("id", ids))), aligned: false },
});
const task = (parameters: Record<string, unknown> = {}): TaskDraft => ({
  component: "joint-count",
  inputs: { data: "in.data" },
  parameters: { empty: "remove", ...parameters },
});
const TABLES = {
  bank: list(["a", "b", null, "c"]),
  telco: list(["a", "b", "x"]),
  insurer: list(["b", "y", "z", "w"]),
};

describe("joint-count", () => {
  it("counts lists for each row at the guest, and tells hosts nothing but how many rows", async () => {
    const kept = await runOne(task(), TABLES);
    const column = kept.bank!.tables["task.data"]!.columns.find(({ name }) => name === "lists");
    expect(column).toEqual(numbers("lists", [1, 2, Number.NaN, 0]));
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({ counts: [1, 1, 1], removed: { empty: 1 } });
    for (const party of ["telco", "insurer"]) {
      expect(Object.keys(kept[party]!.tables)).toEqual(["in.data"]);
      expect(kept[party]!.draws).toEqual({ "task bank": 3 });
      expect(kept[party]!.reports["task.report"]!.data).toMatchObject({ partners: { bank: 3 } });
    }
  });

  it("says only whether a threshold is reached, where one was agreed", async () => {
    const kept = await runOne(task({ least: 2 }), TABLES);
    const column = kept.bank!.tables["task.data"]!.columns.find(({ name }) => name === "lists");
    expect(column).toEqual(numbers("lists", [0, 1, Number.NaN, 0]));
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({ counts: [2, 1], least: 2 });
    expect((await failureOf(runOne(task({ least: 3 }), TABLES))).code).toBe("input.threshold");
  });

  it("refuses more rows than agreed, and a name that is taken", async () => {
    expect((await failureOf(runOne(task({ partnerRowsMax: 2 }), TABLES))).code).toBe("consent.rows");
    expect((await failureOf(runOne(task({ answer: "id" }), TABLES))).code).toBe("input.columns");
  });
});
