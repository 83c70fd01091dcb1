/** What rows went through before training is done again to raw rows, wherever the model scores them: same figures. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeTable } from "@tombolo/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storedGuestModel } from "../boosting-train/model.ts";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { describeModel } from "../model-view.ts";
import type { ScoreAnswer } from "../score-service/items.ts";
import type { ItemRefusal } from "../service.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting, taskWorld } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed } from "../testing/tasks.ts";

type Answer = ScoreAnswer & Partial<ItemRefusal>;
type Ask = (batch: readonly unknown[]) => Promise<readonly Answer[]>;
const ROWS = 120;
const UNTIL = "2099-01-01T00:00:00Z";
const HOMES = ["own", "rent", "other", null];
const JOBS = ["fixed", "free", "none"];

function tables(): { bank: TaskTable; telco: TaskTable } {
  const rows = Array.from({ length: ROWS }, (_, i) => i);
  const ids = texts(
    "id",
    rows.map((i) => `id-${i}`),
  );
  const [g, h] = [37, 53].map((step) => rows.map((i) => (i % 11 === 3 ? Number.NaN : ((i * step) % 101) / 10)));
  const y = rows.map((i) => Number(((i * 37) % 101) + ((i * 53) % 101) + 20 * (i % 3) > 120));
  return {
    bank: keyed(
      tableOf(
        ids,
        numbers("y", y),
        numbers("g", g!),
        texts(
          "home",
          rows.map((i) => HOMES[(i * 7) % 4]!),
        ),
        numbers("spare", rows),
      ),
      "y",
    ),
    telco: keyed(
      tableOf(
        ids,
        numbers("h", h!),
        texts(
          "job",
          rows.map((i) => JOBS[(i * 5) % 3]!),
        ),
      ),
    ),
  };
}

const STEPS = {
  bank: {
    steps: [
      { kind: "impute", columns: ["g"], method: "median", by: "home", indicator: true },
      { kind: "derive", name: "share", expression: "g / (spare - 7)", undefined: "missing" },
      { kind: "derive", name: "half", expression: "log(g + 1) / 2" },
      { kind: "encode", columns: ["home"], method: "target" },
      { kind: "drop", columns: ["g", "share", "spare"] },
    ],
  },
  telco: {
    steps: [
      { kind: "clip", columns: ["h"], method: "quantiles" },
      { kind: "impute", columns: ["h"], method: "mean" },
      { kind: "scale", columns: ["h"], method: "standard" },
      { kind: "encode", columns: ["job"], method: "one-hot" },
    ],
  },
};
const training = { trees: 4, depth: 3, bins: 8, minimumRows: 5, minChildWeight: 0 };
const predicting = (model: string, data: string): TaskDraft => ({
  component: "boosting-predict",
  inputs: { model, data },
});
const TASKS: Record<string, TaskDraft> = {
  prepare: { component: "prepare", inputs: { data: "in.data" }, partyParameters: STEPS },
  again: { component: "prepare", inputs: { data: "in.data" }, partyParameters: { ...STEPS, telco: { steps: [] } } },
  apply: { component: "prepare-apply", inputs: { data: "in.data", model: "prepare.model" } },
  twice: { component: "prepare-apply", inputs: { data: "apply.data", model: "prepare.model" } },
  train: { component: "boosting-train", parameters: training, inputs: { data: "prepare.data" } },
  plain: { component: "boosting-train", parameters: training, inputs: { data: "in.data" } },
  alone: { component: "boosting-train", parameters: training, parties: ["bank"], inputs: { data: "prepare.data" } },
  longer: {
    component: "boosting-train",
    parameters: { ...training, trees: 6 },
    inputs: { data: "in.data", start: "train.model" },
  },
  raw: predicting("train.model", "in.data"),
  done: predicting("train.model", "apply.data"),
  totals: { ...predicting("train.model", "in.data"), parameters: { form: "sum-only" } },
  other: predicting("train.model", "again.data"),
  prepared: predicting("plain.model", "apply.data"),
  odd: predicting("train.model", "odd.data"),
  lacking: predicting("train.model", "lacking.data"),
  text: predicting("train.model", "text.data"),
  tabulate: {
    component: "boosting-tabulate",
    parameters: { padTo: 10 },
    inputs: { model: "train.model", data: "in.data" },
  },
  serve: {
    component: "boosting-serve",
    parameters: { until: UNTIL, unknownId: "fallback" },
    inputs: { model: "train.model", data: "in.data", fallback: "alone.model" },
  },
  hidden: {
    component: "boosting-serve-hidden",
    parameters: { until: UNTIL, padTo: 4 },
    inputs: { model: "train.model", catalogue: "tabulate.catalogue" },
  },
  regress: {
    component: "regression-train",
    parameters: { iterations: 3 },
    partyParameters: { bank: { columns: ["half", "home"] }, telco: { columns: ["h", "job=fixed", "job=free"] } },
    inputs: { data: "prepare.data" },
  },
  regressed: { component: "regression-predict", inputs: { model: "regress.model", data: "in.data" } },
  regressedDone: { component: "regression-predict", inputs: { model: "regress.model", data: "apply.data" } },
  "serve-regression": {
    component: "regression-serve",
    parameters: { until: UNTIL },
    inputs: { model: "regress.model", data: "in.data" },
  },
};

let kept: Record<string, Kept>;
let folder: string;
const run = (task: string, more: Partial<Setting> = {}): Promise<unknown> =>
  runTask(flowOf(TASKS), task, kept, { datasets: {}, modelFolders: folder, deadlineMs: 110_000, ...more });
const scoresOf = (task: string): number[] => {
  const column = kept.bank!.tables[`${task}.data`]!.columns.find(({ name }) => name === "score")!;
  return column.kind === "number" ? [...column.values] : [];
};
/** As a caller writes it: null where nothing is there. */
const rawRows = (): { id: string; features: Record<string, unknown> }[] => {
  const { columns, rowCount } = tables().bank;
  return Array.from({ length: rowCount }, (_, row) => {
    const features = columns.map((column): [string, unknown] => {
      if (column.kind === "text") return [column.name, column.categories[column.codes[row]!] ?? null];
      return [column.name, Number.isNaN(column.values[row]!) ? null : column.values[row]];
    });
    return { id: `id-${row}`, features: Object.fromEntries(features) };
  });
};

/** Asks the bank's service; `change` asks the telco's node first. */
async function served(
  task: string,
  use: (ask: Ask) => Promise<void>,
  change?: (ask: Ask) => Promise<void>,
): Promise<void> {
  const changed = Promise.withResolvers<void>();
  await run(task, {
    startedAtMs: Date.now(),
    call: async (party, answer) => {
      const ask: Ask = async (batch) => (await answer(batch)) as readonly Answer[];
      if (party === "telco") {
        await change?.(ask);
        changed.resolve();
        return;
      }
      if (change !== undefined) await changed.promise;
      while ((await ask([rawRows()[0]]))[0]!.refusal?.code === "transport.missing-host")
        await new Promise(setImmediate);
      await use(ask);
    },
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-pipeline-"));
  const { bank, telco } = tables();
  kept = {
    bank: { ...emptyKept(), tables: { "in.data": bank } },
    telco: { ...emptyKept(), tables: { "in.data": telco } },
  };
  for (const task of ["prepare", "again", "apply", "train", "plain", "alone", "raw", "done"]) await run(task);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a table of raw rows", () => {
  it("scores as the rows that were prepared before, which are not prepared twice", async () => {
    expect(scoresOf("raw")).toEqual(scoresOf("done"));
    expect(new Set(scoresOf("raw")).size).toBeGreaterThan(4);
    await run("totals");
    for (const [row, score] of scoresOf("totals").entries()) expect(score).toBeCloseTo(scoresOf("raw")[row]!, 5);
    expect(kept.telco!.reports["raw.preparation"]!.data).toMatchObject({ rows: ROWS, steps: [{ kind: "prepare" }] });
    expect(kept.telco!.reports["done.preparation"]).toBeUndefined();
  });

  it("is scored by a model of an earlier version as it is", async () => {
    const { pipeline: _, ...earlier } = storedGuestModel(kept.bank!.models["train.model"]);
    kept.bank!.models["earlier.model"] = earlier;
    const { pipeline: __, ...theirs } = kept.telco!.models["train.model"] as Record<string, unknown>;
    kept.telco!.models["earlier.model"] = theirs;
    TASKS.earlier = predicting("earlier.model", "apply.data");
    await run("earlier");
    expect(scoresOf("earlier")).toEqual(scoresOf("raw"));
  });

  it("shows its owner the steps that the model holds, and those of the preparation by itself", () => {
    const [trained, fitted] = ["train.model", "prepare.model"].map((name) => describeModel(kept.telco!.models[name]));
    expect(trained!.pipeline).toEqual(fitted!.pipeline);
    expect(trained!.pipeline).toMatchObject([{ kind: "prepare", digest: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(trained!.pipeline[0]!.steps[3]).toBe(
      "4. encode (columns: job, method: one-hot, categoriesMax: 100, smoothing: 20)",
    );
  });

  it("is refused where it went through other steps, or the same ones already", async () => {
    for (const task of ["other", "prepared", "twice", "longer"])
      expect((await failureOf(run(task))).code, task).toBe("input.pipeline");
  });

  it("says what it held that the steps had not seen, and at which step", async () => {
    const { bank, telco } = tables();
    const [column] = [
      texts(
        "job",
        Array.from({ length: ROWS }, (_, i) => (i < 3 ? "new" : "fixed")),
      ),
    ];
    kept.bank!.tables["odd.data"] = bank;
    kept.telco!.tables["odd.data"] = {
      ...telco,
      columns: telco.columns.map((each) => (each.name === "job" ? column! : each)),
    };
    await run("odd");
    const { notes } = kept.telco!.reports["odd.preparation"]!.data as { notes: unknown[] };
    expect(notes).toContainEqual({ transform: 1, kind: "prepare", step: 4, column: "job", what: "unseen", rows: 3 });
    expect(scoresOf("odd").every(Number.isFinite)).toBe(true);
  });

  it("is refused by its own party where a raw column was renamed since, or holds something else", async () => {
    const { bank, telco } = tables();
    const renamed = telco.columns.map((each) => (each.name === "job" ? { ...each, name: "work" } : each));
    for (const name of ["lacking", "text"]) kept.bank!.tables[`${name}.data`] = bank;
    kept.telco!.tables["lacking.data"] = { ...telco, columns: renamed };
    const words = texts(
      "h",
      Array.from({ length: ROWS }, () => "?"),
    );
    kept.telco!.tables["text.data"] = {
      ...telco,
      columns: telco.columns.map((each) => (each.name === "h" ? words : each)),
    };
    for (const [task, column] of [
      ["lacking", "job"],
      ["text", "h"],
    ] as const) {
      const world = await taskWorld(flowOf(TASKS), task, kept, { datasets: {} });
      expect(world.error("telco")).toMatchObject({ code: "input.columns", detail: { column } });
      expect(JSON.stringify(world.error("telco").toPublic())).not.toContain(`"${column}"`);
      expect(world.error("bank").code).toBe("input.columns");
    }
  });
});

describe("a service", () => {
  it("scores raw rows one by one and together as the table, and asks for no column that does not end in the model", () =>
    served("serve", async (ask) => {
      const rows = rawRows().map(({ id, features: { spare: _, ...features } }) => ({ id, features }));
      const one = await Promise.all(rows.slice(0, 20).map((row) => ask([row])));
      const rest = await ask(rows.slice(20));
      expect([...one.flat(), ...rest].map(({ score }) => score)).toEqual(scoresOf("raw"));
      const [odd] = await ask([{ ...rows[0]!, features: { ...rows[0]!.features, home: "castle" } }]);
      expect(odd!.score).toBeGreaterThan(0);
      expect(kept.bank!.observed).toBeDefined();
    }));

  it("refuses the row alone for which a step has no value, and whose column is missing", () =>
    served("serve", async (ask) => {
      const [first, second] = rawRows();
      const answers = await ask([
        first,
        { ...second!, features: { ...second!.features, g: -1 } },
        { ...second!, features: { home: "own" } },
        second,
      ]);
      expect(answers.map(({ refusal }) => refusal?.code)).toEqual([
        undefined,
        "input.features",
        "input.features",
        undefined,
      ]);
      expect(answers.map(({ score }) => score)).toEqual([scoresOf("raw")[0], undefined, undefined, scoresOf("raw")[1]]);
    }));

  it("takes changed rows of the host raw, and falls back on a model of its own pipeline", () =>
    served(
      "serve",
      async (ask) => {
        const [first, second] = rawRows();
        const answers = await ask([
          { ...first!, id: "new" },
          { ...second!, id: "nobody" },
        ]);
        expect(answers[0]!.policy).toBeUndefined();
        expect(answers[0]!.score).toBe(scoresOf("raw")[0]);
        expect(answers[1]).toMatchObject({ policy: { cause: "unknown-id", instead: "fallback" } });
      },
      async (ask) => {
        const { columns } = takeTable(tables().telco, [0]);
        const features = Object.fromEntries(
          columns.map((each) => [each.name, each.kind === "number" ? each.values[0] : each.categories[each.codes[0]!]]),
        );
        expect(await ask([{ put: { id: "new", features } }])).toEqual([{ done: true }]);
      },
    ));

  it("that hides who is scored gives the same", async () => {
    await run("tabulate", { startedAtMs: Date.now() });
    await served("hidden", async (ask) => {
      expect((await ask(rawRows().slice(0, 9))).map(({ score }) => score)).toEqual(scoresOf("raw").slice(0, 9));
    });
  });
});

it("a regression scores raw rows, in tables and one by one, as those prepared before", async () => {
  for (const task of ["regress", "regressed", "regressedDone"]) await run(task);
  expect(scoresOf("regressed")).toEqual(scoresOf("regressedDone"));
  await served("serve-regression", async (ask) => {
    expect((await ask(rawRows().slice(0, 9))).map(({ score }) => score)).toEqual(scoresOf("regressed").slice(0, 9));
  });
}, 120_000);
