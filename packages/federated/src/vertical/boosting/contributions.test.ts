import { runWorld } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Contributions,
  checkGuestModel,
  flatGuest,
  type GuestModel,
  LEAF,
  OWN,
  predictGuest,
  predictHost,
  predictionMessages,
  rowsOf,
} from "./index.ts";
import { partiesOf, sampleTable, trainWorld } from "./testing/world.ts";

const ID = "0123456789abcdef0123456789abcdef";

/** A tree of made-up splits; which player each is of is drawn. */
interface Drawn {
  readonly owner: number;
  readonly goesLeft: boolean;
  readonly left: Drawn | Ends;
  readonly right: Drawn | Ends;
}
interface Ends {
  readonly weight: number;
  readonly rows: number;
}

/** 0 and 1 are columns of the guest, 2 and 3 hosts. */
const PLAYERS = 4;
const { tree } = fc.letrec<{ tree: Drawn | Ends }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: "max" },
    fc.record({ weight: fc.integer({ min: -8, max: 8 }), rows: fc.integer({ min: 1, max: 9 }) }),
    fc.record({
      owner: fc.integer({ min: 0, max: PLAYERS - 1 }),
      goesLeft: fc.boolean(),
      left: tie("tree") as fc.Arbitrary<Drawn | Ends>,
      right: tie("tree") as fc.Arbitrary<Drawn | Ends>,
    }),
  ),
}));

function modelOf(trees: readonly (Drawn | Ends)[]): { model: GuestModel; ways: Map<string, boolean> } {
  const ways = new Map<string, boolean>();
  const parts = trees.map((root, t) => {
    const splits: GuestModel["trees"][number]["splits"][number][] = [];
    const leaves: GuestModel["trees"][number]["leaves"][number][] = [];
    const visit = (drawn: Drawn | Ends, node: number): void => {
      if ("weight" in drawn) {
        leaves.push({ node, ...drawn, cover: 0 });
        return;
      }
      ways.set(`${t} ${node}`, drawn.goesLeft);
      const feature = ["age", "income"][drawn.owner];
      if (feature === undefined) splits.push({ node, owner: drawn.owner - 2, gain: 1, feature: 1 });
      else {
        const split = { kind: "numeric", feature, threshold: node, missingLeft: false } as const;
        splits.push({ node, owner: "guest", gain: 1, split });
      }
      visit(drawn.left, 2 * node);
      visit(drawn.right, 2 * node + 1);
    };
    visit(root, 1);
    return { splits, leaves };
  });
  const hosts = ["telco", "insurer"];
  const head = { kind: "boosting/guest", version: 1, modelId: ID, objective: "regression", baseMargin: 0.5 } as const;
  return { model: checkGuestModel({ ...head, features: ["age", "income"], hosts, trees: parts }), ways };
}

const rowsBelow = (drawn: Drawn | Ends): number =>
  "weight" in drawn ? drawn.rows : rowsBelow(drawn.left) + rowsBelow(drawn.right);

/** What a set of players is worth on one tree, straight from the definition. */
function worth(drawn: Drawn | Ends, inSet: (player: number) => boolean): number {
  if ("weight" in drawn) return drawn.weight;
  const [left, right] = [worth(drawn.left, inSet), worth(drawn.right, inSet)];
  if (inSet(drawn.owner)) return drawn.goesLeft ? left : right;
  const [l, r] = [rowsBelow(drawn.left), rowsBelow(drawn.right)];
  return (l * left + r * right) / (l + r);
}

/** Shapley's formula over all sets. */
function bruteForce(trees: readonly (Drawn | Ends)[]): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const value = (set: number): number =>
    trees.reduce((sum, drawn) => sum + worth(drawn, (player) => ((set >> player) & 1) === 1), 0);
  return Array.from({ length: PLAYERS }, (_, player) => {
    let sum = 0;
    for (let set = 0; set < 1 << PLAYERS; set++) {
      if (((set >> player) & 1) === 1) continue;
      const size = [...set.toString(2)].filter((bit) => bit === "1").length;
      const share = (factorial(size) * factorial(PLAYERS - size - 1)) / factorial(PLAYERS);
      sum += share * (value(set | (1 << player)) - value(set));
    }
    return sum;
  });
}

describe("contributions", () => {
  test("are the Shapley values by the definition, of whatever trees", () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 3 }), (trees) => {
        const { model, ways } = modelOf(trees);
        const flat = flatGuest(model);
        const contributions = new Contributions(flat, model.hosts);
        const moved = new Float64Array(contributions.players.length);
        trees.forEach((_, t) => {
          contributions.add(t, (node) => ways.get(`${t} ${flat.id[node]}`)!, moved, 0);
        });
        const names = ["age", "income", "telco", "insurer"];
        const expected = bruteForce(trees);
        names.forEach((name, player) => {
          const at = contributions.players.findIndex((each) => each.name === name);
          // A column that no tree uses is no player, and moves nothing.
          expect(at < 0 ? 0 : moved[at]).toBeCloseTo(expected[player]!, 9);
        });
        const mean = 0.5 + trees.reduce((sum, drawn) => sum + worth(drawn, () => false), 0);
        expect(contributions.means[0]).toBeCloseTo(mean, 9);
      }),
      { numRuns: 300 },
    );
  });

  test("a leaf on a long way is worked out as one on a short way", () => {
    // Nine columns on one way: beyond what is kept.
    const features = Array.from({ length: 9 }, (_, i) => `c${i}`);
    const splits = features.map((feature, i) => ({
      ...{ node: 2 ** i, owner: "guest" as const, gain: 1 },
      split: { kind: "numeric" as const, feature, threshold: 0, missingLeft: false },
    }));
    const leaves = [
      ...features.map((_, i) => ({ node: 2 ** (i + 1) + 1, weight: i, rows: 1 })),
      { node: 512, weight: 9, rows: 1 },
    ];
    const head = { kind: "boosting/guest", version: 1, modelId: ID, objective: "regression", baseMargin: 0 } as const;
    const flat = flatGuest(checkGuestModel({ ...head, features, hosts: [], trees: [{ splits, leaves }] }));
    const contributions = new Contributions(flat, []);
    const moved = new Float64Array(9);
    contributions.add(0, () => true, moved, 0);
    expect(contributions.means[0]).toBeCloseTo(4.5, 12);
    expect(moved.reduce((sum, each) => sum + each, 0)).toBeCloseTo(9 - 4.5, 9);
    expect([...moved].every((each) => each > 0)).toBe(true);
  });

  test("of scored rows add up to the margin, with hosts that blank branches, and cost nothing more", async () => {
    const table = sampleTable(60, 3);
    const trained = await trainWorld(table, { objective: "regression", trees: 3, depth: 4, bins: 8, minimumRows: 2 });
    const { model } = trained.guest;
    const flat = flatGuest(model);
    expect(flat.owner.filter((owner) => owner !== LEAF && owner !== OWN).length).toBeGreaterThan(3);
    const contributions = new Contributions(flat, model.hosts);
    const scores: number[] = [];
    const sums: number[] = [];
    const { cost } = await runWorld(partiesOf(table), { seed: 7 }, async (me) => {
      const at = me.parties.indexOf(me.id);
      const rows = rowsOf(table.columns[at]!, table.labels.length);
      if (at > 0) {
        const peer = await me.peer(predictionMessages, "host", me.parties[0]!, "guest");
        return predictHost({ rows, model: trained.hosts[at - 1]! }, peer);
      }
      const peers = await Promise.all(
        me.parties.slice(1).map((host) => me.peer(predictionMessages, "guest", host, "host")),
      );
      const players = contributions.players.length;
      const take = async (next: Float64Array, moved: Float64Array): Promise<void> => {
        scores.push(...next);
        for (let row = 0; row < next.length; row++)
          sums.push(
            moved.subarray(row * players, (row + 1) * players).reduce((a, b) => a + b, contributions.means[0]!),
          );
      };
      return predictGuest({ rows, model, contributions, take }, peers);
    });
    expect(cost.rounds).toBe(2);
    expect(sums).toHaveLength(60);
    for (const [row, sum] of sums.entries()) expect(sum).toBeCloseTo(scores[row]!, 9);
  });

  test("of a model that does not count rows are refused", () => {
    const { model } = modelOf([{ weight: 1, rows: 1 }]);
    const old = checkGuestModel({ ...model, trees: [{ splits: [], leaves: [{ node: 1, weight: 1 }] }] });
    expect(() => new Contributions(flatGuest(old), [])).toThrow(expect.objectContaining({ code: "input.model" }));
  });
});
