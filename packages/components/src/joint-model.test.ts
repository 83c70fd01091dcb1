import type { Column } from "@tombolo/base";
import { beforeAll, describe, expect, it } from "vitest";
import type { TaskTable } from "./component.ts";
import { type JointModelForm, jointModelFlow, scoreFlow, trainedColumns } from "./flows.ts";
import { describeModel } from "./model-view.ts";
import { example } from "./testing/examples.ts";
import { type Finished, runFlow, runTask } from "./testing/run-flow.ts";

const BANK = ["time", "amount", "price", "debt", "home"];
const TELCO = ["seniority", "age", "marital", "records", "job", "expenses", "income", "assets"];
const form: JointModelForm = {
  name: "Joint credit model",
  guest: { datasetId: "bank-1", keys: ["phone"], label: "default", columns: BANK },
  hosts: [{ partyId: "telco", datasetId: "telco-1", keys: ["phone"], columns: TELCO }],
  objective: "binary",
  trees: 4,
  depth: 3,
  learningRate: 0.5,
  bins: 16,
  testShare: 0.3,
  seed: 7,
  baseline: true,
};
const flow = jointModelFlow(form, "bank");

const texts = (table: TaskTable, name: string): (string | null)[] => {
  const column = table.columns.find((each) => each.name === name)!;
  if (column.kind !== "text") throw new Error("not text");
  return Array.from(column.codes, (code) => column.categories[code] ?? null);
};
const numbers = (table: TaskTable, name: string): number[] => {
  const column: Column = table.columns.find((each) => each.name === name)!;
  if (column.kind !== "number") throw new Error("not numbers");
  return [...column.values];
};

it("takes what the form says besides into training, and evaluates by the objective", () => {
  const told = {
    ...form,
    guest: { ...form.guest, weight: "exposure", rising: ["time"] },
    objective: "tweedie" as const,
    boosting: { tweediePower: 1.2, earlyStopping: { rounds: 5, fraction: 0.2 }, trees: 9 },
    start: "job-1.train",
  };
  const { tasks } = jointModelFlow(told, "bank");
  expect(tasks.read!.partyParameters!.bank!.columns).toEqual([...BANK, "exposure"]);
  expect(tasks.train).toMatchObject({
    inputs: { data: "split.train", start: "model:job-1.train" },
    parameters: { objective: "tweedie", tweediePower: 1.2, trees: 4, weighted: true, earlyStopping: { rounds: 5 } },
    partyParameters: { bank: { weight: "exposure", rising: ["time"] } },
  });
  expect(tasks["baseline-train"]!.inputs).toEqual({ data: "split.train" });
  expect(tasks.evaluate!.parameters).toEqual({ objective: "regression", deviance: "tweedie", power: 1.2 });
  const several = jointModelFlow({ ...form, objective: "multi-class", boosting: { classes: 3 } }, "bank");
  expect(several.tasks.evaluate!.parameters).toEqual({ objective: "multi-class" });
  const shared = jointModelFlow({ ...form, boosting: { level: "shared" } }, "bank").tasks;
  expect([shared.train!.parameters!.level, shared.score!.parameters]).toEqual(["shared", { form: "sum-only" }]);
  expect(shared["baseline-train"]!.parameters).not.toHaveProperty("level");
  expect([flow.tasks.train!.partyParameters, flow.tasks.score!.parameters]).toEqual([undefined, undefined]);
});

describe("the joint model on the credit example", () => {
  let datasets: Record<string, TaskTable>;
  let finished: Finished;
  beforeAll(async () => {
    datasets = { "bank-1": await example("credit/bank.csv"), "telco-1": await example("credit/telco.csv") };
    finished = await runFlow(flow, { datasets });
  }, 240_000);

  it("matches the rows both have, in one order", () => {
    const [bank, telco] = [finished.kept.bank!, finished.kept.telco!];
    const ours = new Set(texts(datasets["bank-1"]!, "phone"));
    const both = texts(datasets["telco-1"]!, "phone").filter((phone) => ours.has(phone));
    expect(both).toHaveLength(3922);
    expect(texts(bank.tables["match.data"]!, "phone")).toEqual(texts(telco.tables["match.data"]!, "phone"));
    expect(texts(bank.tables["match.data"]!, "phone").toSorted()).toEqual(both.toSorted());
    expect(bank.reports["match.report"]!.data).toEqual({
      join: "inner",
      matched: 3922,
      byKey: [3922],
      kept: 3922,
      ownRows: 4124,
      rows: { bank: 4124, telco: 4228 },
      removed: { empty: 0, duplicates: 0 },
    });
  });

  it("splits alike at both, with the same share of defaults, and no row in both parts", () => {
    const { bank, telco } = finished.kept;
    const [train, test] = [bank!.tables["split.train"]!, bank!.tables["split.test"]!];
    expect([train.rowCount, test.rowCount]).toEqual([2745, 1177]);
    expect(texts(telco!.tables["split.test"]!, "phone")).toEqual(texts(test, "phone"));
    expect(new Set([...texts(train, "phone"), ...texts(test, "phone")]).size).toBe(3922);
    const rate = (table: TaskTable): number => numbers(table, "default").reduce((a, b) => a + b) / table.rowCount;
    expect(Math.abs(rate(train) - rate(test))).toBeLessThan(0.001);
  });

  it("beats the bank alone, and only the bank has scores", () => {
    const { bank, telco } = finished.kept;
    const joint = bank!.reports["evaluate.report"]!;
    const alone = bank!.reports["baseline-evaluate.report"]!;
    expect([joint.kind, alone.kind]).toEqual(["binary-evaluation", "binary-evaluation"]);
    const aucOf = (data: unknown): number => (data as { auc: number }).auc;
    expect(aucOf(joint.data)).toBeGreaterThan(aucOf(alone.data) + 0.05);
    expect(aucOf(joint.data)).toBeGreaterThan(0.75);
    expect(bank!.tables["score.data"]!.columns.map(({ name }) => name)).toEqual(["phone", "default", "score"]);
    expect(telco!.tables["score.data"]).toBeUndefined();
    expect(Object.keys(telco!.tables)).not.toContain("baseline-score.data");
  });

  it("leaves models that show their owner its own splits and mask the partner's", () => {
    const own = describeModel(finished.kept.bank!.models["train.model"])!;
    const theirs = describeModel(finished.kept.telco!.models["train.model"])!;
    const named = (rows: readonly { feature: string; party: string }[], party: string): string[] =>
      rows.filter((row) => row.party === party).map(({ feature }) => feature);
    expect(named(own.importance, "bank").every((name) => BANK.includes(name))).toBe(true);
    expect(named(own.importance, "telco").length).toBeGreaterThan(0);
    expect(named(own.importance, "telco").every((name) => /^telco: feature \d+$/.test(name))).toBe(true);
    expect(JSON.stringify(own)).not.toMatch(/seniority|income|assets/);
    expect(theirs.importance.every(({ feature, party }) => TELCO.includes(feature) && party === "telco")).toBe(true);
    expect(describeModel({ kind: "other" })).toBeNull();
    const training = finished.kept.bank!.reports["train.report"]!.data as {
      evaluations: { training: { loss: number } }[];
    };
    const losses = training.evaluations.map((each) => each.training.loss);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  });

  it("scores other rows later with the model's id alone", async () => {
    const columns = trainedColumns(flow, "train");
    expect(columns).toEqual({ bank: BANK, telco: TELCO });
    const form = {
      name: "Score",
      modelId: "job-1.train",
      datasetId: "bank-1",
      keys: ["phone"],
      hosts: [{ partyId: "telco", datasetId: "telco-1", keys: ["phone"] }],
    };
    const scoring = scoreFlow(form, "bank", flow, "train");
    const wrong = { ...flow, tasks: { ...flow.tasks, train: { ...flow.tasks.train!, component: "psi" } } };
    expect(() => scoreFlow({ ...form, hosts: [] }, "bank", wrong, "train")).toThrow("this model cannot score");
    const shared = { ...flow.tasks.train!, parameters: { level: "shared" } };
    const onShares = scoreFlow(form, "bank", { ...flow, tasks: { ...flow.tasks, train: shared } }, "train");
    expect(onShares.tasks.score).toMatchObject({ component: "boosting-predict", parameters: { form: "sum-only" } });
    const { kept } = await runFlowWith(scoring, datasets, finished);
    const scored = kept.bank!.tables["export.data"]!;
    expect(scored.columns.map(({ name }) => name)).toEqual(["phone", "score"]);
    const before = finished.kept.bank!.tables["score.data"]!;
    const known = new Map(texts(scored, "phone").map((phone, row) => [phone, numbers(scored, "score")[row]]));
    const first = texts(before, "phone").slice(0, 50);
    expect(first.map((phone) => known.get(phone))).toEqual(numbers(before, "score").slice(0, 50));
  });
});

async function runFlowWith(
  scoring: ReturnType<typeof scoreFlow>,
  datasets: Record<string, TaskTable>,
  { kept: before }: Finished,
): Promise<Finished> {
  const kept = Object.fromEntries(Object.entries(before).map(([party, own]) => [party, { ...own, tables: {} }]));
  for (const name of Object.keys(scoring.tasks)) await runTask(scoring, name, kept, { datasets });
  return { kept, costs: {} };
}
