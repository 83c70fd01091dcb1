import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { failureOf, idsOf, keyed, runOne } from "../testing/tasks.ts";

describe("psi", () => {
  const unaligned = (ids: readonly string[]): { "in.data": TaskTable } => ({
    "in.data": {
      ...keyed(
        tableOf(
          texts("id", ids),
          numbers(
            "n",
            ids.map((_, i) => i),
          ),
        ),
      ),
      aligned: false,
    },
  });
  const task = (parameters: Record<string, unknown> = {}): TaskDraft => ({
    component: "psi",
    inputs: { data: "in.data" },
    parameters,
  });

  it("keeps what all of three parties have, each reporting only what it may know", async () => {
    const kept = await runOne(task(), {
      bank: unaligned(["a", "b", "c", "d"]),
      telco: unaligned(["d", "c", "b", "x", "y"]),
      insurer: unaligned(["z", "c", "d"]),
    });
    const order = idsOf(kept.bank!.tables["task.data"]!);
    expect(order.toSorted()).toEqual(["c", "d"]);
    for (const own of Object.values(kept)) {
      expect(idsOf(own.tables["task.data"]!)).toEqual(order);
      expect(own.tables["task.data"]!.aligned).toBe(true);
    }
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({
      matched: 2,
      rows: { bank: 4, telco: 5, insurer: 3 },
    });
    expect(kept.telco!.reports["task.report"]!.data).toMatchObject({ matched: 2, rows: { telco: 5, bank: 4 } });
    expect(kept.bank!.draws).toEqual({ "task telco": 5, "task insurer": 3 });
    expect(kept.telco!.draws).toEqual({ "task bank": 4 });
    expect(JSON.stringify(kept.telco!.reports)).not.toContain("insurer");
  });

  it("normalises as the flow says", async () => {
    const phones = { normalise: { phone: { format: "international" } } };
    const kept = await runOne(task(phones), {
      bank: unaligned(["+86 138-0000-0001", "13800000002"]),
      telco: unaligned(["13800000001", "008613800000002"]),
    });
    expect(kept.bank!.tables["task.data"]!.rowCount).toBe(2);
    expect(kept.bank!.draws).toEqual({ "task telco": 2 });
  });

  it("refuses duplicates and empty ids with row numbers, or removes them on request", async () => {
    const tables = { bank: unaligned(["a", "a", ""]), telco: unaligned(["a"]) };
    const failure = await failureOf(runOne(task(), tables));
    expect(failure.code).toBe("input.empty-id");
    expect(failure.detail).toMatchObject({ rowNumbers: [3] });
    const kept = await runOne(task({ duplicates: "remove", empty: "remove" }), tables);
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({ matched: 1, removed: { empty: 1, duplicates: 1 } });
  });

  it("says so when nothing matches, and refuses too few or too many rows first", async () => {
    const tables = { bank: unaligned(["a", "b"]), telco: unaligned(["c"]) };
    expect((await failureOf(runOne(task(), tables))).code).toBe("input.no-match");
    for (const limit of [{ partnerRowsMin: 2 }, { partnerRowsMax: 1 }])
      expect((await failureOf(runOne(task(limit), tables))).code).toBe("consent.rows");
  });
});
