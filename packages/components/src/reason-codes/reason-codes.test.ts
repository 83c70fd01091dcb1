import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { failureOf, runOne } from "../testing/tasks.ts";

describe("reason-codes", () => {
  const moved = tableOf(
    texts("id", ["a", "b", "c"]),
    numbers("score", [0.9, 0.2, 0.5]),
    numbers("contribution_age", [0.5, -1, 0]),
    numbers("contribution_debt", [1, -2, 0]),
    numbers("contribution_telco", [0.7, 0.1, 0]),
  );
  const run = async (parameters: Record<string, unknown>, table = moved) =>
    (
      await runOne(
        { component: "reason-codes", inputs: { data: "in.data" }, parameters },
        { bank: { "in.data": table } },
      )
    ).bank!;
  const reasons = (table: TaskTable, place: number): (string | null)[] => {
    const column = table.columns.find(({ name }) => name === `reason_${place}`)!;
    return column.kind === "text" ? Array.from(column.codes, (code) => column.categories[code] ?? null) : [];
  };

  it("names what raised or lowered each score most, largest first", async () => {
    const raised = await run({ reasons: 2 });
    const data = raised.tables["task.data"]!;
    expect([reasons(data, 1), reasons(data, 2)]).toEqual([
      ["debt", "telco", null],
      ["telco", null, null],
    ]);
    expect(raised.reports["task.report"]!.data).toMatchObject({
      rows: 3,
      reasons: [
        { name: "telco", first: 1, any: 2 },
        { name: "debt", first: 1, any: 1 },
        { name: "age", first: 0, any: 0 },
      ],
    });
    const lowered = (await run({ direction: "lowered" })).tables["task.data"]!;
    expect([reasons(lowered, 1), reasons(lowered, 2), reasons(lowered, 3)]).toEqual([
      [null, "debt", null],
      [null, "age", null],
      [null, null, null],
    ]);
  });

  it("asks for contributions", async () => {
    const failure = await failureOf(run({}, tableOf(numbers("score", [1]))));
    expect(failure.code).toBe("input.columns");
  });
});
