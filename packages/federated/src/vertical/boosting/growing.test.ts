import type { Column } from "@tombolo/base";
import { seededSampling } from "@tombolo/base";
import { describe, expect, test } from "vitest";
import { bestFirst } from "./best-first.ts";
import { type BoostingParameters, checkParameters, defaultParameters, predictTwin, trainTwin } from "./index.ts";
import { Partition } from "./partition.ts";
import { checkGoss, gossRows } from "./sample.ts";
import { joinedTrees, parametersOf, sampleTable, trainWorld, twinTrees } from "./testing/world.ts";

const SMALL = { trees: 2, depth: 4, bins: 8, minimumRows: 1, minChildWeight: 0 };
const number = (name: string, values: Float64Array): Column => ({ kind: "number", name, values });

describe("best-first growth", () => {
  const found = [
    { node: 1, gain: 9 },
    { node: 2, gain: 2 },
    { node: 3, gain: 5 },
    { node: 4, gain: 8 },
    { node: 6, gain: 5 },
    { node: 7, gain: 5 },
  ];

  test("takes the best reachable split, not the best", () => {
    expect([...bestFirst(found, 2)]).toEqual([1]);
    expect([...bestFirst(found, 4)]).toEqual([1, 3, 6]);
    expect([...bestFirst(found, 6)]).toEqual([1, 3, 6, 7, 2]);
    expect([...bestFirst(found, 99)]).toEqual([1, 3, 6, 7, 2, 4]);
    expect([...bestFirst([], 4)]).toEqual([]);
  });

  test("a split that is taken back leaves its rows in one leaf", () => {
    const partition = new Partition(Uint8Array.of(1, 1, 0, 1, 1));
    partition.split(1, Uint8Array.of(0, 1, 0, 1, 0));
    partition.split(3, Uint8Array.of(0, 1, 0));
    partition.split(6, Uint8Array.of(1));
    partition.merge(3);
    expect(partition.leaves()).toEqual([2, 3]);
    expect([[...partition.rows(3)], [...partition.sampledRows(3)]]).toEqual([
      [0, 2, 4],
      [0, 4],
    ]);
  });

  test("gives trees of so many leaves, of which each host keeps what stays", async () => {
    const table = sampleTable(96, 3);
    const options = { ...SMALL, maxLeaves: 5 };
    const trained = await trainWorld(table, options);
    const twin = await trainTwin({ ...table, parameters: parametersOf(options), sampling: seededSampling(7) });
    expect(joinedTrees(trained)).toEqual(twinTrees(twin));
    for (const { leaves } of trained.guest.model.trees) expect(leaves).toHaveLength(5);
    const owned = trained.guest.model.trees.flatMap(({ splits }) => splits.map(({ owner }) => owner));
    trained.hosts.forEach((host, i) => {
      expect(host.trees.flatMap(({ splits }) => splits)).toHaveLength(owned.filter((owner) => owner === i).length);
    });
    // Level by level the same depth makes more.
    const whole = await trainTwin({ ...table, parameters: parametersOf(SMALL), sampling: seededSampling(7) });
    expect(whole.trees[0]!.tree.leaves.length).toBeGreaterThan(5);
  });
});

describe("directions", () => {
  const ROWS = 300;
  const x = Float64Array.from({ length: ROWS }, (_, i) => (i * 37) % 20);
  const z = Float64Array.from({ length: ROWS }, (_, i) => (i * 11) % 7);
  // Rises with x but for a dip, and bends with z.
  const labels = x.map(
    (value, i) => value - (value > 8 && value < 12 ? 9 : 0) + 2 * Math.abs(z[i]! - 3) * (value > 10 ? 1 : -1),
  );
  const columns = [[number("x", x)], [number("z", z)]];
  const parameters: BoostingParameters = {
    ...defaultParameters,
    objective: "regression",
    trees: 10,
    depth: 4,
    minimumRows: 1,
  };
  const curve = async (directions?: { rising: string[]; falling: string[] }): Promise<number[]> => {
    const model = await trainTwin({
      ...{ columns, labels, parameters, sampling: seededSampling(1) },
      ...(directions === undefined ? {} : { directions }),
    });
    return [0, 3, 6].flatMap((at) => {
      const row = [[number("x", Float64Array.from(Array(20).keys()))], [number("z", new Float64Array(20).fill(at))]];
      const predicted = predictTwin(model, row, 20, "regression");
      return [...predicted.subarray(1)].map((value, i) => value - predicted[i]!);
    });
  };

  test("hold everywhere, below splits of others too", async () => {
    expect(Math.min(...(await curve()))).toBeLessThan(-1);
    expect(Math.min(...(await curve({ rising: ["x"], falling: [] })))).toBeGreaterThanOrEqual(-1e-12);
    expect(Math.max(...(await curve({ rising: [], falling: ["x"] })))).toBeLessThanOrEqual(1e-12);
  });

  test("are the guest's, of numbers, and of objectives with one Newton step", async () => {
    await expect(curve({ rising: ["z"], falling: [] })).rejects.toMatchObject({ code: "input.columns" });
    await expect(curve({ rising: ["x"], falling: ["x"] })).rejects.toMatchObject({ code: "input.columns" });
    const absolute = { ...parameters, objective: "absolute" as const };
    const directions = { rising: ["x"], falling: [] };
    await expect(
      trainTwin({ columns, labels, parameters: absolute, sampling: seededSampling(1), directions }),
    ).rejects.toMatchObject({ code: "input.parameter" });
  });
});

describe("other ways to grow", () => {
  test("a forest's trees stand side by side and are averaged", async () => {
    const [own] = sampleTable(80, 1).columns;
    const labels = sampleTable(80, 1).labels.map((label, i) => 5 * label + (i % 3));
    const grow = (trees: number, forest: boolean, learningRate: number) =>
      trainTwin({
        ...{ columns: [own!], labels, sampling: seededSampling(3) },
        parameters: { ...parametersOf(SMALL), objective: "regression", trees, forest, learningRate, subsample: 0.6 },
      });
    const [forest, single] = [await grow(3, true, 0.1), await grow(1, false, 1)];
    expect(forest.trees[0]!.tree.splits).toEqual(single.trees[0]!.tree.splits);
    forest.trees[0]!.tree.leaves.forEach(({ weight }, i) => {
      expect(3 * weight).toBeCloseTo(single.trees[0]!.tree.leaves[i]!.weight, 12);
    });
    // One tree's figures are those of that tree alone.
    expect(forest.evaluations[0]!.training.loss).toBeCloseTo(single.evaluations[0]!.training.loss, 10);
  });

  test("the first trees may be the guest's alone: no gradient leaves for them", async () => {
    const table = sampleTable(48, 2);
    const { guest, hosts, world } = await trainWorld(table, { ...SMALL, depth: 2, guestOnlyTrees: 1 });
    expect(guest.model.trees[0]!.splits.every(({ owner }) => owner === "guest")).toBe(true);
    expect([hosts[0]!.trees.length, hosts[0]!.trees[0]!.splits.length]).toEqual([2, 0]);
    expect(hosts[0]!.trees[1]!.splits.length).toBeGreaterThan(0);
    const all = await trainWorld(table, { ...SMALL, depth: 2 });
    const bytes = ({ cost }: typeof world): number => cost.byDirection["bank->host-1"]!.sumsVectors!.bytes;
    // g and h of the root and of one child, a block of rows and one for masks.
    expect([bytes(all.world), bytes(world)]).toEqual([2 * 8 * 51_200, 8 * 51_200]);
    const none = await trainWorld(
      { ...table, columns: [[], table.columns[1]!] },
      { ...SMALL, guestOnlyTrees: 1 },
    ).catch((error: unknown) => error);
    expect(String(none)).toMatch(/no columns/);
  });

  test("rows by gradient: all the large ones, some of the others, which stand for the rest", async () => {
    const sizes = [5, 1, 9, 2, 3, 3, 1, 1, 4, 2];
    const { rows, others, amplify } = gossRows(
      Int32Array.from(sizes.keys()),
      (row) => sizes[row]!,
      { top: 0.3, other: 0.2 },
      seededSampling(5),
    );
    expect([...rows].filter((row) => !others.includes(row))).toEqual([0, 2, 8]);
    expect([others.length, rows.length]).toEqual([2, 5]);
    expect(amplify).toBeCloseTo(3.5, 12);
    const table = sampleTable(200, 1);
    const parameters = { ...parametersOf(SMALL), goss: { top: 0.2, other: 0.2 } };
    const drawn = await trainTwin({ ...table, parameters, sampling: seededSampling(3) });
    const root = drawn.trees[0]!.tree.splits[0]!;
    expect(root.gain).toBeGreaterThan(0);
    expect(drawn.evaluations[1]!.training.loss).toBeLessThan(0.7);
    expect(() => checkGoss(parameters, 0)).not.toThrow();
    expect(() => checkGoss(parameters, 1)).toThrow(expect.objectContaining({ code: "input.parameter" }));
    expect(() => checkGoss({ ...parameters, guestOnlyTrees: 1 }, 1)).not.toThrow();
  });

  test.each([
    { maxLeaves: 1 },
    { forest: true },
    { forest: true, subsample: 0.5, earlyStopping: { rounds: 1, fraction: 0.5 } },
    { forest: true, subsample: 0.5, guestOnlyTrees: 1 },
    { guestOnlyTrees: 51 },
    { goss: { top: 0.7, other: 0.3 } },
    { goss: { top: 0.2, other: 0.1 }, subsample: 0.5 },
  ])("refuses %j", (wrong) => {
    expect(() => checkParameters({ ...defaultParameters, ...wrong })).toThrow(
      expect.objectContaining({ code: "input.parameter" }),
    );
  });
});
