import type { Column } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { drawnSizes } from "../row-choice/draw.ts";
import { numbers, texts } from "../testing/examples.ts";
import { lying } from "../testing/lying.ts";
import { emptyKept, type Kept, runTask } from "../testing/run-flow.ts";
import { failureOf, flowOf, idsOf, madeUp, runOne } from "../testing/tasks.ts";

describe("split", () => {
  const task = (parameters: Record<string, unknown> = {}): TaskDraft => ({
    component: "split",
    inputs: { data: "in.data" },
    parameters,
  });
  const rows = { testShare: 0.25 };

  it("gives the same parts to the same data in any row order, and others to another seed", async () => {
    const { guest, host } = madeUp(200);
    const order = Array.from({ length: 200 }, (_, i) => (i * 77) % 200);
    const turned = (table: TaskTable): TaskTable => ({
      ...table,
      columns: table.columns.map((column) =>
        column.kind === "number"
          ? { ...column, values: Float64Array.from(order, (row) => column.values[row]!) }
          : { ...column, codes: Int32Array.from(order, (row) => column.codes[row]!) },
      ),
    });
    const first = await runOne(task(rows), { bank: { "in.data": guest }, telco: { "in.data": host } });
    const second = await runOne(task(rows), { bank: { "in.data": turned(guest) }, telco: { "in.data": turned(host) } });
    const test = idsOf(first.bank!.tables["task.test"]!);
    expect(idsOf(second.bank!.tables["task.test"]!).toSorted()).toEqual(test.toSorted());
    expect(idsOf(first.telco!.tables["task.test"]!)).toEqual(test);
    const kept = {
      bank: { ...emptyKept(), tables: { "in.data": guest } },
      telco: { ...emptyKept(), tables: { "in.data": host } },
    };
    await runTask({ ...flowOf({ task: task(rows) }), seed: 8 }, "task", kept, { datasets: {} });
    expect(idsOf((kept.bank as Kept).tables["task.test"]!).toSorted()).not.toEqual(test.toSorted());
  });

  it("reports rows of each label in either part to the party that has the label", async () => {
    const { guest, host } = madeUp(200);
    const { bank, telco } = await runOne(task(rows), { bank: { "in.data": guest }, telco: { "in.data": host } });
    const of = (kept: Kept) => kept.reports["task.report"]!.data as { byLabel: { rows: number; chosen: number }[] };
    expect(of(telco!)).toEqual({ rows: 200, test: 50, unused: 0, label: null, byLabel: null });
    expect(of(bank!)).toMatchObject({ rows: 200, test: 50, label: "y" });
    for (const { rows: all, chosen } of of(bank!).byLabel) expect(Math.abs(chosen - all / 4)).toBeLessThan(1);
  });

  it("does not follow the labels when not asked to, and takes numbers by deciles", async () => {
    const { guest, host } = madeUp(100);
    const plain = await runOne(task({ ...rows, stratify: false }), {
      bank: { "in.data": guest },
      telco: { "in.data": host },
    });
    expect(plain.bank!.tables["task.test"]!.rowCount).toBe(25);
    const deciles = await runOne(task({ testShare: 0.5 }), {
      bank: { "in.data": { ...guest, label: "g" } },
      telco: { "in.data": host },
    });
    const column = deciles.bank!.tables["task.test"]!.columns.find(({ name }) => name === "g")!;
    const low = column.kind === "number" ? column.values.filter((value) => value < 50).length : 0;
    expect(Math.abs(low - 25)).toBeLessThanOrEqual(5);
  });

  it("gives a test part whose size tells nothing of the labels' shares", () => {
    for (let positive = 0; positive <= 101; positive++) {
      const sizes = drawnSizes([positive, 101 - positive], 0.3);
      expect(sizes[0]! + sizes[1]!).toBe(30);
      expect(Math.abs(sizes[0]! - 0.3 * positive)).toBeLessThan(1);
    }
    expect(drawnSizes([5, 5, 5], 0.5)).toEqual([3, 3, 2]);
  });

  it("refuses rows that are not aligned, or of another number", async () => {
    const { guest, host } = madeUp(50);
    const loose = { bank: { "in.data": { ...guest, aligned: false } }, telco: { "in.data": host } };
    expect((await failureOf(runOne(task(), loose))).code).toBe("input.not-aligned");
    const other = { bank: { "in.data": guest }, telco: { "in.data": madeUp(60).host } };
    const failure = await failureOf(runOne(task(), other));
    expect(failure.code).toBe("protocol.rows");
  });

  it("takes the latest rows for testing, by numbers or dates of the guest's, and refuses rows without one", async () => {
    const { guest, host } = madeUp(40);
    const days = Array.from({ length: 40 }, (_, row) => (row * 7) % 40);
    const dates = days.map((day) => new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10));
    const test = days.flatMap((day, row) => (day >= 30 ? [`id-${row}`] : []));
    const timed = (time: string | null, ...columns: Column[]) => {
      const partyParameters = { bank: { time } };
      const data = { ...guest, columns: [...guest.columns, ...columns] };
      const by = { ...task({ testShare: 0.25, by: "time" }), partyParameters };
      return runOne(by, { bank: { "in.data": data }, telco: { "in.data": host } });
    };
    for (const column of [numbers("when", days), texts("when", dates)]) {
      const { bank, telco } = await timed("when", column);
      expect(idsOf(bank!.tables["task.test"]!)).toEqual(test);
      expect(idsOf(telco!.tables["task.test"]!)).toEqual(test);
    }
    const one = texts("when", ["?", ...dates.slice(1)]);
    expect(await failureOf(timed("when", one))).toMatchObject({ code: "input.missing-values", detail: { rows: 1 } });
    expect((await failureOf(timed(null))).code).toBe("input.parameter");
  });

  const folds = async (own: Record<string, TaskTable>, of: number, parameters: Record<string, unknown>, party = {}) => {
    const parts = [];
    for (let number = 1; number <= of; number++) {
      const draft = { ...task({ ...parameters, fold: { number, of } }), partyParameters: { bank: party } };
      const { bank, telco } = await runOne(draft, { bank: { "in.data": own.bank! }, telco: { "in.data": own.telco! } });
      const idsIn = (port: string): string[] => idsOf(bank!.tables[`task.${port}`]!).map(String);
      for (const port of ["train", "test"]) expect(idsOf(telco!.tables[`task.${port}`]!)).toEqual(idsIn(port));
      parts.push({ train: idsIn("train"), test: idsIn("test"), bank: bank! });
    }
    return parts;
  };

  it("holds out each row in one fold, of equal sizes and shares of labels, from tasks that know nothing of each other", async () => {
    const { guest, host } = madeUp(103);
    const own = { bank: guest, telco: host };
    const parts = await folds(own, 4, {});
    expect(parts.map(({ test }) => test.length)).toEqual([26, 26, 26, 25]);
    expect(parts.flatMap(({ test }) => test).toSorted()).toEqual(idsOf(guest).map(String).toSorted());
    for (const { train, test } of parts)
      expect([...train, ...test].toSorted()).toEqual(idsOf(guest).map(String).toSorted());
    const positives = parts.map(({ bank }) => {
      const y = bank.tables["task.test"]!.columns.find(({ name }) => name === "y")!;
      return y.kind === "number" ? y.values.reduce((sum, value) => sum + value, 0) : Number.NaN;
    });
    expect(Math.max(...positives) - Math.min(...positives)).toBeLessThanOrEqual(1);
    const other = await folds(own, 4, { stratify: false });
    expect(other.map(({ test }) => test.length)).toEqual([26, 26, 26, 25]);
    expect(other[0]!.test.toSorted()).not.toEqual(parts[0]!.test.toSorted());
  });

  it("trains on what is earlier than a fold by time, and keeps a group together", async () => {
    const { guest, host } = madeUp(41);
    const days = Array.from({ length: 41 }, (_, row) => (row * 7) % 41);
    const households = days.map((day) => `household-${day % 9}`);
    const bank = { ...guest, columns: [...guest.columns, numbers("when", days), texts("home", households)] };
    const own = { bank, telco: host };
    const dayOf = (id: string): number => days[Number(id.slice(3))]!;
    const inTime = await folds(own, 3, { by: "time" }, { time: "when" });
    // As TimeSeriesSplit(3) of 41 rows: folds of 10, from row 11 on.
    expect(inTime.map(({ test }) => test.map(dayOf).toSorted((a, b) => a - b))).toEqual(
      [11, 21, 31].map((first) => Array.from({ length: 10 }, (_, i) => first + i)),
    );
    expect(inTime.map(({ train }) => Math.max(...train.map(dayOf)))).toEqual([10, 20, 30]);
    expect(inTime.map(({ train }) => train.length)).toEqual([11, 21, 31]);
    const homeOf = (id: string): string => households[Number(id.slice(3))]!;
    const grouped = await folds(own, 3, { by: "group" }, { group: "home" });
    expect(grouped.flatMap(({ test }) => [...new Set(test.map(homeOf))]).toSorted()).toEqual(
      [...new Set(households)].toSorted(),
    );
    const sizes = grouped.map(({ test }) => test.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(5);
    const draft = { ...task({ by: "group", testShare: 0.3 }), partyParameters: { bank: { group: "home" } } };
    const once = await runOne(draft, { bank: { "in.data": bank }, telco: { "in.data": host } });
    const [train, test] = ["train", "test"].map((port) => idsOf(once.bank!.tables[`task.${port}`]!).map(String));
    expect(test!.length).toBeGreaterThan(8);
    expect(test!.length).toBeLessThanOrEqual(12);
    expect(new Set(train!.map(homeOf)).intersection(new Set(test!.map(homeOf))).size).toBe(0);
    const unnamed = runOne(task({ by: "group" }), { bank: { "in.data": bank }, telco: { "in.data": host } });
    expect((await failureOf(unnamed)).code).toBe("input.parameter");
  });

  it("refuses a fold that is not there, and marks that contradict each other", async () => {
    const { guest, host } = madeUp(40);
    const tables = { bank: { "in.data": guest }, telco: { "in.data": host } };
    const beyond = task({ fold: { number: 4, of: 3 } });
    expect((await failureOf(runOne(beyond, tables))).code).toBe("input.parameter");
    const by = { ...task({ by: "time", fold: { number: 1, of: 3 } }), partyParameters: { bank: { time: "g" } } };
    const told = runOne(by, tables, {
      datasets: {},
      meddle: (party, peer) =>
        party === "bank" ? lying(peer, "unused", (marks: Uint8Array) => marks.map(() => 255)) : peer,
    });
    expect(await failureOf(told)).toMatchObject({ code: "protocol.rows", blame: "bank" });
  });
});
