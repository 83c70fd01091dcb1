import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask } from "../testing/run-flow.ts";
import { failureOf, flowOf, idsOf, keyed, runOne } from "../testing/tasks.ts";

const numbersOf = (table: TaskTable, name: string): number[] => {
  const column = table.columns.find((each) => each.name === name)!;
  return column.kind === "number" ? [...column.values] : [];
};
const textsOf = (table: TaskTable, name: string): (string | null)[] => {
  const column = table.columns.find((each) => each.name === name)!;
  return column.kind === "text" ? Array.from(column.codes, (code) => column.categories[code] ?? null) : [];
};

const IDS = ["a", "b", "c", "d", "e", "f", "g", "h"];
const SCORES = [0.1, 0.2, 0.3, 0.4, 0.05, 0.25, 0.6, 0.9];
const LABELS = ["good", "bad", "good", "bad", null, null, null, null];
const small = (labels: readonly (string | null)[] = LABELS) => ({
  bank: {
    "in.data": keyed(tableOf(texts("id", IDS), texts("y", labels)), "y"),
    // In another order, as a task that scored may leave them.
    "in.scores": keyed(tableOf(texts("id", IDS.toReversed()), numbers("score", SCORES.toReversed()))),
  },
  telco: { "in.data": keyed(tableOf(texts("id", IDS), numbers("h", [1, 2, 3, 4, 5, 6, 7, 8]))) },
});
const task = (parameters: Record<string, unknown>): TaskDraft => ({
  component: "reject-inference",
  inputs: { data: "in.data", scores: "in.scores" },
  parameters,
});

describe("reject-inference", () => {
  it("labels rejected beyond the cutoff in the label's own values, and leaves rows of hosts as they are", async () => {
    const tables = small();
    const { bank, telco } = await runOne(task({ method: "cutoff", cutoff: 0.25 }), tables);
    const out = bank!.tables["task.data"]!;
    expect(textsOf(out, "y")).toEqual(["good", "bad", "good", "bad", "good", "bad", "bad", "bad"]);
    expect(numbersOf(out, "weight")).toEqual(new Array(8).fill(1));
    expect(telco!.tables["task.data"]).toEqual(tables.telco["in.data"]);
    expect(telco!.reports["task.report"]).toBeUndefined();
    expect(bank!.reports["task.report"]!.data).toMatchObject({
      method: "cutoff",
      accepted: { rows: 4, yes: 2 },
      rejected: { rows: 4, yes: 3 },
      cutoff: 0.25,
    });
    const points = {
      ...tables.bank["in.scores"],
      columns: [
        tables.bank["in.scores"].columns[0]!,
        numbers(
          "score",
          SCORES.toReversed().map((score) => 700 - 100 * score),
        ),
      ],
    };
    const card = { ...tables, bank: { ...tables.bank, "in.scores": points } };
    const byPoints = await runOne(task({ method: "cutoff", cutoff: 675, meaning: "no" }), card);
    expect(textsOf(byPoints.bank!.tables["task.data"]!, "y")).toEqual(textsOf(out, "y"));
    const { bands } = byPoints.bank!.reports["task.report"]!.data as {
      bands: { from: number | null; to: number | null }[];
    };
    expect([bands[0]!.from, bands.at(-1)!.to]).toEqual([null, null]);
    expect(bands.slice(1).every(({ from }, i) => from === bands[i]!.to)).toBe(true);
  });

  it("makes each row two by fuzzy augmentation, at every party in one order", async () => {
    const { bank, telco } = await runOne(task({ method: "fuzzy" }), small());
    const out = bank!.tables["task.data"]!;
    expect(idsOf(out)).toEqual([...IDS, ...IDS]);
    expect(idsOf(telco!.tables["task.data"]!)).toEqual([...IDS, ...IDS]);
    expect([out, telco!.tables["task.data"]!].map(({ copiesMax }) => copiesMax)).toEqual([2, 2]);
    expect(textsOf(out, "y").slice(4, 8)).toEqual(["bad", "bad", "bad", "bad"]);
    expect(textsOf(out, "y").slice(12)).toEqual(["good", "good", "good", "good"]);
    const weights = numbersOf(out, "weight");
    expect(weights.slice(0, 8)).toEqual([0.5, 0.5, 0.5, 0.5, 0.05, 0.25, 0.6, 0.9]);
    for (const row of IDS.keys()) expect(weights[row]! + weights[row + 8]!).toBeCloseTo(1, 12);
  });

  it("weighs the accepted for the rejected of their band, and draws by rates of bands", async () => {
    const weighed = await runOne(task({ method: "reweighting", bands: 2 }), small());
    expect(numbersOf(weighed.bank!.tables["task.data"]!, "weight")).toEqual([1.5, 1.5, 2.5, 2.5, 0, 0, 0, 0]);
    expect(weighed.bank!.reports["task.report"]!.data).toMatchObject({ rejected: { rows: 4, yes: null } });
    const parcelled = await runOne(task({ bands: 2, factor: 2 }), small());
    expect(textsOf(parcelled.bank!.tables["task.data"]!, "y").slice(4)).toEqual(["bad", "bad", "bad", "bad"]);
    const { distribution } = parcelled.bank!.reports["task.report"]!.data as {
      distribution: { accepted: number; rejected: number }[];
    };
    expect(distribution.reduce((sum, { accepted, rejected }) => sum + accepted + rejected, 0)).toBe(8);
  });

  it("refuses what there is nothing to infer from", async () => {
    const codeOf = async (parameters: Record<string, unknown>, tables: ReturnType<typeof small>) =>
      (await failureOf(runOne(task(parameters), tables))).code;
    expect(await codeOf({}, small(["good", "bad", "good", "bad", "good", "bad", "good", "bad"]))).toBe("input.rows");
    expect(await codeOf({}, small(IDS.map(() => null)))).toBe("input.rows");
    expect(await codeOf({}, small(["bad", "bad", ...IDS.slice(2).map(() => null)]))).toBe("input.label");
    expect(await codeOf({ weight: "y" }, small())).toBe("input.columns");
    expect(await codeOf({ method: "fuzzy", meaning: "no" }, small())).toBe("input.parameter");
    const { bank, telco } = small();
    const scores = bank["in.scores"];
    const few = { ...scores, rowCount: 7, columns: [texts("id", IDS.slice(1)), numbers("score", SCORES.slice(1))] };
    expect(await codeOf({}, { bank: { ...bank, "in.scores": few }, telco })).toBe("input.rows");
    const holes = {
      ...scores,
      columns: [
        scores.columns[0]!,
        numbers(
          "score",
          SCORES.map((s, i) => (i === 3 ? Number.NaN : s)),
        ),
      ],
    };
    expect(await codeOf({}, { bank: { ...bank, "in.scores": holes }, telco })).toBe("input.missing-values");
    const unscored = { ...task({}), inputs: { data: "in.data" } };
    expect((await failureOf(runOne(unscored, small()))).code).toBe("input.parameter");
    const unlabelled = { ...bank, "in.data": { ...bank["in.data"], label: null } };
    expect(await codeOf({}, { bank: unlabelled, telco })).toBe("input.label");
  });
});

/** Labels that g, h and k tell in part; who has a low h was rejected. */
function applicants(): Record<string, TaskTable> {
  const rows = Array.from({ length: 240 }, (_, i) => i);
  const ids = texts(
    "id",
    rows.map((i) => `id-${i}`),
  );
  const [g, h, k, m] = [37, 53, 29, 71].map((step) => rows.map((i) => ((i * step) % 101) / 50 - 1));
  const y = rows.map((i) =>
    h![i]! < -0.4 ? Number.NaN : Number(g![i]! + h![i]! - k![i]! + ((i * 17) % 23) / 8 - 1.4 > 0),
  );
  return {
    bank: keyed(tableOf(ids, numbers("y", y), numbers("g", g!)), "y"),
    telco: keyed(tableOf(ids, numbers("h", h!), numbers("k", k!), numbers("m", m!))),
  };
}

it("leads to the accepted's model again by fuzzy augmentation, and to another by parcelling", {
  timeout: 120_000,
}, async () => {
  const own = applicants();
  const kept: Record<string, Kept> = Object.fromEntries(
    Object.entries(own).map(([party, data]) => [party, { ...emptyKept(), tables: { "in.data": data } }]),
  );
  const weighted = (data: string): TaskDraft => ({
    component: "regression-train",
    inputs: { data },
    partyParameters: { bank: { weight: "weight" } },
  });
  const score = (model: string): TaskDraft => ({ component: "regression-predict", inputs: { model, data: "in.data" } });
  const infer = (parameters: Record<string, unknown>): TaskDraft => ({
    component: "reject-inference",
    inputs: { data: "in.data", scores: "known-scores.data" },
    parameters,
  });
  const tasks: Record<string, TaskDraft> = {
    accepted: { component: "reject-inference", inputs: { data: "in.data" }, parameters: { method: "accepted" } },
    known: weighted("accepted.data"),
    "known-scores": score("known.model"),
    fuzzy: infer({ method: "fuzzy" }),
    again: weighted("fuzzy.data"),
    "again-scores": score("again.model"),
    parcelled: infer({ factor: 2, bands: 5 }),
    all: weighted("parcelled.data"),
    "all-scores": score("all.model"),
  };
  for (const name of Object.keys(tasks))
    await runTask(flowOf(tasks), name, kept, { datasets: {}, deadlineMs: 110_000 });
  const scores = (name: string): number[] => numbersOf(kept.bank!.tables[`${name}.data`]!, "score");
  const known = scores("known-scores");
  const apart = (name: string): number => Math.max(...scores(name).map((value, row) => Math.abs(value - known[row]!)));
  // Hosts keep all rows: who was rejected they are not told.
  expect(kept.telco!.tables["accepted.data"]!.rowCount).toBe(own.telco!.rowCount);
  expect(apart("again-scores")).toBeLessThan(0.002);
  expect(apart("all-scores")).toBeGreaterThan(0.01);
});
