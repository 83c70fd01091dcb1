import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { keyed } from "../testing/tasks.ts";
import { ranksOf } from "./draw.ts";

const ROWS = 40;
const rows = [...Array(ROWS).keys()];
const ids = texts(
  "id",
  rows.map((row) => `id-${row}`),
);
/** The guest's table, of which a host knows all but the last row's label. */
const table = (last: number): TaskTable =>
  keyed(
    tableOf(
      ids,
      numbers(
        "y",
        rows.map((row) => (row === ROWS - 1 ? last : row % 2)),
      ),
    ),
    "y",
  );
const labels = { key: "test/key\0", rank: "test/rank\0" };
const salted = (byte: number) => ({ seed: 7, salt: new Uint8Array(32).fill(byte), labels });

describe("a draw", () => {
  it("comes out again from the same table and seed, in whatever order rows stand", async () => {
    const ranks = await ranksOf(table(1), salted(1));
    expect(await ranksOf(table(1), salted(1))).toEqual(ranks);
    const turned = { ...table(1), columns: table(1).columns.map((column) => reversed(column)) };
    expect((await ranksOf(turned, salted(1))).toReversed()).toEqual(ranks);
    expect(await ranksOf(table(1), { ...salted(1), seed: 8 })).not.toEqual(ranks);
  });

  it("does not tell who tries every label that it does not know which it is", async () => {
    const fitting = async (told: BigUint64Array, key: Parameters<typeof ranksOf>[1]): Promise<number[]> => {
      const tries = await Promise.all([0, 1].map((label) => ranksOf(table(label), key)));
      return [0, 1].filter((label) => tries[label]!.join() === told.join());
    };
    const none = { ...salted(1), salt: new Uint8Array(0) };
    // Without a salt one of two tries gives the draw, and with it the label.
    expect(await fitting(await ranksOf(table(1), none), none)).toEqual([1]);
    const told = await ranksOf(table(1), salted(1));
    for (const guess of [none, salted(0), salted(2)]) expect(await fitting(told, guess)).toEqual([]);
  });
});

const reversed = (column: TaskTable["columns"][number]): TaskTable["columns"][number] =>
  column.kind === "number"
    ? { ...column, values: column.values.toReversed() }
    : { ...column, codes: column.codes.toReversed() };
