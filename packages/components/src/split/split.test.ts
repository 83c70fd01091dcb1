import type { Column } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { drawnSizes } from "../row-choice/draw.ts";
import { numbers, texts } from "../testing/examples.ts";
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
});
