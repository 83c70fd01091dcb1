import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { failureOf, keyed, runOne } from "../testing/tasks.ts";
import { parameters } from "./parameters.ts";
import { scaledValues } from "./values.ts";

const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);
const bank: { "in.data": TaskTable } = {
  "in.data": { ...keyed(tableOf(texts("id", numbered(0, 20)))), aligned: false },
};
const telco = (income: readonly number[]): { "in.data": TaskTable } => ({
  "in.data": {
    ...keyed(
      tableOf(
        texts("id", numbered(12, 30)),
        numbers("income", income),
        numbers(
          "change",
          income.map((x) => -x / 4),
        ),
      ),
    ),
    aligned: false,
  },
});
const income = Array.from({ length: 18 }, (_, i) => 100 * i + 0.25);
const task = (changes: Record<string, unknown> = {}): TaskDraft => ({
  component: "match-sum",
  inputs: { data: "in.data" },
  parameters: {
    minimumMatched: 5,
    values: [
      { column: "income", upper: 10_000, decimals: 2 },
      { column: "change", lower: -100, upper: 0 },
    ],
    ...changes,
  },
});

describe("match-sum", () => {
  it("tells the guest sums and averages, clipped and rounded as agreed, and the host the count", async () => {
    const kept = await runOne(task(), { bank, telco: telco(income) });
    const sum = income.slice(0, 8).reduce((total, value) => total + value, 0);
    const change = income.slice(0, 8).reduce((total, value) => total + Math.max(-100, Math.round(-value / 4)), 0);
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({
      count: 8,
      sums: [
        { column: "income", sum, average: sum / 8 },
        { column: "change", sum: change, average: change / 8 },
      ],
      rows: { bank: 20, telco: 18 },
    });
    expect(kept.telco!.reports["task.report"]!.data).toMatchObject({ count: 8, sums: [] });
    expect(kept.telco!.logs.join()).toContain("beyond their bounds");
    expect(kept.telco!.draws).toEqual({ "task bank": 20 });
  });

  it("keeps the count back where the flow says so", async () => {
    const kept = await runOne(task({ revealCount: false }), { bank, telco: telco(income) });
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({ count: null });
    const { sums } = kept.bank!.reports["task.report"]!.data as { sums: { average: number | null }[] };
    expect(sums.every(({ average }) => average === null)).toBe(true);
  });

  it("refuses missing values with their rows, or counts them as zero", async () => {
    const holed = income.map((value, i) => (i === 3 ? Number.NaN : value));
    expect((await failureOf(runOne(task(), { bank, telco: telco(holed) }))).code).toBe("input.missing-value");
    const rows = Uint32Array.from(holed.keys());
    const given = parameters.parse(task().parameters);
    expect(() => scaledValues(telco(holed)["in.data"], rows, given)).toThrow(
      expect.objectContaining({ detail: { column: "income", rowCount: 1, rowNumbers: [4] } }),
    );
    const kept = await runOne(task({ missing: "zero" }), { bank, telco: telco(holed) });
    const { sums } = kept.bank!.reports["task.report"]!.data as { sums: { sum: number }[] };
    expect(sums[0]!.sum).toBe(holed.slice(0, 8).reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0));
  });

  it("refuses bounds that make no sense", () => {
    for (const value of [
      { column: "a", lower: 0, upper: 0 },
      { column: "a", lower: 1, upper: 2 },
      { column: "a", upper: 2 ** 50, decimals: 3 },
    ])
      expect(parameters.safeParse({ values: [value] }).success).toBe(false);
    expect(parameters.safeParse({ values: [] }).success).toBe(false);
  });
});
