import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { failureOf, keyed, runOne } from "../testing/tasks.ts";
import { evaluate } from "./index.ts";
import { parameters } from "./parameters.ts";

const ROWS = 120;
const rows = Array.from({ length: ROWS }, (_, i) => i);
const label = rows.map((i) => (((i * 37) % 101) / 101 > 0.6 ? 1 : 0));
const score = rows.map((i) => 0.3 * label[i]! + (0.7 * ((i * 53) % 97)) / 97);
const city = rows.map((i) => (i === 0 ? "tiny" : i % 3 === 0 ? "north" : "south"));
const opened = rows.map((i) => `2026-0${1 + (i % 4)}-15`);

const scored = (scores: readonly number[] = score, order: readonly number[] = rows): TaskTable =>
  keyed(
    tableOf(
      texts(
        "id",
        order.map((i) => `id-${i}`),
      ),
      numbers(
        "y",
        order.map((i) => label[i]!),
      ),
      texts(
        "city",
        order.map((i) => city[i]!),
      ),
      texts(
        "opened",
        order.map((i) => opened[i]!),
      ),
      numbers(
        "score",
        order.map((i) => scores[i]!),
      ),
    ),
    "y",
  );

const dataOf = async (draft: Omit<TaskDraft, "component">, tables: Record<string, TaskTable>) =>
  (await runOne({ component: "evaluate", ...draft }, { bank: tables })).bank!.reports["task.report"]!.data as Record<
    string,
    never
  >;

describe("evaluate", () => {
  it("tells groups, periods, costs and how alike groups are treated", async () => {
    const parameters = { group: "city", time: "opened", period: "quarter", minimumGroup: 5, falseNegativeCost: 5 };
    const data = await dataOf({ inputs: { data: "in.data" }, parameters }, { "in.data": scored() });
    expect(data).toMatchObject({
      groups: {
        column: "city",
        segments: [
          { name: "south", rows: 80 },
          { name: "north", rows: 39 },
        ],
        small: { segments: 1, rows: 1 },
        fairness: { threshold: 0.5 },
      },
      periods: { segments: [{ name: "2026 Q1", rows: 90, stability: 0 }, { name: "2026 Q2" }] },
      costs: { costs: { falseNegative: 5 } },
    });
  });

  it("turns points over that fall with the risk, and thresholds back", async () => {
    const points = score.map((value) => 700 - 200 * value);
    const given = { group: "city", minimumGroup: 5 };
    const plain = await dataOf({ inputs: { data: "in.data" }, parameters: given }, { "in.data": scored() });
    const card = await dataOf(
      { inputs: { data: "in.data" }, parameters: { ...given, meaning: "no", threshold: 600 } },
      { "in.data": scored(points) },
    );
    for (const name of ["auc", "gini", "interval"]) expect(card[name]).toEqual(plain[name]);
    type Told = { ks: { threshold: number }; groups: { segments: { meanScore: number }[]; fairness: object } };
    const [one, other] = [plain, card] as unknown as [Told, Told];
    expect(other.ks.threshold).toBeCloseTo(700 - 200 * one.ks.threshold, 9);
    expect(other.groups.segments[0]!.meanScore).toBeCloseTo(700 - 200 * one.groups.segments[0]!.meanScore, 9);
    const { threshold: _, ...rates } = one.groups.fairness as { threshold: number };
    expect(other.groups.fairness).toMatchObject({ ...rates, threshold: 600 });
  });

  it("compares a second model by the keys of its rows, and refuses other rows", async () => {
    const weaker = score.map((value, i) => value / 4 + ((i * 29) % 31) / 31);
    const inputs = { data: "in.data", second: "in.other" };
    const backwards = rows.toReversed();
    const data = await dataOf({ inputs }, { "in.data": scored(), "in.other": scored(weaker, backwards) });
    const inOrder = await dataOf({ inputs }, { "in.data": scored(), "in.other": scored(weaker) });
    expect(data.second).toEqual(inOrder.second);
    const { first } = (data as unknown as { second: { auc: { first: { auc: number } } } }).second.auc;
    expect(first.auc).toBeCloseTo(data.auc!, 12);
    const points = scored(weaker.map((value) => 700 - 200 * value));
    const asCard = { inputs, parameters: { secondMeaning: "no" } };
    const card = await dataOf(asCard, { "in.data": scored(), "in.other": points });
    expect((card as unknown as { second: object }).second).toEqual((data as unknown as { second: object }).second);
    const fewer = dataOf({ inputs }, { "in.data": scored(), "in.other": scored(weaker, rows.slice(1)) });
    expect((await failureOf(fewer)).code).toBe("input.rows");
  });

  it("refuses a column that is not there, dates that are none, and costs of nothing", async () => {
    const codeOf = async (given: Record<string, unknown>): Promise<string> =>
      (await failureOf(dataOf({ inputs: { data: "in.data" }, parameters: given }, { "in.data": scored() }))).code;
    expect(await codeOf({ group: "region" })).toBe("input.columns");
    expect(await codeOf({ time: "city" })).toBe("input.columns");
    expect(await codeOf({ group: "city", minimumGroup: 500 })).toBe("input.rows");
    const free = parameters.parse({ falsePositiveCost: 0, falseNegativeCost: 0 });
    expect(evaluate.faults!({ parameters: free, participants: [], written: {}, inputs: [] })).toHaveLength(1);
  });
});
