import type { GuestClassModel, GuestModel } from "@tombolo/federated/vertical/regression";
import { describe, expect, it } from "vitest";
import type { TaskDraft } from "../flows.ts";
import { regressionPredict } from "../regression-predict/index.ts";
import { regressionServe } from "../regression-serve/index.ts";
import type { ScoreAnswer } from "../score-service/items.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed, PARTIES } from "../testing/tasks.ts";
import { regressionTrain } from "./index.ts";

const ROWS = 300;
const rows = [...Array(ROWS).keys()];
const noise = (step: number): number[] => rows.map((i) => ((i * step) % 307) / 307);
const [g, h, k] = [noise(37), noise(53), noise(29)] as [number[], number[], number[]];
const label = rows.map((i) => Number(g[i]! + h[i]! - k[i]! + 0.6 * noise(17)[i]! > 0.8));
const ids = texts(
  "id",
  rows.map((i) => `id-${i}`),
);
const columns = [numbers("g", g), numbers("h", h), numbers("k", k)];
/** Not aligned with anybody's. */
const data = { ...keyed(tableOf(ids, numbers("y", label), ...columns), "y"), aligned: false };
const size = texts(
  "size",
  rows.map((i) => ["small", "middle", "large"][Math.min(2, Math.floor(2 * (g[i]! + 0.5 * noise(11)[i]!)))]!),
);
const classes = { ...keyed(tableOf(ids, size, ...columns), "size"), aligned: false };

const bands = [
  { name: "low", below: 0.3 },
  { name: "middle", below: 0.6 },
  { name: "high", below: null },
];
const predicting = (model: string, parameters: Record<string, unknown> = {}): TaskDraft => ({
  component: "regression-predict",
  inputs: { model, data: "in.data" },
  parameters,
});
const serving = (model: string, parameters: Record<string, unknown> = {}): TaskDraft => ({
  component: "regression-serve",
  inputs: { model },
  parameters: { until: "2099-01-01T00:00:00Z", ...parameters },
});
const TASKS: Record<string, TaskDraft> = {
  bin: { component: "bin", inputs: { data: "in.data" }, partyParameters: { bank: { fineBins: 6 } } },
  select: {
    component: "select",
    inputs: { data: "bin.data", binning: "bin.model" },
    parameters: { informationMin: 0.02 },
  },
  train: {
    component: "regression-train",
    inputs: { data: "select.data" },
    parameters: { inference: true, residuals: true },
  },
  again: { component: "regression-train", inputs: { data: "select.data", start: "train.model" } },
  card: { component: "scorecard", inputs: { model: "train.model" } },
  points: predicting("card.model", { contributions: true }),
  evaluate: { component: "evaluate", inputs: { data: "points.data" }, parameters: { meaning: "no", threshold: 600 } },
  scores: predicting("train.model"),
  banded: predicting("train.model", { output: "band", bands }),
  serve: serving("card.model", { reasons: 2 }),
  classes: {
    component: "regression-train",
    inputs: { data: "in.classes" },
    parameters: { family: "multinomial", classes: 3 },
  },
  shares: { ...predicting("classes.model"), inputs: { model: "classes.model", data: "in.classes" } },
  likeliest: {
    ...predicting("classes.model", { output: "class" }),
    inputs: { model: "classes.model", data: "in.classes" },
  },
};

describe("a regression of the guest alone", () => {
  const kept: Record<string, Kept> = {
    bank: { ...emptyKept(), tables: { "in.data": data, "in.classes": classes } },
  };
  const bank = kept.bank!;
  const setting: Setting = { datasets: {} };
  const run = (task: string, more: Partial<Setting> = {}) =>
    runTask(flowOf(TASKS, 1), task, kept, { ...setting, ...more });
  const columnOf = (table: string, name: string) => {
    const column = bank.tables[table]!.columns.find((each) => each.name === name)!;
    return column.kind === "number"
      ? [...column.values]
      : Array.from(column.codes, (code) => column.categories[code] ?? null);
  };

  it("goes from raw columns to a scorecard that is judged, and tells nobody anything", async () => {
    for (const task of ["bin", "select", "train", "card", "points", "evaluate", "scores"]) await run(task);
    const { part, inference } = bank.models["train.model"] as { part: GuestModel; inference: { terms: unknown[] } };
    expect(part).toMatchObject({ kind: "regression/guest", hosts: [], family: "logistic" });
    expect(inference.terms).toHaveLength(3);
    expect(bank.reports["train.report"]!.data).toMatchObject({
      converged: true,
      residuals: { step: 1, rows: ROWS },
      coefficients: part.terms.map(({ column }) => ({ column, estimate: { p: expect.any(Number) } })),
    });
    expect(bank.reports["evaluate.report"]!.data).toMatchObject({ auc: expect.closeTo(0.94, 1) });
    const participants = PARTIES.slice(0, 1);
    for (const component of [regressionTrain, regressionPredict])
      expect(
        component.discloses({ participants, parameters: component.parameters.parse({}), partyParameters: {} } as never),
      ).toEqual([]);
    const until = regressionServe.parameters.parse({ until: "2099-01-01T00:00:00Z" });
    expect(regressionServe.discloses({ participants, parameters: until, partyParameters: {} } as never)).toEqual([]);
  });

  it("gives the bands of the scores, and starts from what it was", async () => {
    for (const task of ["banded", "again"]) await run(task);
    const scores = columnOf("scores.data", "score") as number[];
    expect(columnOf("banded.data", "band")).toEqual(
      scores.map((score) => bands.find(({ below }) => below === null || score < below)!.name),
    );
    expect((bank.reports["again.report"]!.data as { steps: number }).steps).toBe(0);
    const joint = { ...flowOf(TASKS, 2), tasks: { scores: TASKS.scores! } };
    const withHost = { bank, telco: { ...emptyKept(), tables: { "in.data": data } } };
    const aligned = { ...bank, tables: { ...bank.tables, "in.data": { ...data, aligned: true } } };
    const failure = await failureOf(runTask(joint, "scores", { ...withHost, bank: aligned }, setting));
    expect(failure.code).toBe("input.model");
  });

  it("serves its card row by row", async () => {
    const points = columnOf("points.data", "score") as number[];
    const call: Setting["call"] = async (_, answer) => {
      const asked = rows.map((i) => ({ id: `id-${i}`, features: { g: g[i], h: h[i], k: k[i] } }));
      const answers = (await answer(asked)) as ScoreAnswer[];
      expect(answers.map(({ score }) => score)).toEqual(points);
      expect(answers[0]!.reasons!.map(({ party }) => party)).toEqual(["bank", "bank"]);
    };
    await run("serve", { startedAtMs: Date.now(), call });
  });

  it("tells several classes apart, by probabilities and by the likeliest", async () => {
    for (const task of ["classes", "shares", "likeliest"]) await run(task);
    const { part, classes: names } = bank.models["classes.model"] as { part: GuestClassModel; classes: string[] };
    expect(part.hosts).toEqual([]);
    const shares = names.map((name) => columnOf("shares.data", `score_${name}`) as number[]);
    const likeliest = rows.map((i) => {
      const own = shares.map((each) => each[i]!);
      return names[own.indexOf(Math.max(...own))];
    });
    expect(columnOf("likeliest.data", "class")).toEqual(likeliest);
    const truth = columnOf("in.classes", "size");
    expect(likeliest.filter((name, i) => name === truth[i]).length / ROWS).toBeGreaterThan(0.7);
  });
});
