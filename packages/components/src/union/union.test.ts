import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { failureOf, idsOf, keyed, runOne } from "../testing/tasks.ts";

const table = (ids: readonly string[], words: readonly (string | null)[], name = "s"): TaskTable =>
  keyed(
    tableOf(
      texts("id", ids),
      texts(name, words),
      numbers(
        "x",
        words.map((_, i) => i),
      ),
    ),
  );
const first = table(["a", "b"], ["u", "v"]);
const joined = (second: TaskTable, data = first) =>
  runOne(
    { component: "union", inputs: { data: "in.data", more: "in.more" } },
    { bank: { "in.data": data, "in.more": second } },
  );

describe("union", () => {
  it("puts rows below rows, columns by name, categories as they come", async () => {
    const second = table(["c", "d", "e"], ["w", null, "v"]);
    const { bank } = await joined({ ...second, columns: second.columns.toReversed() });
    const data = bank!.tables["task.data"]!;
    expect(idsOf(data)).toEqual(["a", "b", "c", "d", "e"]);
    expect(data.columns[1]).toMatchObject({ codes: Int32Array.of(0, 1, 2, -1, 1), categories: ["u", "v", "w"] });
    expect(data.columns[2]).toMatchObject({ values: Float64Array.of(0, 1, 0, 1, 2) });
    expect(data).toMatchObject({ aligned: true, copiesMax: 2 });
    const thrice = (await joined({ ...second, copiesMax: 2 })).bank!.tables["task.data"]!;
    expect(thrice.copiesMax).toBe(3);
    expect(bank!.reports["task.report"]!.data).toEqual({ rows: 5, more: 3, label: null, byLabel: null });
    const labelled = await joined({ ...second, label: "s" }, { ...first, label: "s" });
    expect(labelled.bank!.reports["task.report"]!.data).toMatchObject({
      byLabel: [
        { label: "u", rows: 1, chosen: 0 },
        { label: "v", rows: 2, chosen: 1 },
        { label: "w", rows: 1, chosen: 1 },
        { label: null, rows: 1, chosen: 1 },
      ],
    });
    const loose = await joined({ ...second, aligned: false });
    expect(loose.bank!.tables["task.data"]!.aligned).toBe(false);
  });

  it("refuses other columns, another label, and rows that went through something else", async () => {
    const second = table(["c"], ["w"]);
    const digest = "0".repeat(64);
    const odd: [TaskTable, string][] = [
      [table(["c"], ["w"], "t"), "input.columns"],
      [{ ...second, label: "x" }, "input.columns"],
      [{ ...second, pipeline: [{ kind: "prepare", digest, columns: [], part: { steps: [] } }] }, "input.pipeline"],
    ];
    for (const [each, code] of odd) expect((await failureOf(joined(each))).code).toBe(code);
  });
});
