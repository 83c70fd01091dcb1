import { describe, expect, test } from "vitest";
import {
  checkGuestModel,
  checkHostModel,
  describeTrees,
  featureImportance,
  type GuestModel,
  type HostModel,
  hostFeatureUse,
} from "./index.ts";
import { sampleTable, trainWorld } from "./testing/world.ts";

const ID = "0123456789abcdef0123456789abcdef";
const guest: GuestModel = {
  kind: "boosting/guest",
  version: 1,
  modelId: ID,
  objective: "binary",
  baseMargin: 0.5,
  features: ["age"],
  hosts: ["telco"],
  trees: [
    {
      splits: [
        {
          node: 1,
          owner: "guest",
          gain: 2,
          split: { kind: "numeric", feature: "age", threshold: 30, missingLeft: true },
        },
        { node: 2, owner: 0, gain: 5, feature: 3 },
      ],
      leaves: [
        { node: 3, weight: 1, rows: 4, cover: 0.5 },
        { node: 4, weight: -1, rows: 2, cover: 0.25 },
        { node: 5, weight: 0, rows: 1, cover: 0.125 },
      ],
    },
  ],
};
const host: HostModel = {
  kind: "boosting/host",
  version: 1,
  modelId: ID,
  featureNumbers: { plan: 3, use: 1 },
  trees: [
    {
      splits: [
        {
          node: 2,
          split: { kind: "text", feature: "plan", left: ["x", "y"], right: [], missingLeft: false, otherLeft: false },
        },
      ],
    },
  ],
};

describe("model parts", () => {
  test("survive JSON and are checked when they come back", () => {
    expect(checkGuestModel(JSON.parse(JSON.stringify(guest)))).toEqual(guest);
    expect(checkHostModel(JSON.parse(JSON.stringify(host)))).toEqual(host);
    const [tree] = guest.trees;
    const broken: unknown[] = [
      { ...guest, version: 2 },
      { ...guest, hosts: [] },
      { ...guest, surprise: 1 },
      { ...guest, trees: [{ ...tree, leaves: tree!.leaves.slice(1) }] },
      { ...guest, trees: [{ ...tree, leaves: [...tree!.leaves, { node: 3, weight: 1 }] }] },
      { ...guest, baseMargin: "0" },
      { ...guest, hostColumns: [] },
      null,
    ];
    for (const value of broken)
      expect(() => checkGuestModel(value)).toThrow(expect.objectContaining({ code: "input.model" }));
    const twice = { ...host, trees: [{ splits: [host.trees[0]!.splits[0], host.trees[0]!.splits[0]] }] };
    expect(() => checkHostModel(twice)).toThrow(expect.objectContaining({ code: "input.model" }));
  });

  test("show each party its own splits and a number for the others'", () => {
    expect(featureImportance(guest)).toEqual([
      { feature: "telco: feature 3", host: "telco", number: 3, gain: 5, cover: 0.375, count: 1 },
      { feature: "age", gain: 2, cover: 0.875, count: 1 },
    ]);
    const uncounted = guest.trees.map(({ splits, leaves }) => ({
      splits,
      leaves: leaves.map(({ node, weight }) => ({ node, weight })),
    }));
    expect(featureImportance({ ...guest, trees: uncounted }).map(({ cover }) => cover)).toEqual([null, null]);
    expect(hostFeatureUse(host)[0]).toEqual({ feature: "plan", number: 3, count: 1 });
    expect(describeTrees(guest)[0]!.slice(0, 3)).toEqual([
      { node: 1, kind: "own", gain: 2, rows: 7, cover: 0.875, feature: "age", condition: "< 30", missingLeft: true },
      { node: 2, kind: "masked", feature: "telco: feature 3", gain: 5, rows: 3, cover: 0.375 },
      { node: 3, kind: "leaf", weight: 1, rows: 4, cover: 0.5 },
    ]);
    expect(describeTrees(host)).toEqual([
      [{ node: 2, kind: "own", feature: "plan", condition: "in {x, y}", missingLeft: false }],
    ]);
    expect(JSON.stringify(guest)).not.toContain("plan");
  });

  test("name the hosts' columns where those agreed, those of the trees kept alone", async () => {
    const table = sampleTable(96, 3);
    const options = { trees: 3, depth: 3, bins: 6, minimumRows: 2, minChildWeight: 0.1 };
    const masked = await trainWorld(table, options);
    expect(masked.guest.model).not.toHaveProperty("hostColumns");
    const { guest: trained, hosts } = await trainWorld(table, { ...options, hostColumns: "named" });
    const { hostColumns, ...rest } = checkGuestModel(JSON.parse(JSON.stringify(trained.model)));
    hosts.forEach(({ trees, featureNumbers }, i) => {
      const used = new Set(trees.flatMap(({ splits }) => splits.map(({ split }) => split.feature)));
      expect(used.size).toBeGreaterThan(0);
      expect(hostColumns![i]).toEqual(Object.fromEntries([...used].map((name) => [featureNumbers[name], name])));
    });
    const told = featureImportance(trained.model).filter(({ host }) => host !== undefined);
    expect(told.some(({ feature }) => feature.includes(": feature"))).toBe(false);
    expect({ ...rest, modelId: "" }).toEqual({ ...masked.guest.model, modelId: "" });
  });
});
