import { storedColumns } from "@tombolo/federated/binning";
import { fitSteps, type StepSpec } from "@tombolo/federated/features";
import { type Scorecard, scorecardShape } from "@tombolo/federated/scorecard";
import type { GuestModel, HostModel } from "@tombolo/federated/vertical/regression";
import { beforeAll, describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import { type FlowDraft, type TaskDraft, trainedColumns } from "../flows.ts";
import { describeModel } from "../model-view.ts";
import { fittedTransform, type Pipeline } from "../pipeline/pipeline.ts";
import type { ScoreAnswer } from "../score-service/items.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed } from "../testing/tasks.ts";
import { cardPart } from "./part.ts";

const ROWS = 300;
const rows = [...Array(ROWS).keys()];
const ids = texts(
  "id",
  rows.map((i) => `id-${i}`),
);
const noise = (step: number): number[] => rows.map((i) => ((i * step) % 307) / 307);
const [g, h, k] = [noise(37), noise(53), noise(29)] as [number[], number[], number[]];
const label = rows.map((i) => Number(g[i]! + h[i]! - k[i]! + 0.6 * noise(17)[i]! > 0.8));
const own: Record<string, TaskTable> = {
  bank: keyed(tableOf(ids, numbers("y", label), numbers("g", g)), "y"),
  telco: keyed(tableOf(ids, numbers("h", h), numbers("k", k))),
};
const setting: Setting = { datasets: {}, deadlineMs: 110_000 };
const predicting = (model: string): TaskDraft => ({
  component: "regression-predict",
  inputs: { model, data: "in.data" },
  parameters: { hostColumnsMin: 2, contributions: true },
});
const TASKS: Record<string, TaskDraft> = {
  bin: {
    component: "bin",
    inputs: { data: "in.data" },
    partyParameters: { bank: { fineBins: 4 }, telco: { fineBins: 4 } },
  },
  train: { component: "regression-train", inputs: { data: "bin.data" }, parameters: { hostTermsMin: 2 } },
  plain: { component: "regression-train", inputs: { data: "in.data" }, parameters: { hostTermsMin: 2, iterations: 2 } },
  card: { component: "scorecard", inputs: { model: "train.model" } },
  exact: { component: "scorecard", inputs: { model: "train.model" }, parameters: { decimals: 4 } },
  unbinned: { component: "scorecard", inputs: { model: "plain.model" } },
  twice: { component: "scorecard", inputs: { model: "card.model" } },
  probability: predicting("train.model"),
  points: predicting("card.model"),
  fine: predicting("exact.model"),
  evaluate: {
    component: "evaluate",
    parties: ["bank"],
    inputs: { data: "points.data" },
    parameters: { meaning: "no", threshold: 600 },
  },
  before: { component: "evaluate", parties: ["bank"], inputs: { data: "probability.data" } },
  serve: {
    component: "regression-serve",
    inputs: { model: "card.model", data: "in.data" },
    parameters: { until: "2099-01-01T00:00:00Z", hostColumnsMin: 2 },
  },
};

describe("a scorecard", { timeout: 120_000 }, () => {
  const kept: Record<string, Kept> = Object.fromEntries(
    Object.entries(own).map(([party, data]) => [party, { ...emptyKept(), tables: { "in.data": data } }]),
  );
  const run = (task: string, more: Partial<Setting> = {}) =>
    runTask(flowOf(TASKS), task, kept, { ...setting, ...more });
  beforeAll(async () => {
    for (const task of ["bin", "train", "card", "exact", "probability", "points", "fine"]) await run(task);
    for (const task of ["evaluate", "before"]) await runTask(flowOf(TASKS, 1), task, kept, setting);
  }, 120_000);
  const valuesOf = (table: string, name: string): number[] => {
    const column = kept.bank!.tables[table]!.columns.find((each) => each.name === name)!;
    return column.kind === "number" ? [...column.values] : [];
  };
  const cardOf = (party: string): Scorecard & { exports: Record<string, string> } =>
    kept[party]!.reports["card.report"]!.data as never;

  it("is points on the scale asked for, of each party's own columns", () => {
    const exact = valuesOf("fine.data", "score");
    const margin = valuesOf("probability.data", "score").map((p) => Math.log(p / (1 - p)));
    const factor = 20 / Math.LN2;
    exact.forEach((score, row) => {
      // A host's total of the regression is rounded to 2^-12 of its spread; points here to four decimals.
      expect(Math.abs(score - (600 - factor * (Math.log(50) + margin[row]!)))).toBeLessThan(0.02);
    });
    expect(cardOf("bank").columns.map(({ name }) => name)).toEqual(["g"]);
    expect(cardOf("telco")).toMatchObject({ base: null, columns: [{ name: "h" }, { name: "k" }] });
  });

  it("scores raw rows in whole points, which are those of the parties' tables", () => {
    const scores = valuesOf("points.data", "score");
    expect(scores.every(Number.isInteger)).toBe(true);
    const pointsOf = (party: string): Record<string, number[]> => {
      const { pipeline } = kept[party]!.models["card.model"] as { pipeline: Pipeline };
      const { columns } = pipeline.at(-1)!.part as { columns: unknown };
      return Object.fromEntries(storedColumns(columns).map(({ fine, woe }) => [fine.name, [...woe!]]));
    };
    for (const party of ["bank", "telco"])
      for (const { name, bins } of cardOf(party).columns)
        expect(pointsOf(party)[name]).toEqual(bins.map(({ points }) => points));
    const base = cardOf("bank").base!;
    valuesOf("points.data", "contribution_telco").forEach((theirs, row) => {
      expect(base + theirs + valuesOf("points.data", "contribution_g")[row]!).toBe(scores[row]);
    });
    expect(Math.abs(scores[0]! - valuesOf("fine.data", "score")[0]!)).toBeLessThan(2.5);
  });

  it("ranks as the regression does, points falling with the risk", () => {
    const auc = (task: string): number => (kept.bank!.reports[`${task}.report`]!.data as { auc: number }).auc;
    expect(auc("evaluate")).toBeGreaterThan(0.7);
    expect(Math.abs(auc("evaluate") - auc("before"))).toBeLessThan(0.02);
  });

  it("serves single raw rows with the table's points", async () => {
    const answers: ScoreAnswer[] = [];
    await run("serve", {
      startedAtMs: Date.now(),
      call: async (party, answer) => {
        if (party !== "bank") return;
        const asked = rows.slice(0, 20).map((i) => ({ id: `id-${i}`, features: { g: g[i]! } }));
        while (answers.length === 0 || answers[0]?.score === undefined) {
          answers.splice(0, answers.length, ...((await answer(asked)) as ScoreAnswer[]));
          await new Promise(setImmediate);
        }
      },
    });
    expect(answers.map(({ score }) => score)).toEqual(valuesOf("points.data", "score").slice(0, 20));
  });

  it("is read back from the stored part as it was reported, but for the weights", () => {
    for (const party of ["bank", "telco"]) {
      const { exports, columns, ...card } = cardOf(party);
      const bare = columns.map(({ bins, ...column }) => ({
        ...column,
        bins: bins.map((bin) => ({ ...bin, woe: null })),
      }));
      const { positive, ...reported } = card as typeof card & { positive: unknown };
      expect(describeModel(kept[party]!.models["card.model"])!.scorecard).toEqual({ ...reported, columns: bare });
      expect(describeModel(kept[party]!.models["train.model"])!.scorecard).toBeNull();
    }
  });

  it("goes out as CSV, JSON with its schema and PMML, of the own part alone", () => {
    const { exports } = cardOf("telco");
    const { scorecard, schema } = JSON.parse(exports.json!) as { scorecard: unknown; schema: { type: string } };
    expect([scorecardShape.parse(scorecard).party, schema.type]).toEqual(["telco", "object"]);
    expect(exports.csv).toContain("\r\nh,");
    expect(exports.pmml).toContain('<Characteristic name="k"');
    expect(JSON.stringify(kept.telco!.reports)).not.toContain('"g"');
  });

  it("refuses a regression that is not on bins, and one that is a card already", async () => {
    await run("plain");
    expect((await failureOf(run("unbinned"))).code).toBe("input.model");
    expect((await failureOf(run("twice"))).code).toBe("input.model");
  });

  it("refuses bins whose weights were changed before the regression saw them", () => {
    const { pipeline } = kept.telco!.models["train.model"] as { pipeline: Pipeline };
    const data = kept.telco!.tables["bin.data"]!;
    const after = (spec: StepSpec): Pipeline => {
      const { steps } = fitSteps(data, [spec], { minimumRows: 1, label: null });
      return [...pipeline, fittedTransform("prepare", [], { steps })];
    };
    const cardAfter = (given: Pipeline) => () =>
      cardPart([{ column: "h", category: null, merged: null, mean: 0, coefficient: 1 }], given, {
        ...{ baseScore: 600, baseOdds: 50, pointsToDouble: 20, decimals: 0 },
      });
    expect(cardAfter(after({ kind: "scale", columns: ["h"], method: "standard" }))).toThrow(/changed after/);
    expect(cardAfter(after({ kind: "drop", columns: ["k"] }))().columns).toHaveLength(1);
  });

  it("has parts of one model, and the columns that the regression was trained on", () => {
    const idOf = (party: string, task: string): string =>
      (kept[party]!.models[`${task}.model`] as { part: GuestModel | HostModel }).part.modelId;
    expect(idOf("bank", "card")).toBe(idOf("telco", "card"));
    expect(new Set(["train", "card", "exact"].map((task) => idOf("bank", task))).size).toBe(3);
    const read = {
      component: "read-table",
      partyParameters: { bank: { columns: ["g"] }, telco: { columns: ["h", "k"] } },
    };
    const flow: FlowDraft = {
      ...flowOf(TASKS),
      tasks: { read, ...TASKS, bin: { ...TASKS.bin!, inputs: { data: "read.data" } } },
    };
    expect(trainedColumns(flow, "card")).toEqual({ bank: ["g"], telco: ["h", "k"] });
  });
});
