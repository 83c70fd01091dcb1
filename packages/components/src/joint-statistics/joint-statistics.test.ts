import type { MessageTable, Peer } from "@tombolo/channel";
import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { findComponent } from "../registry.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { lying } from "../testing/lying.ts";
import { failureOf, keyed, runOne } from "../testing/tasks.ts";
import { faultsOf, parameters } from "./parameters.ts";

const CITIES = ["north", "south", "west", "none"];
/** Row i of party p: amounts that differ, in three groups of unlike sizes. */
const made = (party: number, rows: number) => ({
  amount: Array.from({ length: rows }, (_, i) => ((i * 37 + party * 11) % 101) - 30 + 0.25),
  city: Array.from({ length: rows }, (_, i) => (i < 6 ? "south" : i % 9 === 0 && party === 0 ? "west" : "north")),
});
const OWN = [made(0, 60), made(1, 45), made(2, 80)];
const NAMES = ["bank", "telco", "insurer"];
const tables = (count: number): Record<string, Record<string, TaskTable>> =>
  Object.fromEntries(
    OWN.slice(0, count).map(({ amount, city }, p) => [
      NAMES[p]!,
      { "in.data": { ...keyed(tableOf(numbers("amount", amount), texts("city", city))), aligned: false } },
    ]),
  );
const task = (changes: Record<string, unknown> = {}): TaskDraft => ({
  component: "joint-statistics",
  inputs: { data: "in.data" },
  parameters: { values: [{ column: "amount", lower: -25, upper: 100, decimals: 1 }], minimumRows: 5, ...changes },
});

interface Told {
  readonly columns: readonly {
    readonly groups: readonly {
      readonly group: string | null;
      readonly shown: boolean;
      readonly count: number | null;
      readonly sum: number | null;
      readonly variance: number | null;
      readonly quantiles: readonly (number | null)[];
    }[];
  }[];
}
const groupsIn = (kept: { readonly reports: Record<string, { readonly data: unknown }> }) =>
  (kept.reports["task.report"]!.data as Told).columns[0]!.groups;

/** As agreed: within bounds, to a decimal. */
const counted = (count: number, city?: string): number[] =>
  OWN.slice(0, count).flatMap(({ amount, city: own }) =>
    amount
      .filter((_, i) => city === undefined || own[i] === city)
      .map((value) => Math.round(Math.max(-25, Math.min(100, value)) * 10) / 10),
  );
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const varianceOf = (values: readonly number[]): number => {
  const mean = sumOf(values) / values.length;
  return sumOf(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
};
const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length - 1e-9) - 1)]!;

describe("joint-statistics", () => {
  it("adds up three parties' rows by groups, tells all quantiles, and shows no small group", async () => {
    const given = { groupBy: { column: "city", categories: CITIES }, quantiles: [0.5, 0.9, 0.05], minimumRows: 7 };
    const kept = await runOne(task(given), tables(3));
    const [north, south, west, none] = groupsIn(kept.bank!);
    const values = counted(3, "north");
    expect(north).toMatchObject({ group: "north", shown: true, count: values.length });
    expect(north!.sum).toBeCloseTo(sumOf(values), 6);
    expect(north!.variance).toBeCloseTo(varianceOf(values), 6);
    expect(north!.quantiles[0]).toBeCloseTo(quantile(values, 0.5), 9);
    expect(north!.quantiles[1]).toBeCloseTo(quantile(values, 0.9), 9);
    // Of 160 rows eight are below: enough; in the south there are 18, but six at each party.
    expect(north!.quantiles[2]).toBeCloseTo(quantile(values, 0.05), 9);
    for (const hidden of [south, west, none])
      expect(hidden).toMatchObject({ shown: false, count: null, sum: null, quantiles: [null, null, null] });
    // Nothing adds up rows of several groups: a total less the shown groups would be a hidden one.
    const told = kept.bank!.reports["task.report"]!.data as Told & Record<string, unknown>;
    expect(Object.keys(told).sort()).toEqual(
      ["clipped", "columns", "groupBy", "minimumRows", "ownRows", "parties", "quantiles"].sort(),
    );
    expect(told.ownRows).toBe(60);
    expect(told.columns.map(({ groups }) => groups.map(({ group }) => group))).toEqual([CITIES]);
    for (const party of ["telco", "insurer"]) {
      const [theirs] = groupsIn(kept[party]!);
      expect(theirs).toMatchObject({
        shown: true,
        count: null,
        sum: null,
        variance: null,
        quantiles: north!.quantiles,
      });
    }
  });

  it("tells all parties where the flow says so, and withholds quantiles with too few rows beyond", async () => {
    const kept = await runOne(task({ receivers: "all", quantiles: [0.01, 0.25], variance: false }), tables(2));
    const values = counted(2);
    const [all] = groupsIn(kept.bank!);
    expect(all).toMatchObject({ count: 105, variance: null });
    expect(all!.quantiles).toEqual([null, expect.closeTo(quantile(values, 0.25), 9)]);
    expect(all!.sum).toBeCloseTo(sumOf(values), 6);
    expect(groupsIn(kept.telco!)).toEqual([all]);
    expect(kept.bank!.logs.join()).toContain("beyond their bounds");
    const several = await runOne(task({ receivers: "all" }), tables(3), { datasets: {}, window: 1 });
    expect(groupsIn(several.insurer!)).toEqual(groupsIn(several.bank!));
    expect(groupsIn(several.insurer!)[0]!.count).toBe(185);
  });

  it("refuses totals of another length, and names who sent them", async () => {
    const setting = {
      datasets: {},
      meddle: <P extends Peer<MessageTable, string>>(party: string, peer: P): P =>
        party === "insurer" ? lying(peer, "secondTotals", (sent: Uint8Array) => sent.subarray(8)) : peer,
    };
    const failure = await failureOf(runOne(task(), tables(3), setting));
    expect(failure).toMatchObject({ code: "protocol.size", blame: "insurer" });
  });

  it("refuses what does not fit, is missing, or is too much", async () => {
    const code = async (changes: Record<string, unknown>): Promise<string> =>
      (await failureOf(runOne(task(changes), tables(2)))).code;
    expect(await code({ rowsMax: 100 })).toBe("input.rows");
    expect(await code({ values: [{ column: "city", lower: 0, upper: 1 }] })).toBe("input.columns");
    expect(await code({ minimumRows: 4 })).toBe("consent.minimum-rows");
    const wide = { column: "amount", lower: 0, upper: 10_000_000, decimals: 2 };
    expect(await code({ values: [wide] })).toBe("input.range");
    expect(findComponent("joint-statistics")?.oncePerDataset?.({})).toBe(true);
    expect(faultsOf(parameters.parse({ values: [wide] }))).toMatchObject([{ parameter: "values" }]);
    expect(faultsOf(parameters.parse({ values: [{ ...wide, decimals: -1 }] }))).toEqual([]);
    const holed = tables(2);
    const amount = holed.telco!["in.data"]!.columns[0]!;
    if (amount.kind === "number") amount.values[3] = Number.NaN;
    expect((await failureOf(runOne(task(), holed))).code).toBe("input.missing-value");
    const kept = await runOne(task({ missing: "skip" }), holed);
    expect(groupsIn(kept.bank!)[0]!.count).toBe(104);
  });
});
