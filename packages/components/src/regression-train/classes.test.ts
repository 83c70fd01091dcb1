import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { regressionPredict } from "../regression-predict/index.ts";
import type { ScoreAnswer } from "../score-service/items.ts";
import type { ItemRefusal } from "../service.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed } from "../testing/tasks.ts";
import type { RegressionFit } from "./fit.ts";
import { regressionTrain } from "./index.ts";

const ROWS = 150;
const setting: Setting = { datasets: {}, deadlineMs: 110_000 };
const NAMES = ["bronze", "gold", "silver"];

/** Which of three grades a row has follows from g, h and k in part. */
function tables(): { bank: TaskTable; telco: TaskTable } {
  const rows = Array.from({ length: ROWS }, (_, i) => i);
  const ids = texts(
    "id",
    rows.map((i) => `id-${i}`),
  );
  const [g, h, k, m, n] = [37, 53, 29, 71, 83].map((step) => rows.map((i) => ((i * step) % 101) / 50 - 1));
  const grade = rows.map((i) => {
    const noise = ((i * 17) % 23) / 11 - 1;
    const scores = [g![i]! - k![i]! + noise, h![i]! - g![i]!, k![i]! - noise];
    return NAMES[scores.indexOf(Math.max(...scores))]!;
  });
  return {
    bank: keyed(tableOf(ids, texts("grade", grade), numbers("g", g!)), "grade"),
    telco: keyed(tableOf(ids, numbers("h", h!), numbers("k", k!), numbers("m", m!), numbers("n", n!))),
  };
}

const train: TaskDraft = {
  component: "regression-train",
  inputs: { data: "in.data" },
  parameters: { family: "multinomial", classes: 3, iterations: 6, rowsPerTerm: 5 },
};
const predict = (parameters: Record<string, unknown>): TaskDraft => ({
  component: "regression-predict",
  inputs: { model: "train.model", data: "in.data" },
  parameters,
});
const serve = (parameters: Record<string, unknown>): TaskDraft => ({
  component: "regression-serve",
  parameters: { until: "2099-01-01T00:00:00Z", ...parameters },
  inputs: { model: "train.model", data: "in.data" },
});
const BANDS = [
  { name: "a", below: 0.5 },
  { name: "b", below: null },
];
const flow = flowOf({
  train,
  scores: predict({}),
  named: predict({ output: "class", hostColumnsMin: 9 }),
  few: predict({ hostColumnsMin: 4 }),
  banded: predict({ output: "band", bands: BANDS }),
  served: serve({ reasons: 5, hostReasons: true }),
  servedClass: serve({ output: "class" }),
  servedBands: serve({ output: "band", bands: BANDS }),
  servedDefault: serve({ unknownId: "default", defaultScore: 0.5 }),
  other: {
    ...train,
    parameters: { ...train.parameters, family: "one-vs-rest" },
    inputs: { data: "in.data", start: "train.model" },
  },
  again: { ...train, inputs: { data: "in.data", start: "train.model" } },
});
const columnOf = (kept: Kept, table: string, name: string) =>
  kept.tables[table]!.columns.find((column) => column.name === name)!;

/** Row by row the probabilities are those of the table, to the last bit. */
async function served(kept: Record<string, Kept>, sharesOf: (row: number) => number[]): Promise<void> {
  const g = columnOf(kept.bank!, "in.data", "g");
  const rows = Array.from({ length: 5 }, (_, i) => ({
    id: `id-${i}`,
    features: { g: g.kind === "number" ? g.values[i] : null },
  }));
  for (const name of ["served", "servedClass"]) {
    const call: Setting["call"] = async (party, answer) => {
      if (party !== "bank") return;
      const ask = async (batch: readonly unknown[]) => (await answer(batch)) as (ScoreAnswer & Partial<ItemRefusal>)[];
      while ((await ask([rows[0]]))[0]!.refusal?.code === "transport.missing-host") await new Promise(setImmediate);
      const answers = await ask(rows);
      answers.forEach((given, row) => {
        const shares = sharesOf(row);
        const likeliest = NAMES[shares.indexOf(Math.max(...shares))]!;
        expect(given.class).toBe(likeliest);
        expect(given.score).toBeUndefined();
        if (name === "servedClass") expect(given).toEqual({ class: likeliest });
        else {
          expect(Object.values(given.probabilities!)).toEqual(shares);
          expect(given.reasons!.map(({ party: whose }) => whose).sort()).toEqual(["bank", "telco"]);
        }
      });
      expect((await ask([{ id: "nobody", features: { g: 1 } }]))[0]!.refusal!.code).toBe("state.unknown-id");
    };
    await runTask(flow, name, kept, { ...setting, startedAtMs: Date.now(), call });
  }
}

describe("a regression of several classes", () => {
  it("gives each party its coefficients of each class, and the guest probabilities or the class", async () => {
    const own = tables();
    const kept: Record<string, Kept> = Object.fromEntries(
      Object.entries(own).map(([party, data]) => [party, { ...emptyKept(), tables: { "in.data": data } }]),
    );
    await runTask(flow, "train", kept, setting);
    const fits = ["bank", "telco"].map((party) => kept[party]!.reports["train.report"]!.data as RegressionFit);
    expect(fits[0]).toMatchObject({
      family: "multinomial",
      intercept: null,
      classes: { count: 3, names: NAMES, intercepts: [expect.anything(), expect.anything(), expect.anything()] },
    });
    expect(fits[1]!.classes).toEqual({ count: 3, names: null, intercepts: null });
    expect(fits[1]!.coefficients.map(({ column, class: place }) => `${column}${place}`)).toEqual(
      ["h", "k", "m", "n"].flatMap((column) => [0, 1, 2].map((place) => `${column}${place}`)),
    );
    expect(JSON.stringify(kept.telco!.models["train.model"])).not.toContain("gold");

    await runTask(flow, "scores", kept, setting);
    const scores = NAMES.map((name) => columnOf(kept.bank!, "scores.data", `score_${name}`));
    const at = (c: number, row: number): number => {
      const column = scores[c]!;
      return column.kind === "number" ? column.values[row]! : Number.NaN;
    };
    const grade = columnOf(kept.bank!, "in.data", "grade");
    await runTask(flow, "named", kept, setting);
    const named = columnOf(kept.bank!, "named.data", "class");
    let right = 0;
    for (let row = 0; row < ROWS; row++) {
      const shares = [0, 1, 2].map((c) => at(c, row));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      if (named.kind !== "text" || grade.kind !== "text") throw new Error("texts");
      const name = named.categories[named.codes[row]!]!;
      expect(shares[NAMES.indexOf(name)]).toBeCloseTo(Math.max(...shares), 2);
      if (name === grade.categories[grade.codes[row]!]) right++;
    }
    expect(right / ROWS).toBeGreaterThan(0.6);
    expect(kept.telco!.tables["named.data"]).toBeUndefined();
    // Two totals of four columns: a column more than of one.
    for (const [name, code] of [
      ["few", "consent.few-columns"],
      ["banded", "input.model"],
      ["servedBands", "input.model"],
      ["servedDefault", "input.model"],
      ["other", "input.model"],
    ] as const)
      expect((await failureOf(runTask(flow, name, kept, setting))).code, name).toBe(code);
    await served(kept, (row) => [0, 1, 2].map((c) => at(c, row)));
    await runTask(flow, "again", kept, setting);
    const gradient = (name: string): number =>
      (kept.bank!.reports[name]!.data as { course: { gradient: number }[] }).course[0]!.gradient;
    expect(gradient("again.report")).toBeLessThan(gradient("train.report") / 4);
  }, 120_000);

  it("is refused before consent without the number of classes, and where there are none", () => {
    const participants = (hosts: number) => [
      { party: "bank", role: "guest" },
      ...Array.from({ length: hosts }, (_, i) => ({ party: `host${i}`, role: "host" })),
    ];
    const faultsOf = (given: Record<string, unknown>, hosts = 1) =>
      regressionTrain.faults!({
        parameters: regressionTrain.parameters.parse(given),
        participants: participants(hosts),
        written: {},
        inputs: [],
      }).map(({ parameter }) => parameter);
    expect(faultsOf({ family: "multinomial" })).toEqual(["classes"]);
    expect(faultsOf({ classes: 3 })).toEqual(["classes"]);
    expect(faultsOf({ family: "one-vs-rest", classes: 3 }, 2)).toEqual([]);
    expect(faultsOf({ family: "one-vs-rest", classes: 3, inference: true })).toEqual(["inference"]);
    expect(faultsOf({ family: "one-vs-rest", classes: 3 })).toEqual([]);
    expect(faultsOf({})).toEqual([]);
  });

  it("says that the host learns how many classes there are, and of a class alone that there are no totals", () => {
    const participants = [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
    ];
    const kindsOf = (given: Record<string, unknown>) =>
      regressionTrain
        .discloses({ participants, partyParameters: {}, parameters: regressionTrain.parameters.parse(given) })
        .filter(({ recipient }) => recipient === "telco")
        .map(({ kind }) => kind);
    expect(kindsOf({ family: "multinomial", classes: 3 })).toContain("class-count");
    expect(kindsOf({})).not.toContain("class-count");
    const told = regressionPredict
      .discloses({
        participants,
        partyParameters: {},
        parameters: regressionPredict.parameters.parse({ output: "class" }),
      })
      .map(({ kind }) => kind);
    expect(told).toContain("row-classes");
    expect(told).not.toContain("row-totals");
  });
});
