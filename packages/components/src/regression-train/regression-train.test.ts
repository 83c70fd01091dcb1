import { TomboloError } from "@tombolo/base";
import type { GuestModel, HostModel } from "@tombolo/federated/vertical/regression";
import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import type { ScoreAnswer } from "../score-service/items.ts";
import type { ItemRefusal } from "../service.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed } from "../testing/tasks.ts";
import { batchFaults } from "./faults.ts";
import { regressionTrain } from "./index.ts";
import { parameters } from "./parameters.ts";

const ROWS = 120;
const setting: Setting = { datasets: {}, deadlineMs: 110_000 };
const LIMIT = { timeout: 120_000 };

/** Labels that g, h and k tell in part. */
function tables(): { bank: TaskTable; telco: TaskTable } {
  const rows = Array.from({ length: ROWS }, (_, i) => i);
  const ids = texts(
    "id",
    rows.map((i) => `id-${i}`),
  );
  const [g, h, k, m] = [37, 53, 29, 71].map((step) => rows.map((i) => ((i * step) % 101) / 50 - 1));
  const y = rows.map((i) => (g![i]! + h![i]! - k![i]! + ((i * 17) % 23) / 8 - 1.4 > 0 ? 1 : 0));
  return {
    bank: keyed(
      tableOf(
        ids,
        numbers("y", y),
        numbers("g", g!),
        numbers(
          "often",
          rows.map((i) => 1 + (i % 2)),
        ),
      ),
      "y",
    ),
    telco: keyed(tableOf(ids, numbers("h", h!), numbers("k", k!), numbers("m", m!))),
  };
}

const task: TaskDraft = {
  component: "regression-train",
  inputs: { data: "in.data" },
  parameters: { iterations: 4 },
  partyParameters: { bank: { weight: "often" } },
};
const flow = flowOf({
  task,
  score: { component: "regression-predict", inputs: { model: "task.model", data: "in.data" } },
});
const keptFor = (own: Readonly<Record<string, TaskTable>>): Record<string, Kept> =>
  Object.fromEntries(
    Object.entries(own).map(([party, data]) => [party, { ...emptyKept(), tables: { "in.data": data } }]),
  );
const columnOf = (kept: Kept, table: string, name: string): number[] => {
  const column = kept.tables[table]!.columns.find((each) => each.name === name)!;
  return column.kind === "number" ? [...column.values] : [];
};

/** What moved each score goes from the intercept to it, at the same scores; the hosts' columns are one. */
async function explaining(kept: Record<string, Kept>, scores: readonly number[]): Promise<void> {
  const explained = { ...flow.tasks.score!, parameters: { contributions: true, hostColumnsMin: 1 } };
  const parties = Object.keys(kept).length;
  await runTask(flowOf({ ...flow.tasks, explained }, parties), "explained", kept, setting);
  const { part } = kept.bank!.models["task.model"] as { part: GuestModel };
  const others = part.hosts.length === 1 ? "telco" : "hosts";
  const of = (name: string): number[] => columnOf(kept.bank!, "explained.data", name);
  expect(of("score")).toEqual(scores);
  of("contribution_g").forEach((own, row) => {
    const margin = part.intercept + own + of(`contribution_${others}`)[row]!;
    expect(Math.log(scores[row]! / (1 - scores[row]!))).toBeCloseTo(margin, 9);
  });
  expect(kept.bank!.reports["explained.contributions"]!.data).toMatchObject({ rows: ROWS, base: part.intercept });
  expect(kept.telco!.reports["explained.contributions"]).toBeUndefined();
}

/** Bands of the scores that the sums give, whichever host comes first; and a start from the model, at which nothing is left to do. */
async function bandsOfSeveral(kept: Record<string, Kept>, scores: readonly number[]): Promise<void> {
  const bands = [
    { name: "low", below: 0.25 },
    { name: "high", below: null },
  ];
  const banded = { ...flow.tasks.score!, parameters: { output: "band", bands } };
  const drawn = flowOf({ ...flow.tasks, banded }, 3);
  await runTask({ ...drawn, parties: [0, 2, 1].map((place) => drawn.parties[place]!) }, "banded", kept, setting);
  const told = kept.bank!.tables["banded.data"]!.columns.find(({ name }) => name === "band")!;
  const names = told.kind === "text" ? Array.from(told.codes, (code) => told.categories[code]!) : [];
  scores.forEach((score, row) => {
    if (Math.abs(score - 0.25) > 1e-3) expect(names[row]).toBe(score < 0.25 ? "low" : "high");
  });
  expect(new Set(names).size).toBe(2);
  for (const host of ["telco", "insurer"]) expect(kept[host]!.tables["banded.data"]).toBeUndefined();
  const again = {
    ...task,
    parameters: { iterations: 4, rowsPerTerm: 5 },
    inputs: { ...task.inputs, start: "task.model" },
  };
  await runTask(flowOf({ again }, 3), "again", kept, setting);
  const first = (name: string): number =>
    (kept.bank!.reports[name]!.data as { course: { gradient: number }[] }).course[0]!.gradient;
  expect(first("again.report")).toBeLessThan(first("task.report") / 4);
}

/** As scores of the table are, to the last bit; in reasons the hosts count as one. */
async function servingOfSeveral(kept: Record<string, Kept>, scores: readonly number[]): Promise<void> {
  const g = columnOf(kept.bank!, "in.data", "g");
  const rows = g.map((value, i) => ({ id: `id-${i}`, features: { g: value } }));
  const serve = {
    component: "regression-serve",
    parameters: { until: "2099-01-01T00:00:00Z", reasons: 9, hostReasons: true },
    inputs: { model: "task.model", data: "in.data" },
  };
  const call: Setting["call"] = async (party, answer) => {
    if (party !== "bank") return;
    const ask = async (batch: readonly unknown[]) => (await answer(batch)) as (ScoreAnswer & Partial<ItemRefusal>)[];
    while ((await ask([rows[0]]))[0]!.refusal?.code === "transport.missing-host") await new Promise(setImmediate);
    const answers = (await Promise.all([ask(rows.slice(0, 1)), ask(rows.slice(1))])).flat();
    expect(answers.map(({ score }) => score)).toEqual(scores);
    const [{ reasons }] = answers as [ScoreAnswer];
    expect(new Set(reasons!.map(({ party: whose }) => whose))).toEqual(new Set(["bank", "telco, insurer"]));
    expect((await ask([{ id: "nobody", features: { g: 1 } }]))[0]!.refusal).toMatchObject({ code: "state.unknown-id" });
  };
  await runTask(flowOf({ ...flow.tasks, serve }, 3), "serve", kept, { ...setting, startedAtMs: Date.now(), call });
}

/** Row by row the scores are those of the table, to the last bit; a rule answers where the host knows nothing. */
async function serving(kept: Record<string, Kept>, scores: readonly number[]): Promise<void> {
  const g = columnOf(kept.bank!, "in.data", "g");
  const rows = g.map((value, i) => ({ id: `id-${i}`, features: { g: value } }));
  const draft = {
    component: "regression-serve",
    parameters: {
      until: "2099-01-01T00:00:00Z",
      reasons: 5,
      hostReasons: true,
      unknownId: "default",
      defaultScore: 0.5,
    },
    inputs: { model: "task.model", data: "in.data" },
  };
  const call: Setting["call"] = async (party, answer) => {
    if (party !== "bank") return;
    const ask = async (batch: readonly unknown[]) => (await answer(batch)) as (ScoreAnswer & Partial<ItemRefusal>)[];
    while ((await ask([rows[0]]))[0]!.refusal?.code === "transport.missing-host") await new Promise(setImmediate);
    const answers = (await Promise.all([ask(rows.slice(0, 1)), ask(rows.slice(1))])).flat();
    expect(answers.map(({ score }) => score)).toEqual(scores);
    const [{ reasons }] = answers as [ScoreAnswer];
    expect(reasons!.map(({ party: whose, feature }) => [whose, feature])).toEqual(
      expect.arrayContaining([
        ["bank", "g"],
        ["telco", 0],
      ]),
    );
    const { intercept } = (kept.bank!.models["task.model"] as { part: { intercept: number } }).part;
    const margin = reasons!.reduce((sum, { contribution }) => sum + contribution, intercept);
    expect(1 / (1 + Math.exp(-margin))).toBeCloseTo(scores[0]!, 12);
    const odd = await ask([
      { id: "nobody", features: { g: 1 } },
      { id: "id-1", features: { g: null } },
    ]);
    expect(odd[0]).toMatchObject({ score: 0.5, policy: { cause: "unknown-id", party: "telco" } });
    expect(odd[1]!.refusal!.code).toBe("input.features");
  };
  await runTask(flowOf({ draft }), "draft", kept, { ...setting, startedAtMs: Date.now(), call });
  const few = { ...draft, parameters: { ...draft.parameters, hostColumnsMin: 4 } };
  const refused = await failureOf(runTask(flowOf({ few }), "few", kept, setting));
  expect(refused).toMatchObject({ code: "consent.few-columns", blame: "telco" });
}

/** From where the model is that is there; never from one of another family. */
async function goingOn(kept: Record<string, Kept>): Promise<void> {
  const again = { ...task, inputs: { data: "in.data", start: "task.model" } };
  await runTask(flowOf({ again }), "again", kept, setting);
  const gradients = (name: string): number[] =>
    (kept.bank!.reports[name]!.data as { course: { gradient: number }[] }).course.map(({ gradient }) => gradient);
  expect(gradients("again.report")[0]).toBeLessThan(gradients("task.report")[0]! / 4);
  const other = { ...again, parameters: { family: "linear" } };
  expect((await failureOf(runTask(flowOf({ other }), "other", kept, setting))).code).toBe("input.model");
}

describe("regression-train, regression-predict and regression-serve", () => {
  it("go on after a crash from the step both have, then score, each with its own coefficients", LIMIT, async () => {
    const kept = keptFor(tables());
    const crash: Setting = {
      ...setting,
      onCheckpoint: (party, count) => {
        if (party === "telco" && count === 3) throw new TomboloError("aborted.crash", "crash");
      },
    };
    await expect(runTask(flow, "task", kept, crash)).rejects.toThrow(/crash/);
    // The telco may take the third step anew, whose shares would not fit those that the bank kept.
    const early: Setting = {
      ...setting,
      onCheckpoint: (_, count) => {
        if (count === 2) throw new TomboloError("aborted.crash", "crash");
      },
    };
    await expect(runTask(flow, "task", kept, early)).rejects.toThrow(/crash/);
    const { steps } = kept.bank!.checkpoints.task as { steps: { iterations: unknown[] }[] };
    expect(steps.at(-1)!.iterations).toHaveLength(2);
    await runTask(flow, "task", kept, setting);
    for (const party of ["bank", "telco"]) expect(kept[party]!.logs).toContain("going on after 2 steps");
    const data = kept.bank!.reports["task.report"]!.data as { course: unknown[]; coefficients: { column: string }[] };
    expect(data.course).toHaveLength(4);
    expect(data.coefficients.map(({ column }) => column)).toEqual(["g"]);
    expect(JSON.stringify(kept.telco!.models["task.model"])).not.toContain('"g"');

    await goingOn(kept);

    await runTask(flow, "score", kept, setting);
    const scores = columnOf(kept.bank!, "score.data", "score");
    const labels = columnOf(kept.bank!, "in.data", "y");
    const right = scores.filter((score, row) => score > 0.5 === (labels[row] === 1)).length;
    expect(right / ROWS).toBeGreaterThan(0.7);
    expect(kept.telco!.tables["score.data"]).toBeUndefined();
    await explaining(kept, scores);

    const few = flowOf({ ...flow.tasks, score: { ...flow.tasks.score!, parameters: { hostColumnsMin: 4 } } });
    expect(await failureOf(runTask(few, "score", kept, setting))).toMatchObject({
      code: "consent.few-columns",
      blame: "telco",
    });
    // A column whose coefficient is 0 does not count, and a host of several does not tell its total alone.
    const stored = kept.telco!.models["task.model"] as { part: HostModel };
    const [zeroed, ...rest] = stored.part.terms;
    for (const [change, code] of [
      [{ terms: [{ ...zeroed!, coefficient: 0 }, ...rest] }, "consent.few-columns"],
      [{ hosts: 2 }, "input.model"],
    ] as const) {
      const telco = { ...kept.telco!, models: { "task.model": { ...stored, part: { ...stored.part, ...change } } } };
      const refused = await failureOf(runTask(flow, "score", { ...kept, telco }, setting));
      expect(refused).toMatchObject({ code, blame: "telco" });
    }
    const other = { ...kept.bank!, models: { "task.model": { kind: "boosting" } } };
    expect((await failureOf(runTask(flow, "score", { ...kept, bank: other }, setting))).code).toBe("input.model");

    const told = [0.3, 0.5, 0.8].map((below, i) => ({ name: `band'${i}`, below }));
    const bands = [...told, { name: "rest", below: null }];
    const banded = { hostColumnsMin: 4, output: "band", bands };
    await runTask(
      flowOf({ ...flow.tasks, bands: { ...flow.tasks.score!, parameters: banded } }),
      "bands",
      kept,
      setting,
    );
    const column = kept.bank!.tables["bands.data"]!.columns.find(({ name }) => name === "band")!;
    const names = column.kind === "text" ? Array.from(column.codes, (code) => column.categories[code]) : [];
    expect(names).toEqual(scores.map((score) => bands.find(({ below }) => below === null || score < below)!.name));
    expect(new Set(names).size).toBe(4);
    await serving(kept, scores);
  });

  it("tell no counts of fewer rows than a party allows", async () => {
    const run = (residuals: boolean) =>
      runTask(flowOf({ task: { ...task, parameters: { residuals, rowsPerTerm: 1000 } } }), "task", keptFor(tables()), {
        ...setting,
        minimumRows: 21,
      });
    expect(await failureOf(run(true))).toMatchObject({ code: "consent.minimum-rows", blame: expect.any(String) });
    expect((await failureOf(run(false))).code).toBe("input.rows");
  });

  it("give each party the errors of its own coefficients where they are asked for", async () => {
    const kept = keptFor(tables());
    const parameters = { inference: true, residuals: true };
    await runTask(flowOf({ task: { ...task, parameters, partyParameters: {} } }), "task", kept, setting);
    for (const [party, count] of [
      ["bank", 2],
      ["telco", 3],
    ] as const) {
      const { coefficients, inference } = kept[party]!.reports["task.report"]!.data as {
        coefficients: { coefficient: number; estimate: Record<string, number> }[];
        inference: { asked: boolean; intercept: Record<string, number> | null };
      };
      expect(coefficients).toHaveLength(count);
      const { residuals } = kept[party]!.reports["task.report"]!.data as { residuals: { step: number } | null };
      expect(residuals).toEqual(party === "bank" ? expect.objectContaining({ step: 32, rows: ROWS }) : null);
      for (const { coefficient, estimate } of coefficients) {
        expect(estimate.low! + estimate.high!).toBeCloseTo(2 * coefficient, 9);
        expect(estimate.p).toBeLessThan(1);
      }
      expect(inference).toMatchObject({ asked: true, intercept: party === "bank" ? expect.anything() : null });
      const stored = kept[party]!.models["task.model"] as { inference: { terms: unknown[] } };
      expect(stored.inference.terms).toEqual(coefficients.map(({ estimate }) => estimate));
    }
    expect(
      regressionTrain.faults!({
        parameters: regressionTrain.parameters.parse({ inference: true, l2: 1 }),
        participants: [],
        written: {},
        inputs: [],
      }),
    ).toHaveLength(1);
  });

  it(
    "take several hosts: each its own coefficients, and scores of which the guest learns the sum alone",
    LIMIT,
    async () => {
      const { bank, telco } = tables();
      const [n, o, p] = [13, 59, 83].map((step) => Array.from({ length: ROWS }, (_, i) => ((i * step) % 101) / 50 - 1));
      const insurer = keyed(tableOf(telco.columns[0]!, numbers("n", n!), numbers("o", o!), numbers("p", p!)));
      const kept = keptFor({ bank, telco, insurer });
      const three = flowOf({ ...flow.tasks, task: { ...task, parameters: { iterations: 4, rowsPerTerm: 5 } } }, 3);
      await runTask(three, "task", kept, setting);
      const part = (party: string) =>
        (kept[party]!.models["task.model"] as { part: Pick<GuestModel, "hosts" | "intercept" | "terms"> }).part;
      expect(part("bank").hosts).toEqual(["telco", "insurer"]);
      for (const host of ["telco", "insurer"]) expect(part(host)).toMatchObject({ hosts: 2 });
      expect(part("insurer").terms.map(({ column }) => column)).toEqual(["n", "o", "p"]);
      expect(kept.insurer!.reports["task.report"]!.data).toMatchObject({ steps: 4, course: [], intercept: null });

      let answers: Uint8Array[] = [];
      const watched: Setting = {
        ...setting,
        meddle: (party, peer) =>
          party !== "insurer"
            ? peer
            : new Proxy(peer, {
                get: (target, name) => {
                  const value: unknown = Reflect.get(target, name);
                  if (typeof value !== "function") return value;
                  if (name !== "sendEach") return value.bind(target);
                  return async (message: string, chunks: AsyncIterable<Uint8Array>) => {
                    const all = await Array.fromAsync(chunks, (chunk) => chunk.slice());
                    answers = [...answers, ...all];
                    return value.call(target, message, all);
                  };
                },
              }),
      };
      await runTask(three, "score", kept, watched);
      const totalsOf = (party: string): number[] =>
        Array.from({ length: ROWS }, (_, row) =>
          part(party).terms.reduce(
            (sum, { column, mean, coefficient }) =>
              sum + coefficient * (columnOf(kept[party]!, "in.data", column)[row]! - mean),
            0,
          ),
        );
      const [own, one, two] = ["bank", "telco", "insurer"].map(totalsOf);
      columnOf(kept.bank!, "score.data", "score").forEach((score, row) => {
        const margin = part("bank").intercept + own![row]! + one![row]! + two![row]!;
        expect(Math.log(score / (1 - score))).toBeCloseTo(margin, 2);
      });
      // What the insurer sends is no small number: a mask of 64 bits is on each.
      const words = answers.flatMap((chunk) => Array.from(new BigInt64Array(chunk.buffer)));
      expect(words.length).toBe(ROWS);
      expect(words.filter((word) => word > -(2n ** 40n) && word < 2n ** 40n)).toEqual([]);
      await bandsOfSeveral(kept, columnOf(kept.bank!, "score.data", "score"));
      await servingOfSeveral(kept, columnOf(kept.bank!, "score.data", "score"));
    },
  );

  it("refuse weights at a host, hosts without columns and tables that are too small", async () => {
    const run = (draft: TaskDraft, how: Setting = setting) =>
      failureOf(runTask(flowOf({ task: draft }), "task", keptFor(tables()), how));
    const weights = { ...task, partyParameters: { telco: { weight: "m" } } };
    expect((await run(weights)).code).toBe("input.columns");
    expect((await run({ ...task, partyParameters: { telco: { columns: [] } } })).code).toBe("input.columns");
    expect((await run(task, { ...setting, minimumRows: ROWS + 1 })).code).toBe("consent.minimum-rows");
  });
});

it("stops mini-batches early, by Adam, and says in its report after which epoch", LIMIT, async () => {
  const own = tables();
  const stopping = {
    ...{ solver: "sgd", optimizer: "adam", batchRows: 40, learningRate: 0.3, epochs: 12, minimumRows: 5 },
    earlyStopping: { rounds: 2, fraction: 0.3 },
  };
  const kept = keptFor({ bank: own.bank, telco: own.telco });
  await runTask(flowOf({ task: { ...task, parameters: stopping } }), "task", kept, setting);
  const { chosen, steps, course, converged } = kept.bank!.reports["task.report"]!.data as {
    chosen: number;
    steps: number;
    converged: boolean;
    course: { validation: number }[];
  };
  const losses = course.map(({ validation }) => validation);
  expect(losses).toHaveLength(steps);
  expect(losses[chosen - 1]).toBe(Math.min(...losses));
  expect(converged).toBe(true);
  expect((kept.telco!.reports["task.report"]!.data as { course: unknown }).course).toEqual(course);
});

it("early stopping is for mini-batches, and Adam without an L1 penalty", () => {
  const faultsOf = (given: Readonly<Record<string, unknown>>): string[] =>
    batchFaults(parameters.parse(given)).map(({ parameter }) => parameter);
  expect(faultsOf({ earlyStopping: {} })).toEqual(["earlyStopping"]);
  expect(faultsOf({ solver: "sgd", optimizer: "adam", l1: 1 })).toEqual(["optimizer"]);
  expect(faultsOf({ solver: "sgd", optimizer: "adam", earlyStopping: {} })).toEqual([]);
});
