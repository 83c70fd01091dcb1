import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask } from "../testing/run-flow.ts";
import { failureOf, flowOf, idsOf, keyed, runOne } from "../testing/tasks.ts";

const ROWS = 150;
const FOLDS = [1, 2, 3];
const rows = Array.from({ length: ROWS }, (_, i) => i);

/** Labels that g, h and k tell in part. */
function tables(): { bank: TaskTable; telco: TaskTable } {
  const ids = texts(
    "id",
    rows.map((i) => `id-${i}`),
  );
  const [g, h, k, m] = [37, 53, 29, 71].map((step) => rows.map((i) => ((i * step) % 101) / 50 - 1));
  const y = rows.map((i) => (g![i]! + h![i]! - k![i]! + ((i * 17) % 23) / 8 - 1.4 > 0 ? 1 : 0));
  return {
    bank: keyed(tableOf(ids, numbers("y", y), numbers("g", g!)), "y"),
    telco: keyed(tableOf(ids, numbers("h", h!), numbers("k", k!), numbers("m", m!))),
  };
}

/** For each fold its rows, what is trained beside them, and their scores. */
const foldsOf = (train: (fold: number) => TaskDraft, predict: string): Record<string, TaskDraft> =>
  Object.fromEntries(
    FOLDS.flatMap((number): [string, TaskDraft][] => [
      [
        `split-${number}`,
        { component: "split", inputs: { data: "in.data" }, parameters: { fold: { number, of: FOLDS.length } } },
      ],
      [`train-${number}`, train(number)],
      [
        `score-${number}`,
        { component: predict, inputs: { model: `train-${number}.model`, data: `split-${number}.test` } },
      ],
    ]),
  );
const together: TaskDraft = {
  component: "cross-validate",
  parties: ["bank"],
  inputs: Object.fromEntries(FOLDS.map((number) => [`fold${number}`, `score-${number}.data`])),
};

async function runAll(tasks: Record<string, TaskDraft>, own: Record<string, TaskTable>) {
  const kept: Record<string, Kept> = Object.fromEntries(
    Object.entries(own).map(([party, data]) => [party, { ...emptyKept(), tables: { "in.data": data } }]),
  );
  const flow = flowOf(tasks, Object.keys(own).length);
  for (const name of Object.keys(tasks)) await runTask(flow, name, kept, { datasets: {}, deadlineMs: 110_000 });
  return kept;
}

const columnOf = (table: TaskTable, name: string): number[] => {
  const column = table.columns.find((each) => each.name === name)!;
  return column.kind === "number" ? [...column.values] : [];
};

interface Told {
  readonly folds: readonly { readonly fold: number; readonly rows: number; readonly figures: Record<string, number> }[];
  readonly figures: readonly { readonly name: string; mean: number; deviation: number; pooled: number }[];
}
const toldOf = (kept: Kept, name: string) => (kept.reports[`${name}.report`]!.data as Told).figures;

/**
 * scikit-learn 1.9.1 on the joined table, with these folds: `cross_val_predict` and `cross_val_score` (cv=PredefinedSplit) of
 * make_pipeline(StandardScaler(), LogisticRegression(C=1.0, tol=1e-12)).
 */
const SKLEARN = {
  folds:
    "322211212122313223332133331212211213133331122211323121322233233332331211331211322211132111121331223123211332331223211131322231323113312223312313211221",
  scores: [
    0.163424, 0.603459, 0.25744, 0.09971, 0.511703, 0.903002, 0.054556, 0.927277, 0.732754, 0.472648, 0.166352,
    0.667021,
  ],
  auc: {
    each: [0.844, 0.8709935897435898, 0.8165064102564102],
    mean: 0.8438333333333333,
    deviation: 0.027243972093847886,
  },
  logLoss: { mean: 0.4976338, deviation: 0.0349907 },
  pooledAuc: 0.8319694004625511,
};

describe("cross-validate", () => {
  it("scores held-out rows as cross_val_predict does", { timeout: 120_000 }, async () => {
    const train = (fold: number): TaskDraft => ({
      component: "regression-train",
      inputs: { data: `split-${fold}.train` },
      parameters: { l2: 1 },
    });
    const kept = await runAll({ ...foldsOf(train, "regression-predict"), together }, tables());
    const out = kept.bank!.tables["together.data"]!;
    const [folds, scores] = [columnOf(out, "fold"), columnOf(out, "score")];
    const found = idsOf(out)
      .map((id, row) => ({ row: Number(id!.slice(3)), fold: folds[row]!, score: scores[row]! }))
      .sort((a, b) => a.row - b.row);
    expect(found.map(({ row }) => row)).toEqual(rows);
    expect(found.map(({ fold }) => fold).join("")).toBe(SKLEARN.folds);
    for (const [row, score] of SKLEARN.scores.entries()) expect(found[row]!.score).toBeCloseTo(score, 4);
    const { folds: each } = kept.bank!.reports["together.report"]!.data as Told;
    expect(each.map(({ rows: count }) => count)).toEqual([50, 50, 50]);
    for (const [i, auc] of SKLEARN.auc.each.entries()) expect(each[i]!.figures.auc).toBeCloseTo(auc, 12);
    const [auc, loss] = ["auc", "logLoss"].map((name) =>
      toldOf(kept.bank!, "together").find((figure) => figure.name === name),
    );
    expect(auc).toMatchObject({ folds: 3, mean: expect.closeTo(SKLEARN.auc.mean, 12) });
    expect(auc!.deviation).toBeCloseTo(SKLEARN.auc.deviation, 12);
    expect(auc!.pooled).toBeCloseTo(SKLEARN.pooledAuc, 12);
    expect(loss!.mean).toBeCloseTo(SKLEARN.logLoss.mean, 5);
    expect(loss!.deviation).toBeCloseTo(SKLEARN.logLoss.deviation, 5);
    expect(kept.telco!.tables["together.data"]).toBeUndefined();
  });

  it("judges trees by steps that were fitted without the rows they are judged by", { timeout: 120_000 }, async () => {
    const { bank } = tables();
    const prepare = (fold: number): TaskDraft => ({
      component: "prepare",
      inputs: { data: `split-${fold}.train` },
      partyParameters: { bank: { steps: [{ kind: "scale", columns: ["g"], method: "standard" }] } },
    });
    const train = (fold: number): TaskDraft => ({
      component: "boosting-train",
      inputs: { data: `prepare-${fold}.data` },
      parameters: { trees: 3, depth: 2 },
    });
    const tasks = Object.entries(foldsOf(train, "boosting-predict")).flatMap(([name, task]) =>
      name.startsWith("train")
        ? [
            [name.replace("train", "prepare"), prepare(Number(name.at(-1)))],
            [name, task],
          ]
        : [[name, task]],
    );
    const kept = await runAll({ ...Object.fromEntries(tasks), together }, { bank });
    const out = kept.bank!.tables["together.data"]!;
    expect(new Set(idsOf(out)).size).toBe(ROWS);
    const fitted = FOLDS.map((fold) =>
      JSON.stringify((kept.bank!.models[`train-${fold}.model`] as { pipeline: unknown }).pipeline),
    );
    expect(new Set(fitted).size).toBe(FOLDS.length);
    expect(kept.bank!.reports["together.report"]!.data).toMatchObject({ before: [] });
    const before = { component: "prepare", inputs: { data: "in.data" }, partyParameters: prepare(1).partyParameters! };
    const folded = Object.entries(
      foldsOf((fold) => ({ ...train(fold), inputs: { data: `split-${fold}.train` } }), "boosting-predict"),
    );
    const onAll = folded.map(([name, task]) =>
      name.startsWith("split") ? [name, { ...task, inputs: { data: "before.data" } }] : [name, task],
    );
    const seen = await runAll({ before, ...Object.fromEntries(onAll), together }, { bank });
    expect(seen.bank!.reports["together.report"]!.data).toMatchObject({ before: ["prepare"] });
  });

  const scored = (ids: readonly string[], labels: readonly number[], scores: readonly number[]): TaskTable =>
    keyed(tableOf(texts("id", ids), numbers("y", labels), numbers("score", scores)), "y");
  const task = (parameters: Record<string, unknown> = {}): TaskDraft => ({
    component: "cross-validate",
    inputs: { fold1: "in.one", fold2: "in.two" },
    parameters,
  });

  it("gives mean and deviation by hand, of points that fall and of numbers, and leaves out what a fold has not", async () => {
    const one = scored(["a", "b", "c"], [1, 2, 3], [1, 2, 5]);
    const two = scored(["d", "e"], [1, 2], [2, 2]);
    const { bank } = await runOne(task({ objective: "regression" }), { bank: { "in.one": one, "in.two": two } });
    const mae = toldOf(bank!, "task").find(({ name }) => name === "mae")!;
    expect(mae.mean).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12);
    expect(mae.deviation).toBeCloseTo((2 / 3 - 1 / 2) / Math.SQRT2, 12);
    expect(mae.pooled).toBeCloseTo(3 / 5, 12);
    const points = {
      "in.one": scored(["a", "b", "c"], [0, 1, 1], [700, 500, 400]),
      "in.two": scored(["d", "e"], [0, 0], [600, 650]),
    };
    const told = await runOne(task({ meaning: "no", threshold: 500 }), { bank: points });
    const figures = Object.fromEntries(toldOf(told.bank!, "task").map(({ name, ...rest }) => [name, rest]));
    expect(figures.auc).toEqual({ folds: 1, mean: 1, deviation: null, pooled: 1 });
    expect(figures.accuracy).toEqual({ folds: 2, mean: 1, deviation: 0, pooled: 1 });
    expect(figures.logLoss).toMatchObject({ folds: 0, mean: null });
  });

  it("leaves out what a fold's model tells of columns that others do not use", async () => {
    const one = scored(["a", "b"], [0, 1], [0.2, 0.4]);
    const moves = { ...one, columns: [...one.columns, numbers("g moves", [0.1, 0.2])] };
    const own = { "in.one": moves, "in.two": scored(["c", "d"], [0, 1], [0.3, 0.9]) };
    const { bank } = await runOne(task(), { bank: own });
    expect(bank!.tables["task.data"]!.columns.map(({ name }) => name)).toEqual(["id", "y", "score", "fold"]);
  });

  it("refuses rows of two folds, tables that do not go together, and a column of its own name", async () => {
    const one = scored(["a", "b"], [0, 1], [0.2, 0.4]);
    const fails = async (two: TaskTable) =>
      (await failureOf(runOne(task(), { bank: { "in.one": one, "in.two": two } }))).code;
    expect(await fails(scored(["b", "c"], [0, 1], [0.2, 0.4]))).toBe("input.rows");
    const other = scored(["c", "d"], [0, 1], [0.2, 0.4]);
    expect(await fails({ ...other, columns: other.columns.slice(0, 2) })).toBe("input.columns");
    const named = (table: TaskTable): TaskTable => ({ ...table, columns: [...table.columns, numbers("fold", [1, 1])] });
    const own = { bank: { "in.one": named(one), "in.two": named(scored(["c", "d"], [0, 1], [1, 1])) } };
    expect((await failureOf(runOne(task(), own))).code).toBe("input.columns");
  });
});
