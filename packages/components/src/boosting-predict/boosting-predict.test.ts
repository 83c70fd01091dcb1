import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import { findComponent } from "../registry.ts";
import { type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, idsOf, madeUp } from "../testing/tasks.ts";

/** Several chunks of 8192. */
const ROWS = 20_000;
const flow = flowOf({
  train: {
    component: "boosting-train",
    parameters: { trees: 4, depth: 3, bins: 8, minChildWeight: 0 },
    inputs: { data: "small.data" },
  },
  predict: { component: "boosting-predict", inputs: { model: "train.model", data: "in.data" } },
  explained: {
    component: "boosting-predict",
    parameters: { contributions: true },
    inputs: { model: "train.model", data: "in.data" },
  },
  totals: {
    component: "boosting-predict",
    parameters: { form: "sum-only" },
    inputs: { model: "train.model", data: "in.data" },
  },
  wide: {
    component: "boosting-predict",
    parameters: { keepColumns: true },
    inputs: { model: "train.model", data: "in.data" },
  },
});

let folder: string;
let kept: Record<string, Kept>;

const scoresOf = (task: string): number[] => {
  const column = kept.bank!.tables[`${task}.data`]!.columns.find(({ name }) => name === "score")!;
  return column.kind === "number" ? [...column.values] : [];
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-predict-"));
  const [small, large] = [madeUp(60), madeUp(ROWS)];
  const party = (own: "guest" | "host"): Kept => ({
    tables: { "small.data": small[own], "in.data": large[own] },
    models: {},
    reports: {},
    logs: [],
    draws: {},
    checkpoints: {},
    observed: {},
  });
  kept = { bank: party("guest"), telco: party("host") };
  await runTask(flow, "train", kept, { datasets: {} });
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("boosting-predict", () => {
  it("scores row by row, whichever chunk a row falls into, and keeps the columns that are wanted", async () => {
    await runTask(flow, "predict", kept, { datasets: {} });
    await runTask(flow, "wide", kept, { datasets: {} });
    const data = kept.bank!.tables["predict.data"]!;
    expect(data.columns.map(({ name }) => name)).toEqual(["id", "y", "score"]);
    expect(kept.bank!.tables["wide.data"]!.columns.map(({ name }) => name)).toEqual(["id", "y", "g", "score"]);
    expect(idsOf(data)).toEqual(idsOf(kept.bank!.tables["in.data"]!));
    // Rows with the same features have the same score: those of madeUp come again every 101 * 97 rows.
    const scores = scoresOf("predict");
    expect(scores).toHaveLength(ROWS);
    expect(scores.slice(9797)).toEqual(scores.slice(0, ROWS - 9797));
    expect(new Set(scores).size).toBeGreaterThan(4);
    expect(scoresOf("wide")).toEqual(scores);
  });

  it("says how far each own column and the host as a whole moved each score, at no more cost", async () => {
    const cost = await runTask(flow, "explained", kept, { datasets: {} });
    const { columns } = kept.bank!.tables["explained.data"]!;
    expect(columns.map(({ name }) => name)).toEqual(["id", "y", "score", "contribution_g", "contribution_telco"]);
    const [scores, own, telco] = columns.slice(2).map((column) => (column.kind === "number" ? column.values : []));
    const { data } = kept.bank!.reports["explained.contributions"]!;
    const { base, features, rows } = data as {
      base: number;
      rows: number;
      features: { party: string; mean: number }[];
    };
    expect([...scores!]).toEqual(scoresOf("predict"));
    for (let row = 0; row < ROWS; row += 97)
      expect(1 / (1 + Math.exp(-(base + own![row]! + telco![row]!)))).toBeCloseTo(scores![row]!, 12);
    const mean = (values: ArrayLike<number>): number => Array.from(values, Math.abs).reduce((a, b) => a + b, 0) / ROWS;
    expect(rows).toBe(ROWS);
    expect(features).toHaveLength(2);
    for (const { party, mean: said } of features) expect(said).toBeCloseTo(mean(party === "bank" ? own! : telco!), 9);
    expect(kept.telco!.reports).not.toHaveProperty(["explained.contributions"]);
    expect(cost.byDirection).toEqual((await runTask(flow, "predict", kept, { datasets: {} })).byDirection);
  });

  it("tells totals alone where that is agreed", async () => {
    const cost = await runTask(flow, "totals", kept, { datasets: {} });
    const [told, scores] = [scoresOf("totals"), scoresOf("predict")];
    expect(Math.max(...told.map((score, row) => Math.abs(score - scores[row]!)))).toBeLessThan(1e-5);
    expect(cost.byDirection["telco->bank"]).not.toHaveProperty("bits");
    expect(cost.byDirection["telco->bank"]!.sumMasked!.bytes).toBe(4 * ROWS);
    const { faults, parameters } = findComponent("boosting-predict")!;
    const participants = [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
      { party: "insurer", role: "host" },
    ];
    const given = parameters.parse({ form: "sum-only", contributions: true });
    const found = faults!({ parameters: given, participants, written: {}, inputs: [] });
    expect(found.map(({ parameter }) => parameter)).toEqual(["form", "contributions"]);
  });

  it("goes on behind what an earlier attempt saved", async () => {
    const whole = scoresOf("predict");
    const setting: Setting = { datasets: {}, workFolders: folder };
    await runTask(flow, "predict", kept, setting);
    // As an attempt leaves it that ended after these rows.
    kept.bank!.checkpoints.predict = { rows: 9000 };
    kept.bank!.logs.length = 0;
    const cost = await runTask(flow, "predict", kept, setting);
    expect(kept.bank!.logs).toContain(`9000 of ${ROWS} rows were scored before`);
    const splits = (kept.telco!.models["train.model"] as { part: { trees: { splits: unknown[] }[] } }).part.trees;
    const count = splits.reduce((sum, tree) => sum + tree.splits.length, 0);
    expect(cost.byDirection["telco->bank"]!.bits!.bytes).toBe(count * Math.ceil((ROWS - 9000) / 8));
    expect(scoresOf("predict")).toEqual(whole);
    // Without its file what was saved is worth nothing.
    kept.bank!.checkpoints.predict = { rows: 9000 };
    await runTask(flow, "predict", kept, { datasets: {} });
    expect(scoresOf("predict")).toEqual(whole);
    delete kept.bank!.checkpoints.predict;
  });

  it("refuses tables that lack a column or have a score already, before anything is sent", async () => {
    const without = (table: TaskTable, name: string): TaskTable => ({
      ...table,
      columns: table.columns.filter((column) => column.name !== name),
    });
    const named = (table: TaskTable): TaskTable => ({
      ...table,
      columns: table.columns.map((column) => (column.name === "g" ? { ...column, name: "score" } : column)),
    });
    const [bank, telco] = [kept.bank!, kept.telco!];
    const run = (change: { bank?: TaskTable; telco?: TaskTable }, task = "predict") => {
      const changed = (own: Kept, table: TaskTable | undefined): Kept =>
        table === undefined ? own : { ...own, tables: { ...own.tables, "in.data": table } };
      const parties = { bank: changed(bank, change.bank), telco: changed(telco, change.telco) };
      return failureOf(runTask(flow, task, parties, { datasets: {} }));
    };
    expect((await run({ bank: without(bank.tables["in.data"]!, "g") })).code).toBe("input.columns");
    expect((await run({ telco: without(telco.tables["in.data"]!, "h") })).code).toBe("input.columns");
    expect((await run({ bank: named(bank.tables["in.data"]!) }, "wide")).code).toBe("input.columns");
    expect((await run({ bank: { ...bank.tables["in.data"]!, aligned: false } })).code).toBe("input.not-aligned");
  });
});
