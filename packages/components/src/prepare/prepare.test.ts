import { beforeAll, describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { FlowDraft } from "../flows.ts";
import { example, numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Finished, runFlow, runTask } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed, runOne } from "../testing/tasks.ts";
import { prepare } from "./index.ts";

const steps = (bank: readonly unknown[], telco: readonly unknown[]) => ({
  bank: { steps: bank },
  telco: { steps: telco },
});
const FLOW: FlowDraft = {
  version: "1",
  name: "Prepared credit model",
  seed: 7,
  parties: [
    { party: "bank", role: "guest" },
    { party: "telco", role: "host" },
  ],
  tasks: {
    read: {
      component: "read-table",
      partyParameters: {
        bank: { dataset: "bank-1", keys: ["phone"], label: "default", columns: ["amount", "price", "home"] },
        telco: { dataset: "telco-1", keys: ["phone"], columns: ["age", "income", "assets", "job"] },
      },
    },
    match: { component: "psi", inputs: { data: "read.data" } },
    split: { component: "split", inputs: { data: "match.data" } },
    explore: { component: "explore", inputs: { data: "split.train", reference: "split.test" } },
    prepare: {
      component: "prepare",
      inputs: { data: "split.train" },
      partyParameters: steps(
        [
          { kind: "derive", name: "share", expression: "amount / price", undefined: "missing" },
          { kind: "impute", columns: ["share"], method: "median" },
          { kind: "encode", columns: ["home"], method: "target" },
        ],
        [
          { kind: "impute", columns: ["income", "assets"], method: "median", indicator: true },
          { kind: "power", columns: ["income"], method: "log1p" },
          { kind: "encode", columns: ["job"], method: "one-hot" },
        ],
      ),
    },
    train: {
      component: "boosting-train",
      inputs: { data: "prepare.data" },
      parameters: { trees: 2, depth: 2, bins: 8 },
    },
    again: { component: "prepare-apply", inputs: { data: "split.test", model: "prepare.model" } },
    score: { component: "boosting-predict", inputs: { data: "again.data", model: "train.model" } },
  },
};

describe("a joint model on prepared columns", () => {
  let finished: Finished;
  beforeAll(async () => {
    const datasets = { "bank-1": await example("credit/bank.csv"), "telco-1": await example("credit/telco.csv") };
    finished = await runFlow(FLOW, { datasets, minimumRows: 5 });
  }, 120_000);
  const named = (table: TaskTable): string[] => table.columns.map(({ name }) => name);

  it("trains on what each party made and scores other rows made alike", () => {
    const [bank, telco] = [finished.kept.bank!, finished.kept.telco!];
    expect(named(bank.tables["prepare.data"]!)).toEqual(["phone", "default", "amount", "price", "home", "share"]);
    expect(named(telco.tables["prepare.data"]!)).toEqual(named(telco.tables["again.data"]!));
    expect(named(telco.tables["prepare.data"]!)).toContain("income.missing");
    expect(named(telco.tables["prepare.data"]!)).toContain("job=fixed");
    expect(named(bank.tables["score.scores"] ?? bank.tables["score.data"]!)).toContain("score");
  });

  it("tells partners in the consent which steps a party takes, expressions word for word", () => {
    const { participants, partyParameters } = { participants: FLOW.parties, ...FLOW.tasks.prepare! };
    const told = prepare.discloses({ participants, parameters: {}, partyParameters: partyParameters ?? {} });
    const of = (recipient: string) =>
      told.find((each) => each.recipient === recipient && each.kind === "preparation-steps")!.text;
    expect(of("telco").en).toContain("1. share = amount / price; 2. impute (columns: share, method: median");
    expect(of("bank").zh).toContain("3. encode (columns: job, method: one-hot");
  });

  it("reports what was done, what is gone and what the columns are now", () => {
    const { data } = finished.kept.telco!.reports["prepare.report"]!;
    expect(data).toMatchObject({ steps: ["impute", "power", "encode"], gone: ["job"] });
  });

  it("explores each party's own columns, at the guest with the label along them", () => {
    const of = (party: string) =>
      finished.kept[party]!.reports["explore.report"]!.data as {
        readonly columns: readonly { readonly name: string; readonly label: unknown; readonly stability: number }[];
      };
    expect(of("bank").columns.map(({ name }) => name)).toEqual(["amount", "price", "home"]);
    expect(of("bank").columns.every(({ label }) => label !== null)).toBe(true);
    expect(of("telco").columns.every(({ label }) => label === null)).toBe(true);
    for (const { stability } of [...of("bank").columns, ...of("telco").columns]) expect(stability).toBeLessThan(0.1);
  });
});

describe("preparing", () => {
  const table = (...columns: readonly Parameters<typeof tableOf>[number][]): TaskTable =>
    keyed(tableOf(texts("id", ["a", "b", "c"]), numbers("y", [0, 1, 0]), ...columns), "y");
  const preparing = (data: TaskTable, ...own: readonly unknown[]) =>
    runOne(
      { component: "prepare", inputs: { data: "in.data" }, partyParameters: { bank: { steps: own } } },
      { bank: { "in.data": data } },
    );

  it("refuses an expression that cannot be read before anybody is asked, with its step and place", () => {
    const steps = [
      { kind: "drop", columns: ["x"] },
      { kind: "derive", name: "z", expression: "x / " },
    ];
    const [issue, ...more] = prepare.partyParameters.safeParse({ steps }).error?.issues ?? [];
    expect(more).toEqual([]);
    expect(issue).toMatchObject({ path: ["steps", 1, "expression"] });
    expect(issue?.message).toMatch(/not one that can be used: it cannot be read: .* at character/);
  });

  it("leaves ids and label out of every step", async () => {
    const data = table(numbers("x", [1, 2, 3]));
    const steps = [
      { kind: "drop", columns: ["y"] },
      { kind: "derive", name: "id", expression: "x" },
    ];
    for (const each of steps) expect((await failureOf(preparing(data, each))).code).toBe("input.columns");
  });

  it("names a column that was renamed since, and its step, to its owner alone", async () => {
    const scale = { kind: "scale", columns: ["x"], method: "min-max" };
    const { bank } = await preparing(table(numbers("x", [1, 2, 3])), scale);
    const models = { "in.model": bank!.models["task.model"] };
    const kept = { bank: { ...emptyKept(), models, tables: { "in.data": table(numbers("z", [1, 2, 3])) } } };
    const apply = { component: "prepare-apply", inputs: { data: "in.data", model: "in.model" } };
    const failure = await failureOf(runTask(flowOf({ task: apply }, 1), "task", kept, { datasets: {} }));
    expect(failure).toMatchObject({ code: "input.columns", detail: { column: "x", step: 1 } });
    expect(JSON.stringify(failure.toPublic())).not.toContain('x"');
  });
});
