import { runWorld } from "@tombolo/test-kit";
import { expect, test } from "vitest";
import type { RowSource } from "../boosting/index.ts";
import { bandsGuest, bandsHost, type GuestModel, type HostModel, predictionMessages } from "./index.ts";
import { predictionRequest } from "./messages.ts";

const common = { version: 1, modelId: "0".repeat(32), missing: "refuse" } as const;
const terms = [{ column: "x", category: null, merged: null, mean: 0, scale: 1, coefficient: 1 }];
const guest: GuestModel = {
  ...{ ...common, kind: "regression/guest", family: "linear", power: 1.5, intercept: 0, offset: null },
  ...{ hosts: ["telco"], terms },
};
const host: HostModel = { ...common, kind: "regression/host", hosts: 1, quantum: 2 ** -10, terms };
const rowsOf = (values: readonly number[]): RowSource => ({
  rowCount: values.length,
  async *chunks() {
    yield [{ kind: "number", name: "x", values: Float64Array.from(values) }];
  },
});

/** Each row's part of the guest and of the host. */
const banded = (parts: readonly (readonly [number, number])[], below: readonly number[]) =>
  runWorld(["bank", "telco"], { seed: 7, deadlineMs: 60_000 }, async ({ id, peer, secrets }) => {
    const found: number[] = [];
    const take = async (more: Float64Array): Promise<void> => void found.push(...more);
    const rows = (side: 0 | 1) => rowsOf(parts.map((part) => part[side]));
    if (id === "bank")
      await bandsGuest(
        { model: guest, rows: rows(0), below, take, secrets },
        await peer(predictionMessages, "guest", "telco", "host"),
      );
    else
      await bandsHost(
        { model: host, rows: rows(1), bounds: below.length, secrets },
        await peer(predictionMessages, "host", "bank", "guest"),
      );
    return found;
  });

test("bounds near 0 tell bands of large parts, and of a host's that is cut", async () => {
  const run = await banded(
    [
      [-200_000, 300_000],
      [200_000, -300_000],
      [-1e7, 1e12],
      [1e7, -1e12],
      [0, 0],
    ],
    [0.001],
  );
  expect(run.result("bank")).toEqual([1, 0, 1, 0, 0]);
});

test("bounds that are too near to 0 for the guest's own parts are refused by name", async () => {
  const run = await banded([[-3e7, 3e8]], [0.001]);
  expect(run.error("bank")).toMatchObject({ code: "input.range", remedy: expect.any(String) });
});

test("units are powers of two that are numbers other than 0", () => {
  const request = { rows: 1, first: 0, chunkRows: 1, modelId: common.modelId };
  for (const [unit, good] of [
    [-1075, false],
    [-1074, true],
    [1023, true],
    [1024, false],
  ] as const)
    expect(predictionRequest.safeParse({ ...request, unit }).success && 2 ** unit > 0).toBe(good);
});
