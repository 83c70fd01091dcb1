/** Columns and labels as users have them: one after the other, and not always as they should be. */
import { type Column, seededSampling } from "@tombolo/base";
import { runWorld } from "@tombolo/test-kit";
import { describe, expect, test } from "vitest";
import { type BoostingParameters, checkParameters, defaultParameters, trainTwin } from "./index.ts";
import {
  joinedTrees,
  parametersOf,
  partiesOf,
  sampleTable,
  type Table,
  type TrainOptions,
  trainParty,
  trainWorld,
  twinTrees,
} from "./testing/world.ts";

const SMALL: TrainOptions = { trees: 2, depth: 3, bins: 8, minimumRows: 3, minChildWeight: 0.1 };
const ROWS = 120;
const table = sampleTable(ROWS, 2);

const number = (name: string, value: (row: number) => number, rows = ROWS): Column => ({
  kind: "number",
  name,
  values: Float64Array.from({ length: rows }, (_, row) => value(row)),
});
const text = (name: string, categories: string[], code: (row: number) => number, rows = ROWS): Column => ({
  kind: "text",
  name,
  categories,
  codes: Int32Array.from({ length: rows }, (_, row) => code(row)),
});
const withHost = (...columns: Column[]): Table => ({ ...table, columns: [table.columns[0]!, columns] });

/** Every party's error, by its id. */
async function failures(own: Table, options: TrainOptions = SMALL) {
  const world = await runWorld(partiesOf(own), { seed: 7, deadlineMs: 5_000 }, trainParty(own, options));
  return Object.fromEntries(
    Object.entries(world.outcomes).flatMap(([party, outcome]) => (outcome.ok ? [] : [[party, outcome.error]])),
  );
}

describe("columns that come one after the other", () => {
  test("give the trees of those in memory, and the next is read only when the one before is binned", async () => {
    const log: string[] = [];
    const source = async function* (columns: readonly Column[]) {
      for (const column of columns) {
        log.push(`read ${column.name}`);
        const own = column.kind === "number" ? { ...column, values: column.values.slice() } : column;
        yield own;
        // Whoever asks for the next one has no need of this one any more.
        if (own.kind === "number") own.values.fill(0);
      }
    };
    const trained = await trainWorld(
      table,
      SMALL,
      {},
      { guest: { columns: source(table.columns[0]!) }, host: { columns: source(table.columns[1]!) } },
    );
    const twin = await trainTwin({ ...table, parameters: parametersOf(SMALL), sampling: seededSampling(7) });
    expect(joinedTrees(trained)).toEqual(twinTrees(twin));
    expect(log.sort()).toEqual(table.columns.flatMap((own) => own.map(({ name }) => `read ${name}`)).sort());
    expect(trained.guest.model.features).toEqual(table.columns[0]!.map(({ name }) => name));
  });
});

describe("columns with nothing to tell", () => {
  test.each([
    ["constant numbers", number("x", () => 4)],
    ["all missing numbers", number("x", () => Number.NaN)],
    ["one category", text("x", ["a"], () => 0)],
    ["all missing text", text("x", [], () => -1)],
    ["numbers with one that is present", number("x", (row) => (row === 5 ? 1 : Number.NaN))],
    [
      "a category a row",
      text(
        "x",
        Array.from({ length: ROWS }, (_, i) => `c${i}`),
        (row) => row,
      ),
    ],
  ] as const)("%s change nothing", async (_, column) => {
    const [own, others] = table.columns as [Column[], Column[]];
    const plain = await trainWorld(table, SMALL);
    const more = await trainWorld({ ...table, columns: [own, [...others, column]] }, SMALL);
    // Which of equal splits is taken follows the columns' order, and that all of a party's columns; gains do not.
    const gains = (trained: typeof plain) =>
      trained.guest.model.trees.map(({ splits }) => splits.map(({ node, gain }) => [node, gain]));
    expect(gains(more)).toEqual(gains(plain));
    expect(more.hosts[0]!.trees.flatMap(({ splits }) => splits.map(({ split }) => split.feature))).not.toContain("x");
  });

  test("a party of such columns alone leaves the others' model as it is", async () => {
    const nothing = await trainWorld(
      withHost(
        number("x", () => 1),
        number("y", () => Number.NaN),
      ),
      SMALL,
    );
    const alone = await trainWorld({ ...table, columns: [table.columns[0]!] }, SMALL);
    expect(nothing.guest.model.trees).toEqual(alone.guest.model.trees);
  });

  test("100,000 categories are the commonest and the rest", async () => {
    const rows = 200_000;
    const categories = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
    const column = text("code", categories, (row) => (row % 4 === 0 ? row % 3 : row % 100_000), rows);
    const labels = Float64Array.from({ length: rows }, (_, row) => (row % 4 === 0 && row % 3 === 1 ? 1 : 0));
    const parameters = parametersOf({ ...SMALL, trees: 1, textEncoding: "category" });
    const twin = await trainTwin({ columns: [[column]], labels, parameters, sampling: seededSampling(7) });
    const split = twin.trees[0]!.tree.splits[0]!.split!;
    expect(JSON.stringify(split).length).toBeLessThan(1_000);
    expect(JSON.stringify(split)).toContain("c1");
  });
});

describe("columns that cannot be used", () => {
  test.each([
    ["infinite numbers", [number("debt", (row) => (row === 7 ? Infinity : row))], "debt", "infinite"],
    ["negative infinity", [number("debt", (row) => (row === 7 ? -Infinity : row))], "debt", "infinite"],
    ["two of one name", [number("debt", (row) => row), number("debt", (row) => -row)], "debt", "same name"],
    ["fewer rows", [number("debt", (row) => row, ROWS - 1)], "debt", "number of rows"],
  ] as const)(
    "%s: their owner is told the column and what to do, the partner that it failed",
    async (_, columns, column, why) => {
      const { "host-1": own, bank } = await failures(withHost(...columns));
      expect(own).toMatchObject({ code: "input.columns", detail: { column } });
      expect(own!.message).toContain(why);
      expect(own!.remedy).toMatch(/\w+ .*\.$/);
      expect(bank!.code).toMatch(/^(aborted|protocol|transport|input)\./);
      expect(JSON.stringify([bank!.message, bank!.detail ?? null])).not.toContain("debt");
    },
  );

  test("tables of different lengths are refused at both", async () => {
    const short = withHost(number("debt", (row) => row, ROWS - 1));
    const parameters = parametersOf(SMALL);
    const world = await runWorld(["bank", "telco"], { seed: 7, deadlineMs: 5_000 }, (me) =>
      trainParty(me.id === "bank" ? table : { ...short, labels: table.labels.slice(1) }, parameters)(me),
    );
    const codes = Object.values(world.outcomes).map((outcome) => (outcome.ok ? "ok" : outcome.error.code));
    expect(codes).toContain("protocol.rows");
    expect(codes).not.toContain("ok");
  });

  test("labels of another kind than declared name the row and what to give", async () => {
    const wrong: [Partial<BoostingParameters>, number][] = [
      [{ objective: "binary" }, 2],
      [{ objective: "binary" }, Number.NaN],
      [{ objective: "regression" }, Infinity],
      [{ objective: "poisson" }, -1],
      [{ objective: "tweedie" }, -0.5],
      [{ objective: "multi-class", classes: 3 }, 3],
      [{ objective: "multi-class", classes: 3 }, 0.5],
    ];
    for (const [chosen, label] of wrong) {
      const labels = table.labels.slice();
      labels[3] = label;
      const failed = await failures({ ...table, labels }, { ...SMALL, ...chosen });
      expect(failed.bank).toMatchObject({ code: "input.label", detail: { row: 3, label } });
      expect(failed.bank!.remedy).toContain("Give every row a label");
    }
  });
});

describe("parameters out of range", () => {
  const wrong: Partial<Record<keyof BoostingParameters, readonly unknown[]>> = {
    trees: [0, 5_001, 1.5, Number.NaN],
    depth: [0, 11],
    bins: [1, 255],
    minimumRows: [0, 1_000_001],
    learningRate: [0, 11, Number.NaN],
    lambda: [-1, Infinity],
    alpha: [-1],
    gamma: [-1],
    minChildWeight: [-1, Number.NaN],
    maxDeltaStep: [-1],
    subsample: [0, 1.1],
    colsample: [0, 2],
    scalePosWeight: [0],
    huberSlope: [0],
    tweediePower: [1, 2],
    maxLeaves: [1],
    guestOnlyTrees: [-1, 51],
    keyBits: [1024],
    objective: ["ranking"],
    scheme: ["none"],
    textEncoding: ["target"],
    classes: [3],
    baseScore: [0, Number.NaN],
  };
  test.each(Object.entries(wrong))("%s: refused by name, with what it may be", (name, values) => {
    for (const value of values!) {
      const given = { ...defaultParameters, [name]: value } as BoostingParameters;
      expect(() => checkParameters(given), String(value)).toThrow(
        expect.objectContaining({ code: "input.parameter", remedy: expect.stringContaining(`Set ${name} to `) }),
      );
    }
  });
});
