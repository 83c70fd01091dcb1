/** Partitions of categories are found in order of gradients; no other party may learn that order, nor its direction. */
import { seededSecrets } from "@tombolo/test-kit";
import { describe, expect, test } from "vitest";
import { choose } from "./choose.ts";
import { Partition } from "./partition.ts";
import { hideSides } from "./remote-site.ts";
import { localBranch } from "./site.ts";
import { sampleTable, type TrainOptions, trainWorld } from "./testing/world.ts";

const SCORING = {
  lambda: 1,
  alpha: 0,
  gamma: 0,
  minChildWeight: 0,
  learningRate: 1,
  maxDeltaStep: 0,
  gScale: 1,
  hScale: 1,
};
/** Ascending gradients are members 3, 1, 0, 2. */
const OFFER = {
  singles: { g: new Float64Array(0), h: new Float64Array(0) },
  groups: [{ g: Float64Array.of(2, -3, 9, -8), h: Float64Array.of(2, 2, 2, 2) }],
};

describe("a partition of categories", () => {
  test("names members in the order they were offered, not in that of their gradients", () => {
    expect(choose({ g: 0, h: 8 }, [OFFER], SCORING)!.groups).toEqual([{ group: 0, left: [1, 3] }]);
  });

  test("reaches its owner as either side, by a coin of the guest", () => {
    const choice = choose({ g: 0, h: 8 }, [OFFER], SCORING)!;
    const secrets = seededSecrets(1, "sides");
    const sent = Array.from({ length: 200 }, () => hideSides(choice, OFFER, secrets).groups[0]!.left.join());
    expect(new Set(sent)).toEqual(new Set(["1,3", "0,2"]));
    const first = sent.filter((side) => side === "1,3").length;
    expect(first).toBeGreaterThan(60);
    expect(first).toBeLessThan(140);
  });

  test("says as much of one side's weight as of the other's", () => {
    const heavy = { ...OFFER, groups: [{ g: Float64Array.of(9, -9), h: Float64Array.of(1, 7) }] };
    expect(choose({ g: 0, h: 8 }, [heavy], { ...SCORING, minChildWeight: 1 })).toMatchObject({
      leftOpen: true,
      rightOpen: true,
    });
  });
});

test("a partition is the same split whichever side is named, also beside rows of categories it does not hold", () => {
  const codes = Uint8Array.of(0, 1, 1, 2, 2, 2, 2);
  const feature = {
    kind: "category" as const,
    name: "t",
    codes,
    members: [["a"], ["b"], ["c"]],
    pool: -1,
    binCount: 4,
  };
  const plan = { singles: [], groups: [{ feature: 0, members: [[0], [1]] }] };
  const partition = new Partition(Uint8Array.of(1, 1, 1, 0, 0, 0, 0));
  const named = (left: number[]) =>
    localBranch([feature], plan, { singles: [], groups: [{ group: 0, left }] }, 1, partition, 1);
  expect(named([1])).toEqual(named([0]));
  expect(named([0]).split).toMatchObject({ left: ["a"] });
});

test("a host's part is the same for the labels and for their opposites", { timeout: 60_000 }, async () => {
  const options: TrainOptions = { trees: 1, depth: 3, minimumRows: 2, minChildWeight: 0.1, textEncoding: "category" };
  const table = sampleTable(60, 2);
  const opposite = { ...table, labels: table.labels.map((label) => 1 - label) };
  const splitsOf = async (given: typeof table) => (await trainWorld(given, options)).hosts[0]!.trees;
  const splits = await splitsOf(table);
  expect(splits[0]!.splits.some(({ split }) => split.kind === "text")).toBe(true);
  expect(await splitsOf(opposite)).toEqual(splits);
});
