import { expect, test } from "vitest";
import { parseTrees, pathTo, place, stepFrom } from "./tree-shape.ts";
import { fitted, readable, revealed, zoomed } from "./tree-zoom.ts";

const rule = { kind: "numeric", feature: "age", threshold: 30, missingLeft: true };
const guest = {
  trees: [
    {
      splits: [
        { node: 1, owner: "guest", gain: 3, split: rule },
        { node: 3, owner: 0, gain: 1, feature: 4 },
      ],
      leaves: [
        { node: 2, weight: -1, rows: 10, cover: 2.5 },
        { node: 6, weight: 0.5, rows: 20, cover: 5 },
        { node: 7, weight: 1, rows: 30, cover: 7.5 },
      ],
    },
  ],
  hosts: ["telco"],
};

test("the label holder sees whole trees: own rules, others' masked, rows added up from the leaves", () => {
  const { trees, whole, classes } = parseTrees(guest)!;
  expect([whole, classes]).toEqual([true, []]);
  expect(trees[0]).toMatchObject([
    { node: 1, kind: "own", rule, gain: 3, rows: 60, cover: 15 },
    { node: 2, kind: "leaf", weight: -1 },
    { node: 3, kind: "other", party: "telco", feature: 4, rows: 50 },
    { node: 6, kind: "leaf", rows: 20 },
    { node: 7, kind: "leaf", weight: 1 },
  ]);
  const named = parseTrees({ ...guest, hostColumns: [{ 4: "calls" }] })!;
  expect(named.trees[0]!.map((node) => ("name" in node ? node.name : undefined))).toContain("calls");
  const old = structuredClone(guest) as { trees: { leaves: { rows?: number }[] }[] };
  for (const leaf of old.trees[0]!.leaves) delete leaf.rows;
  expect(parseTrees(old)!.trees[0]![0]).toMatchObject({ rows: undefined, cover: 15 });
});

test("of level shared the guest sees whose nodes are split, and leaves without weights; a host its own splits", () => {
  const splits = [{ node: 2, split: rule }];
  const shared = parseTrees({ level: "shared", host: "telco", trees: [{ splits, hostNodes: [1] }] })!;
  expect([shared.whole, shared.level]).toEqual([true, "shared"]);
  expect(shared.trees[0]!.map(({ node, kind }) => `${node} ${kind}`)).toEqual([
    ...["1 other", "2 own", "3 shared", "4 shared", "5 shared"],
  ]);
  const host = parseTrees({ level: "shared", host: null, trees: [{ splits }] })!;
  expect([host.whole, host.level]).toEqual([false, "shared"]);
  expect(host.trees[0]!.map(({ node, kind }) => `${node} ${kind}`)).toEqual([
    ...["1 other", "2 own", "3 unknown", "4 unknown", "5 unknown"],
  ]);
});

test("a host sees its own splits, that somebody splits above them, and nothing of the rest", () => {
  const { trees, whole } = parseTrees({ trees: [{ splits: [{ node: 5, split: rule }] }, { splits: [] }] })!;
  expect(whole).toBe(false);
  expect(trees[0]!.map(({ node, kind }) => `${node} ${kind}`)).toEqual([
    ...["1 other", "2 other", "3 unknown", "4 unknown", "5 own", "10 unknown", "11 unknown"],
  ]);
  expect(trees[1]).toEqual([]);
  expect([parseTrees({ trees: [] }), parseTrees(null)]).toEqual([undefined, undefined]);
});

test("leaves stand side by side, each split in the middle above, and keys walk from node to node", () => {
  const placed = place(parseTrees(guest)!.trees[0]!);
  const at = new Map(placed.map(({ of, x, y }) => [of.node, [x, y]]));
  expect([at.get(2), at.get(3), at.get(1)]).toEqual([
    [0, 1],
    [1.5, 1],
    [0.75, 0],
  ]);
  const walk = (from: number, ...keys: string[]): number =>
    keys.reduce((node, key) => stepFrom(node, key, placed) ?? node, from);
  expect(walk(1, "ArrowDown", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowRight")).toBe(7);
  expect([walk(7, "Home"), walk(1, "ArrowUp"), walk(2, "ArrowLeft"), walk(1, "x")]).toEqual([1, 1, 2, 1]);
  expect(pathTo(7)).toEqual([1, 3, 7]);
});

test("a drawing fits its window, is zoomed about a point and shifted only as far as it takes", () => {
  const window = { width: 500, height: 300 };
  expect(fitted({ width: 1000, height: 200 }, window)).toEqual({ scale: 0.5, x: 0, y: 0 });
  expect(fitted({ width: 100, height: 200 }, window)).toEqual({ scale: 1, x: 200, y: 0 });
  expect(readable({ width: 1000, height: 200 }, window, 600)).toEqual({ scale: 0.75, x: 250 - 450, y: 0 });
  const twice = zoomed({ scale: 0.5, x: 0, y: 0 }, 2, { x: 100, y: 50 });
  expect(twice).toEqual({ scale: 1, x: -100, y: -50 });
  const box = { x: 600, y: 0, width: 120, height: 44 };
  expect(revealed(twice, box, window).x).toBe(500 - 24 - 720);
  expect(revealed(twice, { ...box, x: 200, y: 100 }, window)).toEqual(twice);
});
