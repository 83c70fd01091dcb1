/** From bins whose weights stay with the guest to a model, and from raw rows to its scores. */
import type { Scorecard } from "@tombolo/federated/scorecard";
import type { GuestBinsModel, GuestModel, HostBinsModel, HostModel } from "@tombolo/federated/vertical/regression";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { describeModel } from "../model-view.ts";
import { regressionPredict } from "../regression-predict/index.ts";
import type { ScoreAnswer } from "../score-service/items.ts";
import type { ItemRefusal } from "../service.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed } from "../testing/tasks.ts";
import { regressionTrain } from "./index.ts";
import type { StoredRegression } from "./model.ts";

const ROWS = 400;
const LIMIT = { timeout: 240_000 };
const setting: Setting = { datasets: {}, deadlineMs: 200_000 };
const rows = [...Array(ROWS).keys()];
const ids = texts(
  "id",
  rows.map((i) => `id-${i}`),
);
const [G, H, K, M] = [37, 53, 29, 71].map((step) => rows.map((i) => ((i * step) % 101) / 50 - 1)) as [
  number[],
  number[],
  number[],
  number[],
];
const PLAN = rows.map((i) => (i % 9 === 0 ? null : ["a", "b", "c"][(i * 7) % 3]!));
const Y = rows.map((i) => Number(G[i]! + H[i]! - K[i]! + ((i * 17) % 23) / 6 + (PLAN[i] === "c" ? 0.6 : 0) > 2));

const bank = keyed(tableOf(ids, numbers("y", Y), numbers("g", G)), "y");
const telco = keyed(tableOf(ids, numbers("h", H), numbers("k", K), numbers("m", M), texts("plan", PLAN)));

const binning = (mode: string): TaskDraft => ({
  component: "bin",
  inputs: { data: "in.data" },
  parameters: { mode, method: "fine", minimumEvents: 5 },
  partyParameters: { bank: { fineBins: 4 }, telco: { fineBins: 4 } },
});
const shared: TaskDraft = {
  component: "regression-train",
  inputs: { data: "bins.data", binning: "bins.model" },
  parameters: { sharedBins: true },
};
const scoring = (model: string, data: string, parameters: Record<string, unknown> = {}): TaskDraft => ({
  component: "regression-predict",
  inputs: { model, data },
  parameters: { binSetsMin: 16, ...parameters },
});
const BANDS = {
  output: "band",
  bands: [
    { name: "low", below: 0.3 },
    { name: "middle", below: 0.6 },
    { name: "high", below: null },
  ],
};
const serving = (model: string, parameters: Record<string, unknown> = {}): TaskDraft => ({
  component: "regression-serve",
  inputs: { model, data: "in.data" },
  parameters: { until: "2099-01-01T00:00:00Z", binSetsMin: 16, ...parameters },
});
const tasks: Record<string, TaskDraft> = {
  bins: binning("shared"),
  told: binning("host-learns-woe"),
  train: shared,
  plain: { component: "regression-train", inputs: { data: "told.data" } },
  score: scoring("train.model", "bins.data"),
  raw: scoring("train.model", "in.data", { contributions: true }),
  known: scoring("plain.model", "in.data"),
  bands: scoring("train.model", "in.data", BANDS),
  card: { component: "scorecard", inputs: { model: "train.model" } },
  points: scoring("card.model", "in.data", { contributions: true }),
};
const flow = flowOf(tasks);
const run = (name: string, kept: Readonly<Record<string, Kept>>, more: Record<string, TaskDraft> = {}) =>
  runTask(flowOf({ ...tasks, ...more }), name, kept, setting);
const columnOf = (kept: Kept, table: string, name: string): number[] => {
  const column = kept.tables[table]!.columns.find((each) => each.name === name)!;
  return column.kind === "number"
    ? [...column.values]
    : [...column.codes].map((code) => Number(column.categories[code]));
};
const partOf = <P>(kept: Kept, model: string) => kept.models[model] as StoredRegression<P>;
const logit = (score: number): number => Math.log(score / (1 - score));

describe("a regression on bins whose weights stay with the guest", () => {
  const kept: Record<string, Kept> = {
    bank: { ...emptyKept(), tables: { "in.data": bank } },
    telco: { ...emptyKept(), tables: { "in.data": telco } },
  };
  beforeAll(async () => {
    for (const name of Object.keys(tasks)) await runTask(flow, name, kept, setting);
  }, 240_000);
  const guest = () => partOf<GuestBinsModel>(kept.bank!, "train.model").part;
  const host = () => partOf<HostBinsModel>(kept.telco!, "train.model").part;

  it("has the coefficients of the mode in which the host learns its weights, all of them at the guest", () => {
    const own = partOf<GuestModel>(kept.bank!, "plain.model").part;
    const theirs = partOf<HostModel>(kept.telco!, "plain.model").part;
    expect(guest().intercept).toBeCloseTo(own.intercept, 2);
    expect(guest().terms[0]!.coefficient).toBeCloseTo(own.terms[0]!.coefficient, 2);
    const { columns } = guest().lookups;
    host().columns.forEach(({ column, bins }, i) => {
      const term = theirs.terms.find((each) => each.column === column)!;
      expect(columns[i]!.coefficient).toBeCloseTo(term.coefficient, 2);
      expect(columns[i]!.mean).toBeCloseTo(term.mean, 9);
      expect(columns[i]!.scale).toBeCloseTo(term.scale, 9);
      expect(columns[i]!.woe).toHaveLength(bins.length);
    });
  });

  it("leaves the host neither weights nor coefficients, and the guest neither names nor edges", () => {
    const { part, pipeline } = partOf<HostBinsModel>(kept.telco!, "train.model");
    expect(Object.keys(part).sort()).toEqual(["columns", "kind", "modelId", "version"]);
    expect(part.columns.map(({ column }) => column)).toEqual(["h", "k", "m", "plan"]);
    expect(JSON.stringify(pipeline)).not.toMatch(/"woe":\[/);
    expect(JSON.stringify(kept.telco!.reports["train.report"])).toContain('"coefficients":[]');
    expect(guest().lookups.columns.map(({ name }) => name)).toEqual([null, null, null, null]);
    expect(JSON.stringify(guest())).not.toContain("plan");
    const view = describeModel(kept.bank!.models["train.model"])!.regression!;
    expect(view.coefficients.map(({ column }) => column)).toEqual([
      "g",
      ...guest().lookups.columns.map(({ id }) => `telco: ${id + 1}`),
    ]);
  });

  it("scores raw rows as the rows that it was trained on, near the other mode's, in bands alone if asked", () => {
    const of = (name: string): number[] => columnOf(kept.bank!, `${name}.data`, "score");
    expect(of("raw")).toEqual(of("score"));
    const [scores, known] = [of("score").map(logit), of("known").map(logit)];
    const { quantum, columns } = guest().lookups;
    scores.forEach((score, row) => {
      expect(Math.abs(score - known[row]!)).toBeLessThan(columns.length * quantum + 0.02);
    });
    const band = kept.bank!.tables["bands.data"]!.columns.find(({ name }) => name === "band")!;
    const names = band.kind === "text" ? Array.from(band.codes, (code) => band.categories[code]) : [];
    of("raw").forEach((score, row) => {
      const sure = [0.3, 0.6].every((bound) => Math.abs(logit(score) - logit(bound)) > columns.length * quantum);
      if (sure) expect(names[row]).toBe(score < 0.3 ? "low" : score < 0.6 ? "middle" : "high");
    });
  });

  it("becomes a card whose points are all at the guest, by number of bin, and scores in whole ones", () => {
    const { columns, exports } = kept.bank!.reports["card.report"]!.data as Scorecard & {
      exports: Record<string, string>;
    };
    const theirs = columns.slice(1);
    expect(theirs.map(({ name }) => name)).toEqual(guest().lookups.columns.map(({ id }) => `telco: ${id + 1}`));
    theirs.forEach(({ bins }, i) => {
      const { woe, rows: counts, coefficient, mean } = guest().lookups.columns[i]!;
      expect(bins.map((each) => each.rows)).toEqual(counts);
      bins.forEach(({ points, name }, bin) => {
        expect(Math.abs(points + (20 / Math.LN2) * coefficient * (woe[bin]! - mean))).toBeLessThanOrEqual(0.5 + 1e-9);
        expect(name).toBe(String(bin + 1));
      });
    });
    expect(exports.pmml).toContain('name="g"');
    expect(exports.pmml).not.toContain("telco: ");
    expect(kept.telco!.reports["card.report"]!.data).toMatchObject({ base: null, columns: [] });
    expect(describeModel(kept.telco!.models["card.model"])!.scorecard).toBeNull();
    expect(describeModel(kept.bank!.models["card.model"])!.scorecard!.columns.map(({ name }) => name)).toEqual(
      columns.map(({ name }) => name),
    );
    const scores = columnOf(kept.bank!, "points.data", "score");
    expect(scores.every(Number.isInteger)).toBe(true);
    const factor = 20 / Math.LN2;
    columnOf(kept.bank!, "score.data", "score").forEach((score, row) => {
      const exact = 600 - factor * (Math.log(50) + logit(score));
      expect(Math.abs(scores[row]! - exact)).toBeLessThan(columns.length + 1);
    });
  });

  it.each([
    ["the regression", "train.model", "raw.data"],
    ["its card", "card.model", "points.data"],
  ])("answers single raw rows with the scores of batch scoring: %s", LIMIT, async (_, model, table) => {
    const scores = columnOf(kept.bank!, table, "score");
    const items = G.map((g, i) => ({ id: `id-${i}`, features: { g } }));
    let changed = false;
    const call: Setting["call"] = async (party, answer) => {
      if (party !== "bank") {
        const features = { h: H[1], k: K[1], m: M[1], plan: PLAN[1] };
        while (!changed) await new Promise(setImmediate);
        await answer([{ put: { id: "id-0", features } }]);
        changed = false;
        return;
      }
      const ask = async (batch: readonly unknown[]) => (await answer(batch)) as (ScoreAnswer & Partial<ItemRefusal>)[];
      while ((await ask([items[0]]))[0]!.refusal?.code === "transport.missing-host") await new Promise(setImmediate);
      const answers = (await Promise.all([ask(items.slice(0, 1)), ask(items.slice(1))])).flat();
      expect(answers.map(({ score }) => score)).toEqual(scores);
      expect((await ask([{ id: "nobody", features: { g: 1 } }]))[0]!.refusal!.code).toBe("state.unknown-id");
      changed = true;
      while (changed) await new Promise(setImmediate);
      const [moved] = await ask([{ id: "id-0", features: { g: G[1] } }]);
      expect(moved!.score).toBe(scores[1]);
    };
    await runTask(flowOf({ serve: serving(model) }), "serve", kept, { ...setting, startedAtMs: Date.now(), call });
  });

  it("has one total for all of the host's columns among what moved a score", () => {
    const [score, own, theirs] = ["score", "contribution_g", "contribution_telco"].map((name) =>
      columnOf(kept.bank!, "raw.data", name),
    );
    own!.forEach((part, row) => {
      expect(logit(score![row]!)).toBeCloseTo(guest().intercept + part + theirs![row]!, 6);
    });
  });

  it(
    "scores any raw rows as it does among others: missing, beyond all edges, of categories never seen",
    LIMIT,
    async () => {
      const value = fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(Number.NaN));
      const row = fc.tuple(value, value, value, value, fc.constantFrom("a", "b", "c", "new", null));
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (made) => {
          const at = made.map((_, i) => `new-${i}`);
          const [g, h, k, m] = [0, 1, 2, 3].map((place) => made.map((each) => each[place] as number));
          const raw = (own: TaskTable): Kept["tables"] => ({ "in.data": own });
          const bankRows = keyed(
            tableOf(
              texts("id", at),
              numbers(
                "y",
                made.map(() => 0),
              ),
              numbers("g", g!),
            ),
            "y",
          );
          const telcoRows = keyed(
            tableOf(
              ...[texts("id", at), numbers("h", h!), numbers("k", k!), numbers("m", m!)],
              texts(
                "plan",
                made.map((each) => each[4]),
              ),
            ),
          );
          const each = {
            bank: { ...kept.bank!, tables: raw(bankRows) },
            telco: { ...kept.telco!, tables: raw(telcoRows) },
          };
          await run("raw", each);
          const { lookups, intercept } = guest();
          const bins = { component: "bin-apply", inputs: { data: "in.data", model: "bins.model" } };
          await run("applied", each, { applied: bins });
          const table = each.telco.tables["applied.data"]!;
          const own = columnOf(each.bank, "raw.data", "contribution_g");
          columnOf(each.bank, "raw.data", "score").forEach((score, i) => {
            const total = host().columns.reduce((sum, { column, bins: names }, c) => {
              const { coefficient, woe, mean } = lookups.columns[c]!;
              const found = table.columns.find(({ name }) => name === column)!;
              const name = found.kind === "text" ? found.categories[found.codes[i]!] : undefined;
              return sum + coefficient * ((name === undefined ? 0 : woe[names.indexOf(name)]!) - mean);
            }, intercept + own[i]!);
            expect(Math.abs(logit(score) - total)).toBeLessThan(host().columns.length * lookups.quantum);
          });
        }),
        { numRuns: 4 },
      );
    },
  );

  it("is banded once in a job over a dataset: other bounds would narrow totals down", () => {
    const once = (given: object): boolean =>
      regressionPredict.oncePerDataset!(regressionPredict.parameters.parse(given));
    expect(once(BANDS)).toBe(true);
    expect(once({ ...BANDS, output: "decision" })).toBe(true);
    expect(once({})).toBe(false);
  });

  it("refuses what does not go with it, before consent where the flow shows it", () => {
    const faultsOf = (given: Record<string, unknown>, hosts: number, inputs: string[]) =>
      regressionTrain.faults!({
        parameters: regressionTrain.parameters.parse(given),
        participants: [
          { party: "bank", role: "guest" },
          ...Array.from({ length: hosts }, (_, i) => ({ party: `host-${i}`, role: "host" })),
        ],
        written: {},
        inputs,
      }).map(({ parameter }) => parameter);
    const given = { sharedBins: true };
    expect(faultsOf(given, 1, ["data", "binning"])).toEqual([]);
    expect(faultsOf(given, 1, ["data"])).toEqual(["sharedBins"]);
    expect(faultsOf({}, 1, ["data", "binning"])).toEqual(["sharedBins"]);
    expect(faultsOf(given, 2, ["data", "binning"])).toEqual(["sharedBins"]);
    expect(faultsOf(given, 1, ["data", "binning", "start"])).toEqual(["sharedBins"]);
    expect(faultsOf({ ...given, family: "poisson" }, 1, ["data", "binning"])).toEqual(["sharedBins"]);
    expect(faultsOf({ ...given, inference: true }, 1, ["data", "binning"])).toContain("sharedBins");
  });

  it(
    "refuses at run time another binning, rows that are not in it, and totals that would tell bins",
    LIMIT,
    async () => {
      const cases: [string, TaskDraft][] = [
        ["input.model", { ...shared, inputs: { data: "bins.data", binning: "told.model" } }],
        ["input.pipeline", { ...shared, inputs: { data: "in.data", binning: "bins.model" } }],
        ["input.model", { ...shared, inputs: { data: "bins.data" } }],
        ["consent.few-columns", scoring("train.model", "in.data", { binSetsMin: 2 ** 30 })],
        ["consent.few-columns", scoring("train.model", "in.data", { hostColumnsMin: 5 })],
        ["input.parameters", { component: "scorecard", inputs: { model: "train.model" }, parameters: { decimals: 2 } }],
        [
          "input.parameters",
          { component: "scorecard", inputs: { model: "train.model" }, parameters: { pointsToDouble: 10_000 } },
        ],
        ["input.model", { component: "regression-train", inputs: { data: "told.data", start: "train.model" } }],
        ["consent.few-columns", serving("train.model", { binSetsMin: 2 ** 30 })],
      ];
      for (const [code, odd] of cases) expect((await failureOf(run("odd", kept, { odd }))).code).toBe(code);
    },
  );
});
