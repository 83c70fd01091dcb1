import { describe, expect, it } from "vitest";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { failureOf, keyed, runOne } from "../testing/tasks.ts";
import type { Periods } from "./periods.ts";

const ROWS = 600;
const days = Array.from({ length: ROWS }, (_, row) => (row * 7) % ROWS);
const table = keyed(
  tableOf(
    texts(
      "id",
      days.map((day) => `id-${day}`),
    ),
    numbers(
      "y",
      days.map((day) => Number(day >= 300 && day % 2 === 0)),
    ),
    numbers(
      "still",
      days.map((day) => day % 10),
    ),
    numbers(
      "moves",
      days.map((day) => (day < 300 ? day % 10 : 20 + (day % 10))),
    ),
    numbers(
      "day",
      days.map((day) => (day === 5 ? Number.NaN : day)),
    ),
    texts(
      "date",
      days.map((day) => new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10)),
    ),
  ),
  "y",
);
const over = async (time: string): Promise<Periods> => {
  const partyParameters = { bank: { time, columns: ["still", "moves"] } };
  const kept = await runOne(
    { component: "explore", inputs: { data: "in.data" }, partyParameters },
    { bank: { "in.data": table } },
  );
  return (kept.bank!.reports["task.report"]!.data as { periods: Periods }).periods;
};

describe("columns over time", () => {
  it("are held against the first part, with the label's mean, by numbers or dates", async () => {
    const { periods, leftOut } = await over("day");
    expect([periods.length, leftOut]).toEqual([6, 1]);
    expect(periods.map(({ from }) => from)).toEqual([0, 100, 200, 300, 400, 500]);
    expect(periods.map(({ label }) => label!.toFixed(1))).toEqual(["0.0", "0.0", "0.0", "0.5", "0.5", "0.5"]);
    for (const { stability } of periods) expect(stability.still).toBeLessThan(0.05);
    expect(periods[2]!.stability.moves).toBeLessThan(0.05);
    expect(periods[5]!.stability.moves).toBeGreaterThan(1);
    const dated = await over("date");
    expect(dated.periods[1]).toMatchObject({ from: "2024-04-10", to: "2024-07-18", rows: 100 });
  });

  it("need a column that is there", async () => {
    expect((await failureOf(over("month"))).code).toBe("input.columns");
  });
});
