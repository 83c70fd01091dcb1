/**
 * Whoever repeats rows could lift one person over every minimum: a sample of rare labels repeats a row some tens of times, and 50 rows of a
 * bin are then of two. Each attack is tried on tables whose rows stand once and on the same rows repeated.
 */
import { takeTable } from "@tombolo/base";
import { storedBinning } from "@tombolo/federated/binning";
import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed, runOne } from "../testing/tasks.ts";

const ROWS = 1500;
const rows = [...Array(ROWS).keys()];
const ids = texts(
  "id",
  rows.map((row) => `id-${row}`),
);
/** Fifty rows have label 1, eight of which are of customers that alone are spies. */
const LABEL = rows.map((row) => Number(row % 30 === 0));
const JOB = rows.map((row) => (row % 30 === 0 && row < 240 ? "spy" : row % 2 === 0 ? "cook" : "clerk"));
const AGE = rows.map((row) => (row * 37) % 101);
const bank = (): TaskTable => keyed(tableOf(ids, numbers("y", LABEL), numbers("g", AGE)), "y");
const telco = (): TaskTable =>
  keyed(
    tableOf(
      ids,
      texts("job", JOB),
      numbers("h", AGE.toReversed()),
      numbers(
        "k",
        rows.map((row) => row % 7),
      ),
    ),
  );
const repeated = (table: TaskTable, times: number): TaskTable => ({
  ...table,
  ...takeTable(
    table,
    rows.flatMap((row) => Array<number>(times).fill(row)),
  ),
  copiesMax: times,
});
const sides = (times = 1) => ({
  bank: { "in.data": repeated(bank(), times) },
  telco: { "in.data": repeated(telco(), times) },
});
const task = (
  component: string,
  parameters: Record<string, unknown>,
  own: Record<string, Record<string, unknown>> = {},
): TaskDraft => ({
  component,
  inputs: { data: "in.data" },
  parameters,
  partyParameters: own,
});

describe("rows that stand several times", () => {
  it("do not give a bin to two customers, nor counts of their labels", async () => {
    const flow = flowOf({
      sample: task("sample", { method: "over", ratio: 0.3 }),
      bin: { ...task("bin", {}), inputs: { data: "sample.data" } },
    });
    const kept: Record<string, Kept> = Object.fromEntries(
      Object.entries(sides()).map(([party, tables]) => [party, { ...emptyKept(), tables }]),
    );
    for (const name of ["sample", "bin"]) await runTask(flow, name, kept, { datasets: {} });
    const data = kept.telco!.tables["sample.data"]!;
    const job = data.columns.find(({ name }) => name === "job")!;
    const spies = job.kind === "text" ? job.codes.filter((code) => job.categories[code] === "spy").length : 0;
    expect(spies).toBeGreaterThan(50);
    expect(data.copiesMax).toBe(9);
    const own = storedBinning(kept.telco!.models["bin.model"]).columns.find(({ fine }) => fine.name === "job")!.fine;
    expect(own.kind === "text" && own.categories).toEqual(["cook"]);
    const { partners, minimumEvents } = storedBinning(kept.bank!.models["bin.model"]);
    expect(minimumEvents).toBe(5 * 9);
    for (const { rows: counts } of partners[0]!.columns)
      for (const count of counts) expect(count).toBeGreaterThanOrEqual(50 * 9);
    const often = { "in.data": { ...bank(), copiesMax: 31 } };
    const tooOften = await failureOf(runOne(task("bin", {}), { bank: often, telco: { "in.data": telco() } }));
    expect(tooOften).toMatchObject({ code: "consent.minimum-rows", message: expect.stringContaining("31 times") });
  });

  it("do not lift a condition over a party's minimum", async () => {
    const spies = { telco: { where: 'job == "spy" && k == 1' } };
    expect((await failureOf(runOne(task("filter", {}, spies), sides()))).code).toBe("consent.minimum-rows");
    expect((await failureOf(runOne(task("filter", {}, spies), sides(29)))).code).toBe("consent.minimum-rows");
    const few = await failureOf(runOne(task("sample", { share: 0.002 }), sides(4)));
    expect(few.code).toBe("input.rows");
  });

  it("do not stand for rows that correlations or terms of a regression lack", async () => {
    const cases: [TaskDraft, string][] = [
      [task("joint-correlation", { rowsPerColumn: 600 }), "input.rows"],
      [task("regression-train", { iterations: 2, rowsPerTerm: 400 }), "input.rows"],
    ];
    for (const [each, code] of cases)
      for (const times of [1, 3]) expect((await failureOf(runOne(each, sides(times)))).code).toBe(code);
  });

  it("do not make groups of rows in trees", async () => {
    const given = { trees: 1, depth: 2, minimumRows: 500 };
    const leaves = async (times: number): Promise<number> => {
      const kept = await runOne(task("boosting-train", given), sides(times));
      return Math.min(...leafRows(kept.bank!.models["task.model"]));
    };
    expect(await leaves(1)).toBe(await leaves(2));
  });
});

/** Splits of all trees: fewer where nodes are too small. */
function leafRows(model: unknown): number[] {
  const { part } = model as { part: { trees: readonly { splits: readonly unknown[] }[] } };
  return part.trees.map(({ splits }) => splits.length);
}
