import { type Me, runWorld, tamperEvery, type World, type WorldOptions } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { predictionsOf } from "./classes.ts";
import { flatGuest } from "./compiled.ts";
import {
  checkGuestModel,
  type GuestModel,
  type HostModel,
  leavesGuest,
  predictGuest,
  predictHost,
  predictSumGuest,
  predictSumHost,
  rowsOf,
  scoringMessages,
} from "./index.ts";
import type { RowLeaves } from "./model.ts";
import { partiesOf, sampleTable, type Table, type Trained, type TrainOptions, trainWorld } from "./testing/world.ts";
import { roundedWeights, TOTAL_BITS } from "./totals.ts";

const SMALL: TrainOptions = { trees: 3, depth: 4, bins: 8, minimumRows: 2, minChildWeight: 0.1 };

const outputsOf = (model: GuestModel): number => model.classes ?? 1;

interface Sums {
  readonly model: GuestModel;
  readonly part: HostModel;
  readonly first?: number;
}

/** The guest's scores; nothing of the host. */
const sumParty =
  (table: Table, { model, part, first = 0 }: Sums) =>
  async (me: Me): Promise<Float64Array> => {
    const { secrets } = me;
    const rows = rowsOf(table.columns[me.id === "bank" ? 0 : 1]!, table.labels.length);
    const scores: number[] = [];
    if (me.id === "bank") {
      const peer = await me.peer(scoringMessages, "guest", "host-1", "host");
      const take = async (next: Float64Array): Promise<void> => void scores.push(...next);
      await predictSumGuest({ rows, model, secrets, first, take }, [peer]);
    } else {
      const peer = await me.peer(scoringMessages, "host", "bank", "guest");
      await predictSumHost({ rows, model: part, outputs: outputsOf(model), secrets }, peer);
    }
    return Float64Array.from(scores);
  };

const partsOf = ({ guest, hosts }: Trained): Sums => ({ model: guest.model, part: hosts[0]! });

const sumWorld = (table: Table, sums: Sums, world: WorldOptions = {}): Promise<World<Float64Array>> =>
  runWorld(partiesOf(table), { seed: 7, ...world }, sumParty(table, sums));

/** Scores and leaves as branches tell them. */
async function byBranches(table: Table, { guest: { model }, hosts }: Trained) {
  const leaves: RowLeaves[] = [];
  const world = await runWorld(partiesOf(table), { seed: 7 }, async (me) => {
    const rows = rowsOf(table.columns[me.id === "bank" ? 0 : 1]!, table.labels.length);
    if (me.id !== "bank") {
      const peer = await me.peer(scoringMessages, "host", "bank", "guest");
      await predictHost({ rows, model: hosts[0]! }, peer);
      await predictHost({ rows, model: hosts[0]! }, peer);
      return [];
    }
    const peer = await me.peer(scoringMessages, "guest", "host-1", "host");
    const scores: number[] = [];
    await predictGuest({ rows, model, take: async (next) => void scores.push(...next) }, [peer]);
    leaves.push(...(await leavesGuest({ rows, model }, [peer])));
    return scores;
  });
  return { scores: world.result("bank"), leaves };
}

/** In the clear: weights rounded to the unit, added as they come. */
function roundedTotals(model: GuestModel, leaves: readonly RowLeaves[], rows: number): Float64Array {
  const { unit } = roundedWeights(flatGuest(model));
  const outputs = outputsOf(model);
  const totals = Array.from({ length: outputs }, () => new Float64Array(rows));
  model.trees.forEach((tree, t) => {
    const weights = new Map(tree.leaves.map(({ node, weight }) => [node, Math.round(weight / unit)]));
    for (let row = 0; row < rows; row++) totals[t % outputs]![row]! += weights.get(leaves[t]![row]!)!;
  });
  return predictionsOf(
    model,
    totals.map((own) => own.map((total) => model.baseMargin + total * unit)),
  );
}

describe("prediction that tells totals only", () => {
  test("gives the totals of rounded weights, to the bit, whatever the model", { timeout: 120_000 }, async () => {
    const options: fc.Arbitrary<TrainOptions> = fc.record({
      objective: fc.constantFrom("binary", "regression", "poisson", "multi-class"),
      trees: fc.integer({ min: 1, max: 4 }),
      depth: fc.integer({ min: 1, max: 5 }),
      textEncoding: fc.constantFrom("one-hot", "category"),
      guestOnlyTrees: fc.constantFrom(0, 0, 1),
      minChildWeight: fc.constant(0.1),
      minimumRows: fc.constant(2),
    });
    await fc.assert(
      fc.asyncProperty(options, fc.integer({ min: 30, max: 70 }), async (chosen, rows) => {
        const made = sampleTable(rows, 2);
        const several = chosen.objective === "multi-class";
        const labels = several ? made.labels.map((label, i) => label + (i % 2)) : made.labels;
        const table = { ...made, labels };
        const trained = await trainWorld(table, { ...SMALL, ...chosen, ...(several ? { classes: 3 } : {}) });
        const { scores, leaves } = await byBranches(table, trained);
        const told = (await sumWorld(table, partsOf(trained))).result("bank")!;
        expect(told).toEqual(roundedTotals(trained.guest.model, leaves, rows));
        const { unit } = roundedWeights(flatGuest(trained.guest.model));
        const off = Math.max(...told.map((score, i) => Math.abs(score - scores![i]!)));
        const most = (trained.guest.model.trees.length / 2) * unit * (chosen.objective === "poisson" ? 10 : 1);
        expect(off).toBeLessThanOrEqual(most + 1e-12);
      }),
      { numRuns: 12 },
    );
  });

  test("tells of a row no more bits than said, and takes the rounds and bytes said", async () => {
    const table = sampleTable(100, 2);
    const trained = await trainWorld(table, SMALL);
    const flat = flatGuest(trained.guest.model);
    const { weights } = roundedWeights(flat);
    const most = flat.roots.reduce(
      (sum, root, t) => sum + Math.max(...weights.subarray(root, flat.roots[t + 1] ?? weights.length).map(Math.abs)),
      0,
    );
    expect(most).toBeLessThanOrEqual(2 ** TOTAL_BITS + flat.roots.length / 2);
    const { cost } = await sumWorld(table, partsOf(trained));
    const splits = flat.hostSplits[0]!;
    expect(splits).toBeGreaterThan(2);
    const transfers = splits * 104; // whole bytes of rows a split
    const [toHost, toGuest] = [cost.byDirection["bank->host-1"]!, cost.byDirection["host-1->bank"]!];
    expect(toHost.sumCorrections!.bytes).toBe(4 * transfers);
    expect(toGuest.sumChoices!.bytes).toBe(transfers / 8);
    expect(toGuest.sumMasked!.bytes).toBe(4 * 100);
    expect(toGuest.bits).toBeUndefined();
    expect(cost.rounds).toBeLessThanOrEqual(6 + 2);
  });

  test("works at window 1, goes on behind rows that have theirs, and with hosts of no split", async () => {
    const table = sampleTable(90, 2);
    const trained = await trainWorld(table, SMALL);
    const whole = (await sumWorld(table, partsOf(trained))).result("bank")!;
    expect((await sumWorld(table, partsOf(trained), { window: 1 })).result("bank")).toEqual(whole);
    expect((await sumWorld(table, { ...partsOf(trained), first: 37 })).result("bank")).toEqual(whole.slice(37));
    expect((await sumWorld(table, { ...partsOf(trained), first: 90 })).result("bank")).toHaveLength(0);
    const alone = await trainWorld(table, { ...SMALL, guestOnlyTrees: 3 });
    const { cost, ...world } = await sumWorld(table, partsOf(alone));
    expect(world.outcomes.bank).toMatchObject({ ok: true });
    expect(Object.keys(cost.byDirection["host-1->bank"] ?? {})).toEqual([]);
  });

  test("refuses several hosts, other models, and other numbers of totals", async () => {
    const table = sampleTable(40, 2);
    const trained = await trainWorld(table, SMALL);
    const two: GuestModel = checkGuestModel({ ...trained.guest.model, hosts: ["host-1", "host-2"] });
    const world = await sumWorld(table, { ...partsOf(trained), model: two });
    expect(world.error("bank")).toMatchObject({ code: "input.model", message: expect.stringContaining("one host") });
    const other = await sumWorld(table, {
      ...partsOf(trained),
      part: { ...trained.hosts[0]!, modelId: "0".repeat(32) },
    });
    expect(other.error("host-1").code).toBe("protocol.agreement");
  });

  test("every message that is changed on the way is noticed, but for masked numbers", {
    timeout: 120_000,
  }, async () => {
    const table = sampleTable(40, 2);
    const sums = partsOf(await trainWorld(table, { ...SMALL, trees: 1, depth: 2 }));
    await tamperEvery({
      parties: partiesOf(table),
      table: scoringMessages,
      names: ["sumRequest", "otTrees", "otCorrections", "sumChoices", "sumCorrections", "sumMasked"],
      seed: 7,
      run: sumParty(table, sums),
      tolerated: {
        otTrees: "semi-honest transfers: another seed is another mask, and totals are wrong",
        otCorrections: "semi-honest transfers: another choice is another total",
        sumChoices: "a host may say of its rows what it likes",
        sumCorrections: "a guest may ask for what it likes",
        sumMasked: "a host may say of its rows what it likes",
      },
      check: (world, name, action) => {
        for (const outcome of Object.values(world.outcomes))
          if (!outcome.ok)
            expect(outcome.error.code, `${action} of ${name}`).toMatch(/^(protocol|transport|aborted)\./);
      },
    });
  });
});
