import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { scoreOf } from "@tombolo/federated/vertical/boosting";
import { describe, expect, it } from "vitest";
import { servedTrees } from "../boosting-serve/served.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed, madeUp, runOne } from "../testing/tasks.ts";
import { boostingTrain } from "./index.ts";
import { storedGuestModel } from "./model.ts";

describe("boosting-train", () => {
  const task: TaskDraft = {
    component: "boosting-train",
    inputs: { data: "in.data" },
    parameters: { trees: 3, depth: 2, bins: 8 },
  };
  const { guest, host } = madeUp(300);
  const tables = { bank: { "in.data": guest }, telco: { "in.data": host } };
  const bytesOf = (kept: Kept): string => JSON.stringify(kept.models["task.model"]);

  it("leaves the same bytes in two runs with one seed, whatever parties draw in secret", async () => {
    const drawn = { ...task, parameters: { ...task.parameters, subsample: 0.7, earlyStopping: {} } };
    const [first, second] = [
      await runOne(drawn, tables, { datasets: {}, secretsSeed: 1 }),
      await runOne(drawn, tables, { datasets: {}, secretsSeed: 2 }),
    ];
    for (const party of ["bank", "telco"]) {
      expect(bytesOf(second[party]!)).toBe(bytesOf(first[party]!));
      expect(second[party]!.reports).toEqual(first[party]!.reports);
    }
  });

  const zeros = (name: string) => numbers(name, Array(300).fill(0));

  it("shows the figures of each round to the guest alone while it trains, as the report has them in the end", async () => {
    const kept = await runOne(
      { ...task, parameters: { ...task.parameters, earlyStopping: { rounds: 2, fraction: 0.2 } } },
      tables,
    );
    const { evaluations } = kept.bank!.reports["task.report"]!.data as {
      evaluations: { training: { loss: number }; validation: { auc: number } }[];
    };
    const shown = kept.bank!.figures!;
    expect(shown.map(({ step }) => step)).toEqual(evaluations.map((_, i) => i + 1));
    expect(shown.map(({ values }) => [values["training.loss"], values["validation.auc"]])).toEqual(
      evaluations.map(({ training, validation }) => [training.loss, validation.auc]),
    );
    expect(kept.telco!.figures).toEqual([]);
    const metrics = (of: Kept): string[] => Object.keys(of.summaries!["task.model"]!.metrics);
    expect(metrics(kept.bank!)).toEqual(["trees", "validationLoss", "validationAuc"]);
    const whole = await runOne(task, tables);
    expect([metrics(whole.bank!), metrics(whole.telco!)]).toEqual([
      ["trees", "trainingLoss", "trainingAuc"],
      ["trees"],
    ]);
  });

  it("calibrates on the rows that early stopping keeps out, as services and the report have it", async () => {
    const calibrated = { ...task.parameters, earlyStopping: { rounds: 3, fraction: 0.3 }, calibration: "platt" };
    const kept = await runOne({ ...task, parameters: calibrated }, tables);
    const stored = storedGuestModel(kept.bank!.models["task.model"]);
    const { part } = stored;
    expect(part.calibration).toMatchObject({ method: "platt" });
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({ calibration: { method: "platt", rows: 90 } });
    const without = { ...part, calibration: undefined };
    const scoreWith = (model: typeof part): number => {
      const served = servedTrees({ ...stored, part: model });
      const values = new Float64Array(served.columns.length);
      const bits = part.hosts.map(() => ({ status: new Uint8Array(1), bits: new Uint8Array(8), width: 8 }));
      return Number(served.batch(bits).score(0, values, 0));
    };
    const plain = scoreWith(without);
    expect(scoreWith(part)).toBeCloseTo(scoreOf(part, Math.log(plain / (1 - plain))), 9);
    expect(scoreWith(part)).not.toBe(plain);
  });

  it("goes on after a crash from the trees both have, to the same model", async () => {
    const whole = await runOne(task, tables);
    const root = await mkdtemp(join(tmpdir(), "tombolo-boosting-"));
    for (const crashing of ["bank", "telco", "neither"]) {
      const workFolders = join(root, crashing);
      const kept = { bank: { ...emptyKept(), tables: tables.bank }, telco: { ...emptyKept(), tables: tables.telco } };
      const crash: Setting = {
        ...{ datasets: {}, workFolders },
        onCheckpoint: (party, count) => {
          if ((party === crashing || crashing === "neither") && count === 2)
            throw new TomboloError("aborted.crash", "crash");
        },
      };
      await expect(runTask(flowOf({ task }), "task", kept, crash)).rejects.toThrow(/crash/);
      expect(kept.bank.checkpoints).toHaveProperty("task");
      // Leaves of another table: what was kept does not count.
      if (crashing === "neither") await writeFile(join(workFolders, "bank", "task", "work", "leaves-0"), "damaged");
      await runTask(flowOf({ task }), "task", kept, { datasets: {}, workFolders });
      expect(bytesOf(kept.bank)).toBe(bytesOf(whole.bank!));
      expect(bytesOf(kept.telco)).toBe(bytesOf(whole.telco!));
      if (crashing === "neither") expect([kept.bank.logs, kept.telco.logs]).toEqual([[], []]);
      else
        for (const party of ["bank", "telco"] as const)
          expect((kept[party] as Kept).logs).toEqual([expect.stringMatching(/^going on after (1 tree|2 trees)$/)]);
    }
    await rm(root, { recursive: true });
  });

  it("trains and scores with two hosts, also when one message is on the way at a time", async () => {
    const three = {
      ...tables,
      insurer: {
        "in.data": keyed(
          tableOf(
            host.columns[0]!,
            numbers(
              "z",
              Array.from({ length: 300 }, (_, i) => i % 7),
            ),
          ),
        ),
      },
    };
    const kept: Record<string, Kept> = Object.fromEntries(
      Object.entries(three).map(([party, own]) => [party, { ...emptyKept(), tables: { ...own } }]),
    );
    const flow = flowOf(
      { task, score: { component: "boosting-predict", inputs: { model: "task.model", data: "in.data" } } },
      3,
    );
    for (const name of ["task", "score"]) await runTask(flow, name, kept, { datasets: {}, window: 1 });
    const scores = kept.bank!.tables["score.data"]!.columns.find(({ name }) => name === "score")!;
    const labels = guest.columns.find(({ name }) => name === "y")!;
    if (scores.kind !== "number" || labels.kind !== "number") throw new Error("not numbers");
    const right = scores.values.filter((score, row) => score > 0.5 === (labels.values[row] === 1)).length;
    expect(right / 300).toBeGreaterThan(0.9);
  });

  it("holds to the party's own minimum", async () => {
    const failure = await failureOf(runOne(task, tables, { datasets: {}, minimumRows: 6 }));
    expect(failure).toMatchObject({ code: "consent.minimum-rows", remedy: "Set minimumRows to 6 or more." });
  });

  it("trains on chosen columns only and refuses ids and labels as features", async () => {
    const chosen = { ...task, partyParameters: { telco: { columns: [] } } };
    const kept = await runOne(chosen, tables);
    expect(JSON.stringify(kept.telco!.models["task.model"])).not.toContain('"h"');
    const key = { ...task, partyParameters: { telco: { columns: ["id"] } } };
    expect((await failureOf(runOne(key, tables))).code).toBe("input.columns");
  });

  it("says what to mend where labels are all alike, or columns hold infinite numbers", async () => {
    const alike = { ...guest, columns: guest.columns.map((own) => (own.name === guest.label ? zeros(own.name) : own)) };
    const one = await failureOf(runOne(task, { bank: { "in.data": alike }, telco: { "in.data": host } }));
    expect(one).toMatchObject({ code: "input.label", detail: { column: guest.label } });
    expect(one.remedy).toContain("both kinds");
    const infinite = { ...guest, columns: [...guest.columns, numbers("debt", Array(300).fill(Infinity))] };
    const bad = await failureOf(runOne(task, { bank: { "in.data": infinite }, telco: { "in.data": host } }));
    expect(bad).toMatchObject({ code: "input.columns", detail: { column: "debt" } });
    expect(bad.remedy).toContain("out");
  });

  it("stops early, and predicts numbers", async () => {
    const regression = {
      ...task,
      parameters: {
        ...task.parameters,
        objective: "regression",
        trees: 8,
        earlyStopping: { rounds: 1, fraction: 0.3 },
      },
    };
    const values = { ...guest, label: "g" };
    const kept = await runOne(regression, { bank: { "in.data": values }, telco: { "in.data": host } });
    const { evaluations, loss } = kept.bank!.reports["task.report"]!.data as {
      evaluations: { validation: unknown }[];
      loss: string;
    };
    expect(loss).toBe("rmse");
    expect(evaluations[0]!.validation).toBeDefined();
  });

  it("gives a probability of each class, by weighted rows, and such a model is not served", async () => {
    const classes = numbers(
      "y",
      Array.from({ length: 300 }, (_, i) => 10 * (i % 3)),
    );
    const columns = guest.columns.map((column) => (column.name === "y" ? classes : column));
    const kept: Record<string, Kept> = {
      bank: { ...emptyKept(), tables: { "in.data": { ...guest, columns } } },
      telco: { ...emptyKept(), tables: { "in.data": host } },
    };
    const several = { ...task.parameters, objective: "multi-class", classes: 3, weighted: true };
    const train = { ...task, parameters: several, partyParameters: { bank: { weight: "g" } } };
    const flow = flowOf({
      train,
      score: { component: "boosting-predict", inputs: { model: "train.model", data: "in.data" } },
    });
    for (const name of ["train", "score"]) await runTask(flow, name, kept, { datasets: {} });
    const model = kept.bank!.models["train.model"] as { classes: string[]; part: { trees: unknown[] } };
    expect([model.classes, model.part.trees.length]).toEqual([["0", "10", "20"], 9]);
    expect(JSON.stringify(model)).not.toContain('"feature":"g"');
    const scores = kept.bank!.tables["score.data"]!.columns.filter(({ name }) => name.startsWith("score_"));
    expect(scores.map(({ name }) => name)).toEqual(["score_0", "score_10", "score_20"]);
    for (const row of [0, 299]) {
      const shares = scores.map((column) => (column.kind === "number" ? column.values[row]! : Number.NaN));
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
    const two = { ...train, parameters: { ...several, classes: 2 } };
    const tables = { bank: kept.bank!.tables, telco: kept.telco!.tables };
    expect((await failureOf(runOne(two, tables))).code).toBe("input.label");
    expect((await failureOf(runOne({ ...train, partyParameters: {} }, tables))).code).toBe("input.weights");
    expect(() => servedTrees(storedGuestModel(model))).toThrow(expect.objectContaining({ code: "input.model" }));
  });

  it("grows as it is told, and holds no host's column to a direction", async () => {
    const parameters = { ...task.parameters, depth: 3, maxLeaves: 3, guestOnlyTrees: 1 };
    const told = { ...task, parameters, partyParameters: { bank: { rising: ["g"] } } };
    const kept = await runOne(told, tables);
    const { part } = kept.bank!.models["task.model"] as { part: { trees: { splits: { owner: unknown }[] }[] } };
    expect(part.trees[0]!.splits.every(({ owner }) => owner === "guest")).toBe(true);
    for (const { splits } of part.trees) expect(splits.length).toBeLessThanOrEqual(2);
    const host = { ...told, partyParameters: { telco: { falling: ["h"] } } };
    expect(await failureOf(runOne(host, tables))).toMatchObject({ code: "input.columns" });
  });

  it("goes on from an earlier version to what training at one go gives", async () => {
    const longer = { ...task, parameters: { ...task.parameters, trees: 5 } };
    const shorter = { ...longer, parameters: { ...longer.parameters, trees: 2 } };
    const whole = await runOne(longer, tables);
    const kept: Record<string, Kept> = {
      bank: { ...emptyKept(), tables: tables.bank },
      telco: { ...emptyKept(), tables: tables.telco },
    };
    const inputs = { data: "in.data", start: "first.model" };
    const chosen = { bank: { columns: [] } };
    const flow = flowOf({
      first: shorter,
      task: { ...longer, inputs },
      enough: { ...shorter, inputs },
      others: { ...longer, inputs, partyParameters: chosen },
    });
    for (const name of ["first", "task"]) await runTask(flow, name, kept, { datasets: {} });
    const trees = (of: Kept): unknown => (of.models["task.model"] as { part: { trees: unknown[] } }).part.trees;
    const bare = (of: Kept): string => JSON.stringify(trees(of)).replace(/"feature":\d+/g, "");
    for (const party of ["bank", "telco"] as const) expect(bare(kept[party]!)).toEqual(bare(whole[party]!));
    expect(kept.bank!.logs).toEqual(["going on after 2 trees"]);
    for (const name of ["enough", "others"])
      expect((await failureOf(runTask(flow, name, kept, { datasets: {} }))).code).toBe("input.model");
  });

  it("scores only with the parties it was trained with", async () => {
    const { bank } = await runOne(task, tables);
    const kept = { bank: bank! };
    const alone: TaskDraft = { component: "boosting-predict", inputs: { model: "task.model", data: "in.data" } };
    const failure = await failureOf(runTask(flowOf({ alone }, 1), "alone", kept, { datasets: {} }));
    expect(failure).toMatchObject({ code: "input.model", remedy: "Score with exactly these hosts: telco." });
  });

  it("says in the consent whether columns are named, and that an earlier version's are with them", () => {
    const told = (given: object): Map<string, string> => {
      const participants = [
        { party: "bank", role: "guest" },
        { party: "telco", role: "host" },
      ];
      const context = { participants, parameters: boostingTrain.parameters.parse(given), partyParameters: {} };
      const learnt = boostingTrain.discloses(context).filter(({ recipient }) => recipient === "bank");
      return new Map(learnt.map(({ kind, text }) => [kind, text.en]));
    };
    expect(told({}).has("column-names")).toBe(false);
    expect(told({}).get("column-count")).toContain("unless training goes on from an earlier version that named it");
    expect(told({ hostColumns: "named" }).get("column-names")).toContain("also if its columns were not to be named");
  });
});
