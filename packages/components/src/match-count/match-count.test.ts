import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { tableOf, texts } from "../testing/examples.ts";
import { failureOf, keyed, runOne } from "../testing/tasks.ts";

const table = (ids: readonly string[]): { "in.data": TaskTable } => ({
  "in.data": { ...keyed(tableOf(texts("id", ids))), aligned: false },
});
const task = (parameters: Record<string, unknown> = {}): TaskDraft => ({
  component: "match-count",
  inputs: { data: "in.data" },
  parameters: { minimumMatched: 5, ...parameters },
});
const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);

describe("match-count", () => {
  it("tells both the count, draws what each asks, and leaves no rows", async () => {
    const kept = await runOne(task(), { bank: table(numbered(0, 20)), telco: table(numbered(12, 50)) });
    for (const [party, own] of Object.entries(kept)) {
      expect(own.reports["task.report"]!.data).toMatchObject({ count: 8, exact: true, rows: { bank: 20, telco: 38 } });
      expect(own.draws).toEqual(party === "bank" ? { "task telco": 38 } : { "task bank": 20 });
      expect(Object.keys(own.tables)).toEqual(["in.data"]);
    }
  });

  it("refuses fewer than the minimum, and a minimum below a party's own", async () => {
    const few = { bank: table(numbered(0, 20)), telco: table(numbered(16, 30)) };
    expect((await failureOf(runOne(task(), few))).code).toBe("consent.minimum-matched");
    expect((await failureOf(runOne(task({ minimumMatched: 4 }), few))).code).toBe("consent.minimum-rows");
  });

  it("adds noise and hides the count from the host as the flow says", async () => {
    const ids = numbered(0, 60);
    const noisy = { noise: "gaussian", epsilon: 0.1, hideCount: 5 };
    const kept = await runOne(task(noisy), { bank: table(ids), telco: table(ids) });
    for (const own of Object.values(kept)) {
      const { count, exact } = own.reports["task.report"]!.data as { count: number; exact: boolean };
      expect(exact).toBe(false);
      expect(Number.isInteger(count)).toBe(true);
    }
  });
});
