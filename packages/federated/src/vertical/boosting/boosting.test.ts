import type { Column } from "@tombolo/base";
import { seededSampling } from "@tombolo/base";
import { atWindows } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type GuestCheckpoint,
  type HostModel,
  leafBytes,
  leavesOfBytes,
  OBJECTIVES,
  type Objective,
  type Progress,
  predictTwin,
  trainTwin,
} from "./index.ts";
import {
  joinedTrees,
  parametersOf,
  predictWorld,
  sampleTable,
  type Table,
  type Trained,
  type TrainOptions,
  trainWorld,
  twinTrees,
} from "./testing/world.ts";

const SEED = 7;
const SMALL: TrainOptions = { trees: 2, depth: 3, bins: 8, minimumRows: 2, minChildWeight: 0.1 };

const twinOf = (table: Table, options: TrainOptions) =>
  trainTwin({
    ...weightsOf(table, options),
    columns: table.columns,
    labels: table.labels,
    parameters: parametersOf(options),
    sampling: seededSampling(SEED),
  });

const weightsOf = (table: Table, { weighted }: TrainOptions): { weights?: Float64Array } =>
  weighted ? { weights: table.labels.map((_, i) => (i % 5) / 2) } : {};

const numbers = (rows: number): fc.Arbitrary<Column> =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: -5, max: 5 }) },
        { weight: 1, arbitrary: fc.constant(Number.NaN) },
      ),
      { minLength: rows, maxLength: rows },
    )
    .map((values) => ({ kind: "number", name: "n", values: Float64Array.from(values) }));
const texts = (rows: number): fc.Arbitrary<Column> =>
  fc.array(fc.integer({ min: -1, max: 5 }), { minLength: rows, maxLength: rows }).map((codes) => ({
    kind: "text",
    name: "t",
    categories: ["a", "b", "c", "d", "e", "f"],
    codes: Int32Array.from(codes),
  }));
const party = (rows: number, least: number): fc.Arbitrary<Column[]> =>
  fc
    .array(fc.oneof(numbers(rows), texts(rows)), { minLength: least, maxLength: 3 })
    .map((columns) => columns.map((column, i) => ({ ...column, name: `${column.name}${i}` })));

const ROWS = 40;
const tables: fc.Arbitrary<Table> = fc.record({
  labels: fc
    .array(fc.integer({ min: 0, max: 1 }), { minLength: ROWS, maxLength: ROWS })
    .map((labels) => Float64Array.from(labels)),
  columns: fc
    .tuple(party(ROWS, 0), fc.array(party(ROWS, 1), { minLength: 1, maxLength: 3 }))
    .map(([guest, hosts]) => [guest, ...hosts]),
});

const options: fc.Arbitrary<TrainOptions> = fc.record({
  objective: fc.constantFrom(...OBJECTIVES),
  trees: fc.constant(2),
  depth: fc.integer({ min: 1, max: 4 }),
  bins: fc.integer({ min: 2, max: 9 }),
  minimumRows: fc.integer({ min: 1, max: 4 }),
  minChildWeight: fc.constantFrom(0, 0.5),
  lambda: fc.constantFrom(0, 1),
  alpha: fc.constantFrom(0, 0.1),
  maxDeltaStep: fc.constantFrom(null, 0.4),
  weighted: fc.boolean(),
  maxLeaves: fc.constantFrom(null, 3),
  forest: fc.constantFrom(false, false, true),
  guestOnlyTrees: fc.constantFrom(0, 0, 1),
  subsample: fc.constantFrom(1, 0.7),
  colsample: fc.constantFrom(1, 0.5),
  textEncoding: fc.constantFrom("one-hot", "category"),
});

const number = (label: number, i: number): number => 370 * label - 1.3 * i;
const amount = (label: number, i: number): number => 3 * label + (i % 4) / 2;
const LABELS: Readonly<Record<Objective, (label: number, i: number) => number>> = {
  ...{ binary: (label) => label, "multi-class": (label, i) => label + (i % 2) },
  ...{ regression: number, absolute: number, huber: number, poisson: amount, tweedie: amount },
};

describe("federated training", () => {
  test("gives the trees and scores of the plaintext twin, whatever the data, parameters and number of hosts", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(tables, options, async (drawn, chosen) => {
        const several = chosen.objective === "multi-class";
        const forest = chosen.forest! && chosen.subsample! * chosen.colsample! < 1;
        const alone = forest || drawn.columns[0]!.length === 0 ? 0 : chosen.guestOnlyTrees!;
        const options = { ...chosen, forest, guestOnlyTrees: alone, ...(several ? { classes: 3 } : {}) };
        const table = { ...drawn, labels: drawn.labels.map(LABELS[chosen.objective!]) };
        const twin = await twinOf(table, options);
        const trained = await trainWorld(table, options, {}, { guest: weightsOf(table, options) });
        expect(trained.guest.model.trees).toHaveLength(several ? 6 : 2);
        expect(joinedTrees(trained)).toEqual(twinTrees(twin));
        expect(trained.guest.evaluations).toEqual(twin.evaluations);
        const scores = (await predictWorld(table, trained)).result("bank");
        expect(scores).toEqual(predictTwin(twin, table.columns, ROWS, chosen.objective!));
      }),
      { numRuns: 10 },
    );
  });

  test("works at window 1, and with additive encryption", async () => {
    const table = sampleTable(48, 3);
    const twin = twinTrees(await twinOf(table, SMALL));
    await atWindows([1], async (window) => {
      const trained = await trainWorld(table, SMALL, { window });
      expect(joinedTrees(trained)).toEqual(twin);
      expect((await predictWorld(table, trained, { window })).result("bank")).toHaveLength(48);
      const additive = await trainWorld(table, { ...SMALL, scheme: "okamoto-uchiyama" }, { window });
      expect(joinedTrees(additive)).toEqual(twin);
    });
    const paillier = await trainWorld(
      sampleTable(24, 2),
      { ...SMALL, trees: 1, depth: 2, scheme: "paillier" },
      { deadlineMs: 60_000 },
    );
    expect(joinedTrees(paillier)).toEqual(
      twinTrees(await twinOf(sampleTable(24, 2), { ...SMALL, trees: 1, depth: 2 })),
    );
  });

  test("with no host trains on the guest's columns alone", async () => {
    const table = sampleTable(48, 1);
    const trained = await trainWorld(table, SMALL);
    expect(joinedTrees(trained)).toEqual(twinTrees(await twinOf(table, SMALL)));
    expect(trained.world.cost.bytes).toBe(0);
  });

  test("stops early at the best tree of the validation rows", async () => {
    const table = sampleTable(60, 2);
    const chosen = { ...SMALL, trees: 12, learningRate: 1.5, earlyStopping: { rounds: 2, fraction: 0.3 } };
    const { guest, hosts } = await trainWorld(table, chosen);
    const losses = guest.evaluations.map(({ validation }) => validation!.loss);
    const best = losses.indexOf(Math.min(...losses));
    expect(guest.model.trees).toHaveLength(best + 1);
    expect(hosts[0]!.trees).toHaveLength(best + 1);
    expect(losses).toHaveLength(Math.min(12, best + 3));
    expect(losses.length).toBeLessThan(12);
  });

  test("reports progress and stops when told to", async () => {
    const seen: Progress[] = [];
    const stop = new AbortController();
    const onProgress = (progress: Progress): void => {
      seen.push(progress);
      if (progress.tree === 1) stop.abort(new Error("enough"));
    };
    await expect(
      trainWorld(sampleTable(48, 2), SMALL, {}, { guest: { onProgress, signal: stop.signal } }),
    ).rejects.toThrow("enough");
    expect(seen.map(({ stage, tree }) => `${stage} ${tree}`)).toEqual(
      expect.arrayContaining(["prepare 0", "encrypt 0", "grow 0", "encrypt 1"]),
    );
    expect(seen.some(({ stage }) => stage === "finish")).toBe(false);
  });
});

describe("cost", () => {
  const FULL = { ...SMALL, trees: 2, depth: 2, lambda: 0, minimumRows: 1, minChildWeight: 0 };

  test("rounds and bytes are those of the README, by lattices", async () => {
    for (const parties of [2, 3]) {
      const table = sampleTable(96, parties);
      const { world, guest } = await trainWorld(table, FULL);
      const { rounds, byDirection } = world.cost;
      expect(rounds).toBeLessThanOrEqual(7 + FULL.trees * 4 * FULL.depth);
      if (!guest.model.trees.every((tree) => tree.splits.length === 3)) continue;
      expect(rounds).toBeGreaterThanOrEqual(7 + FULL.trees * (4 * FULL.depth - 1));
      const { sumsVectors } = byDirection["bank->host-1"]!;
      // A block of rows and one for masks; g and h of the root and of one of its children.
      expect(sumsVectors!.bytes).toBe(FULL.trees * 2 * 2 * 2 * 51_200);
      const { sumsHint, sumsAnswers, items } = byDirection["host-1->bank"]!;
      // 8 bins and the missing one, and 3 categories; three nodes. Answers fit one polynomial a level.
      expect(sumsHint!.bytes).toBe((9 + 3) * 25_600);
      expect(sumsAnswers!.bytes).toBe(FULL.trees * FULL.depth * 25_600);
      expect(items!.bytes).toBe(FULL.trees * 3 * (9 + 3));
    }
  });

  test("rounds and bytes are those of the README, by additive encryption", async () => {
    for (const parties of [2, 3]) {
      const table = sampleTable(96, parties);
      const { world, guest } = await trainWorld(table, { ...FULL, scheme: "okamoto-uchiyama" });
      const { rounds, byDirection } = world.cost;
      const perTree = parties === 2 ? 2 * FULL.depth + 2 : 4 * FULL.depth;
      expect(rounds).toBeLessThanOrEqual(3 + FULL.trees * perTree);
      if (guest.model.trees.every((tree) => tree.splits.length === 3))
        expect(rounds).toBeGreaterThanOrEqual(3 + FULL.trees * (perTree - 1));
      expect(byDirection["bank->host-1"]!.gradients!.bytes).toBe(FULL.trees * 96 * 256);
      // 8 bins and a missing one in two directions, 4 categories; 13 cells of 45 bits a ciphertext; nodes 1 + 2.
      const cells = 2 * 8 + 4;
      const sums = byDirection["host-1->bank"]!.sums!.bytes;
      expect(sums).toBeLessThanOrEqual(FULL.trees * (Math.ceil(cells / 13) + Math.ceil((2 * cells) / 13)) * 256);
      expect(sums % 256).toBe(0);
    }
  });

  test("scoring takes two rounds and a bit a split and row", async () => {
    const table = sampleTable(96, 2);
    const trained = await trainWorld(table, FULL);
    const { cost } = await predictWorld(table, trained);
    const splits = trained.hosts[0]!.trees.reduce((sum, tree) => sum + tree.splits.length, 0);
    expect(cost.rounds).toBe(2);
    expect(cost.byDirection["host-1->bank"]!.bits!.bytes).toBe(splits * 12);
  });
});

describe("two runs with one seed", () => {
  test.each<TrainOptions>([
    { ...SMALL, subsample: 0.8, colsample: 0.6 },
    { ...SMALL, maxLeaves: 3, textEncoding: "category", earlyStopping: { rounds: 1, fraction: 0.3 } },
    { ...SMALL, scheme: "okamoto-uchiyama", trees: 1 },
  ])("leave parts that are equal to the byte, whatever is drawn in secret: %o", async (options) => {
    const table = sampleTable(60, 3);
    const [first, second] = [
      await trainWorld(table, options),
      await trainWorld(table, options, { seed: 8, samplingSeed: SEED }),
    ];
    const bytesOf = ({ guest, hosts }: Trained): string => JSON.stringify([guest.model, hosts]);
    expect(first.hosts.some(({ trees }) => trees.some(({ splits }) => splits.length > 0))).toBe(true);
    expect(bytesOf(second)).toBe(bytesOf(first));
    const other = await trainWorld(table, options, { seed: 8, samplingSeed: SEED + 1 });
    expect(other.guest.model.modelId).not.toBe(first.guest.model.modelId);
  });

  test("number a host's columns as the guest comes to see them, and leave 0 to those it does not", async () => {
    const { labels, columns } = sampleTable(48, 2);
    const table = { labels, columns: [[], columns[1]!] };
    const { guest, hosts } = await trainWorld(table, { ...SMALL, trees: 1, depth: 1 });
    const seen = guest.model.trees[0]!.splits[0]!;
    expect(seen).toMatchObject({ owner: 0, feature: 1 });
    expect(Object.values(hosts[0]!.featureNumbers).sort()).toEqual([0, 1]);
    const used = hosts[0]!.trees[0]!.splits[0]!.split.feature;
    expect(hosts[0]!.featureNumbers[used]).toBe(1);
  });
});

describe("resuming", () => {
  test("from what both sides have gives the uninterrupted model", async () => {
    const table = sampleTable(48, 2);
    const chosen = { ...SMALL, trees: 3, subsample: 0.8 };
    const whole = await trainWorld(table, chosen);
    let guestPart: GuestCheckpoint | undefined;
    let hostPart: HostModel | undefined;
    const guest = {
      onTree: async (part: GuestCheckpoint): Promise<void> => {
        guestPart = part;
      },
    };
    const host = {
      onTree: async (part: HostModel): Promise<void> => {
        // The host's later saves are lost: it is behind.
        if (part.trees.length === 1) hostPart = part;
      },
    };
    await trainWorld(table, { ...chosen }, {}, { guest, host });
    const trees = guestPart!.model.trees.slice(0, 2);
    const kept = {
      model: { ...guestPart!.model, trees },
      leaves: trees.map((tree, t) => leavesOfBytes(tree, table.labels.length, leafBytes(guestPart!.leaves[t]!))),
    };
    const resumed = await trainWorld(
      table,
      chosen,
      { seed: 8, samplingSeed: SEED },
      { guest: { resumeFrom: kept }, host: { resumeFrom: hostPart! } },
    );
    expect(joinedTrees(resumed)).toEqual(joinedTrees(whole));
    expect(resumed.guest.evaluations).toEqual(whole.guest.evaluations);
    expect(resumed.hosts[0]!.modelId).toBe(kept.model.modelId);
  });

  test("starts afresh where the parts are of different models, and refuses damaged checkpoints", async () => {
    const table = sampleTable(48, 2);
    const [first, second] = [
      await trainWorld(table, SMALL),
      await trainWorld(table, SMALL, { seed: 9, samplingSeed: SEED }),
    ];
    const leaves = first.guest.model.trees.map((tree) => new Uint8Array(48).fill(tree.leaves[0]!.node));
    const resumed = await trainWorld(
      table,
      SMALL,
      {},
      { guest: { resumeFrom: { model: first.guest.model, leaves } }, host: { resumeFrom: second.hosts[0]! } },
    );
    expect(joinedTrees(resumed)).toEqual(joinedTrees(first));
    const tree = first.guest.model.trees[0]!;
    const bytes = leafBytes(leaves[0]!);
    expect(leavesOfBytes(tree, 48, bytes)).toEqual(leaves[0]);
    for (const damaged of [bytes.subarray(1), new Uint8Array(48).fill(255)])
      expect(() => leavesOfBytes(tree, 48, damaged)).toThrow("damaged");
  });
});
