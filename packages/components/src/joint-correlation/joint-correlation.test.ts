import { seededSampling } from "@tombolo/base";
import type { MessageTable, Peer } from "@tombolo/channel";
import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { type Lie, lying } from "../testing/lying.ts";
import { failureOf, keyed, runOne } from "../testing/tasks.ts";

const ROWS = 200;
const sampling = seededSampling(11);
const noise = (): Float64Array => Float64Array.from({ length: ROWS }, () => sampling.next() - 0.5);
const [age, income, debt] = [noise(), noise(), noise()];
const spend = income.map((value, i) => 3 * value + debt[i]! / 4);
const ids = texts(
  "id",
  Array.from({ length: ROWS }, (_, i) => `id-${i}`),
);
const bank = (more: Record<string, Float64Array> = {}): Record<string, TaskTable> => ({
  "in.data": keyed(
    tableOf(
      ids,
      numbers("age", age),
      numbers("income", income),
      texts("city", Array(ROWS).fill("a")),
      ...Object.entries(more).map(([name, values]) => numbers(name, values)),
    ),
  ),
});
const telco: Record<string, TaskTable> = {
  "in.data": keyed(tableOf(ids, numbers("spend", spend), numbers("debt", debt))),
};
const task = (parameters: Record<string, unknown> = {}, own: Record<string, unknown> = {}): TaskDraft => ({
  component: "joint-correlation",
  inputs: { data: "in.data" },
  parameters,
  partyParameters: { bank: own },
});

function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const mean = (of: ArrayLike<number>): number => Array.from(of).reduce((sum, value) => sum + value, 0) / of.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: ArrayLike<number>, ma: number, b: ArrayLike<number>, mb: number): number =>
    Array.from(a).reduce((sum, value, i) => sum + (value - ma) * (b[i]! - mb), 0);
  return product(x, mx, y, my) / Math.sqrt(product(x, mx, x, mx) * product(y, my, y, my));
}

interface Told {
  readonly rows: number;
  readonly dropped: number;
  readonly columns: readonly { readonly party: string; readonly name: string }[];
  readonly matrix: readonly (readonly number[])[] | null;
  readonly inflation: readonly (number | null)[] | null;
}

describe("joint-correlation", () => {
  it("tells the guest the rounded matrix and which columns follow from others, and the host none of it", async () => {
    const kept = await runOne(task({ rowsPerColumn: 20 }), { bank: bank(), telco });
    const told = kept.bank!.reports["task.report"]!.data as Told;
    expect(told.columns.map(({ party, name }) => `${party}.${name}`)).toEqual([
      "bank.age",
      "bank.income",
      "telco.spend",
      "telco.debt",
    ]);
    const all = [age, income, spend, debt];
    all.forEach((x, i) => {
      all.forEach((y, j) => {
        expect(told.matrix![i]![j]).toBeCloseTo(pearson(x, y), 3.9);
        expect(Math.round(told.matrix![i]![j]! * 10_000)).toBeCloseTo(told.matrix![i]![j]! * 10_000, 6);
      });
    });
    // Spend follows from income and debt exactly; age from nothing.
    expect(told.inflation!.slice(1)).toEqual([null, null, null]);
    expect(told.inflation![0]).toBeCloseTo(1, 1);
    const other = kept.telco!.reports["task.report"]!.data as Told;
    expect(other).toMatchObject({ rows: ROWS, matrix: null, inflation: null });
  });

  it("correlates ranks, at both parties if the flow says so, without rows and columns that say nothing", async () => {
    const holed = age.map((value, i) => (i % 10 === 3 ? Number.NaN : value));
    const given = task(
      { method: "spearman", receivers: "all", missing: "drop", constant: "leave-out" },
      {
        columns: ["holed", "income", "one"],
      },
    );
    const more = { holed, one: new Float64Array(ROWS).fill(7) };
    const kept = await runOne(given, { bank: bank(more), telco });
    const told = kept.bank!.reports["task.report"]!.data as Told;
    expect(told).toMatchObject({ rows: 180, dropped: 20, constant: ["one"] });
    const rankOf = (values: Float64Array): number[] => {
      const left = values.filter((_, i) => i % 10 !== 3);
      return Array.from(left, (value) => left.filter((other) => other < value).length);
    };
    expect(told.matrix![1]![2]).toBeCloseTo(pearson(rankOf(income), rankOf(spend)), 3.9);
    expect(told.matrix![0]![3]).toBeCloseTo(pearson(rankOf(age), rankOf(debt)), 3.9);
    expect(kept.telco!.reports["task.report"]!.data).toEqual({ ...told, constant: [] });
  });

  it.each<[string, Lie]>([
    ["secondOffer", (sent: object) => ({ ...sent, columns: ["spend\u001b[2J", "debt"] })],
    ["secondOffer", (sent: object) => ({ ...sent, columns: ["spend\u202e", "debt"] })],
    ["secondOffer", (sent: object) => ({ ...sent, columns: ["spend\ndebt", "debt"] })],
    ["secondOffer", (sent: object) => ({ ...sent, columns: ["e\u0301", "debt"] })],
    ["secondOffer", (sent: object) => ({ ...sent, columns: ["debt", "debt"] })],
    ["secondOffer", (sent: object) => ({ ...sent, columns: ["", "debt"] })],
    ["secondOffer", (sent: object) => ({ ...sent, columns: ["x".repeat(121), "debt"] })],
    ["secondOwn", (sent: Float64Array) => sent.map((value, i) => (i === 1 ? 0.5 : value))],
    ["secondOwn", (sent: Float64Array) => sent.map((value) => 2 * value)],
    ["secondOwn", (sent: Float64Array) => sent.subarray(1)],
  ])("refuses a partner's %s that is no list of names or no matrix of correlations", async (name, lie) => {
    const setting = {
      datasets: {},
      meddle: <P extends Peer<MessageTable, string>>(party: string, peer: P): P =>
        party === "telco" ? lying(peer, name, lie) : peer,
    };
    const failure = await failureOf(runOne(task(), { bank: bank(), telco }, setting));
    expect(failure).toMatchObject({ code: "protocol.malformed", blame: "telco" });
  });

  it("refuses what has no correlation, and too few rows", async () => {
    const code = async (given: TaskDraft, own = bank()): Promise<string> =>
      (await failureOf(runOne(given, { bank: own, telco }))).code;
    const some = (values: Record<number, number>): Float64Array => age.map((value, i) => values[i] ?? value);
    expect(await code(task({}, { columns: ["city"] }))).toBe("input.columns");
    expect(await code(task({}, { columns: ["id"] }))).toBe("input.columns");
    expect(await code(task(), bank({ one: new Float64Array(ROWS) }))).toBe("input.constant-column");
    expect(await code(task(), bank({ gap: some({ 5: Number.NaN }) }))).toBe("input.missing-value");
    expect(await code(task({ missing: "drop" }), bank({ far: some({ 5: Number.NEGATIVE_INFINITY }) }))).toBe(
      "input.value",
    );
    expect(await code(task({ minimumRows: ROWS + 1 }))).toBe("input.rows");
    expect(await code(task({ rowsPerColumn: ROWS / 4 + 1 }))).toBe("input.rows");
    const fewer = { "in.data": keyed(tableOf(numbers("debt", debt.subarray(1)))) };
    for (const missing of ["refuse", "drop"])
      expect((await failureOf(runOne(task({ missing }), { bank: bank(), telco: fewer }))).code).toBe("protocol.size");
    const given = { datasets: {}, minimumRows: 60 };
    expect((await failureOf(runOne(task(), { bank: bank(), telco }, given))).code).toBe("consent.minimum-rows");
  });
});
