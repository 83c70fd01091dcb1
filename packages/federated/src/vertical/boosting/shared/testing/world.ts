/** Trains at level `shared` with both parties in one process, and puts the parts together to compare them with the twin. */
import { type Column, seededSampling } from "@tombolo/base";
import { type Me, runParties, type WorldOptions } from "@tombolo/test-kit";
import { type BoostingParameters, defaultParameters } from "../../parameters.ts";
import { rowsOf } from "../../row-source.ts";
import { sharedMessages, sharedPredictionMessages } from "../messages.ts";
import { decodeLeaves, type SharedGuestModel, type SharedHostModel } from "../model.ts";
import { predictSharedGuest, predictSharedHost } from "../predict.ts";
import { type SharedGuestInput, type SharedHostInput, trainSharedGuest, trainSharedHost } from "../train.ts";
import type { TwinTree } from "../twin.ts";

export interface SharedTable {
  readonly columns: readonly [readonly Column[], readonly Column[]];
  readonly labels: Float64Array;
}

export type SharedOptions = Partial<BoostingParameters>;
export const SAMPLING_SEED = 31;

export const inputOf = (table: SharedTable, options: SharedOptions) => ({
  parameters: { ...defaultParameters, ...options },
  rowCount: table.labels.length,
  sampling: seededSampling(SAMPLING_SEED),
});

export interface SharedHooks {
  readonly guest?: Partial<SharedGuestInput>;
  readonly host?: Partial<SharedHostInput>;
}

export const asGuest = (table: SharedTable, options: SharedOptions, hooks: SharedHooks) => async (me: Me) =>
  trainSharedGuest(
    { ...inputOf(table, options), columns: table.columns[0], labels: table.labels, ...hooks.guest },
    await me.peer(sharedMessages, "guest", "telco", "host"),
    me.secrets,
  );

export const asHost = (table: SharedTable, options: SharedOptions, hooks: SharedHooks) => async (me: Me) =>
  trainSharedHost(
    { ...inputOf(table, options), columns: table.columns[1], ...hooks.host },
    await me.peer(sharedMessages, "host", "bank", "guest"),
    me.secrets,
  );

export async function trainSharedWorld(
  table: SharedTable,
  options: SharedOptions,
  hooks: SharedHooks = {},
  world: WorldOptions = { seed: 7 },
) {
  const { results, world: run } = await runParties(
    world,
    ["bank", asGuest(table, options, hooks)],
    ["telco", asHost(table, options, hooks)],
  );
  return { guest: results[0], host: results[1], cost: run.cost };
}

/** Both parts as the twin's trees. */
export const joinedTrees = (guest: SharedGuestModel, host: SharedHostModel): TwinTree[] =>
  guest.trees.map((tree, t) => {
    const theirs = host.trees[t]!;
    const [own, other] = [decodeLeaves(tree.leaves), decodeLeaves(theirs.leaves)];
    const hostNodes = new Set(tree.hostNodes);
    const splits = Array.from({ length: 2 ** guest.depth - 1 }, (_, i) => {
      const owner = hostNodes.has(i + 1) ? ("host" as const) : ("guest" as const);
      const part = owner === "host" ? theirs.splits : tree.splits;
      return { owner, split: part.find(({ node }) => node === i + 1)?.split ?? null };
    });
    return { splits, leaves: Array.from(own, (share, i) => BigInt.asIntN(64, share + other[i]!)) };
  });

/** Numbers with few and many values, some missing, and text; a label that hangs on both parties' columns. */
export function sharedTable(rows: number, kind: "binary" | "regression", seed = 3): SharedTable {
  const sampling = seededSampling(seed);
  const draw = (make: () => number): Float64Array => Float64Array.from({ length: rows }, make);
  const number = (name: string, values: Float64Array): Column => ({ kind: "number", name, values });
  const age = draw(() => 20 + sampling.below(50));
  const income = draw(() => (sampling.below(10) === 0 ? Number.NaN : Math.round(100 * sampling.next())));
  const calls = draw(() => sampling.below(4));
  const use = draw(() => (sampling.below(8) === 0 ? Number.NaN : Math.round(50 * sampling.next())));
  const codes = Int32Array.from({ length: rows }, () => sampling.below(4) - 1);
  const labels = Float64Array.from(age, (years, row) => {
    const paid = Number.isNaN(income[row]!) ? 20 : income[row]!;
    const value = (years - 45) / 12 + (use[row]! > 20 ? 1.5 : -0.5) + calls[row]! * (paid > 50 ? 0.6 : -0.4);
    const noisy = value + 2 * sampling.next() - 1 + (codes[row] === 2 ? 1 : 0);
    return kind === "binary" ? (noisy > 0 ? 1 : 0) : 1000 + 37 * noisy;
  });
  return {
    labels,
    columns: [
      [number("age", age), number("income", income)],
      [
        number("calls", calls),
        number("use", use),
        number("use again", use.slice()),
        { kind: "text", name: "plan", categories: ["a", "b", "c"], codes },
      ],
    ],
  };
}

/** Scores of all rows, at the guest. */
export async function predictSharedWorld(
  table: SharedTable,
  guest: SharedGuestModel,
  host: SharedHostModel,
  first = 0,
) {
  const rows = table.labels.length;
  const scores: number[] = [];
  const { world } = await runParties(
    { seed: 9 },
    [
      "bank",
      async (me: Me) => {
        const take = async (next: Float64Array): Promise<void> => void scores.push(...next);
        const input = { model: guest, rows: rowsOf(table.columns[0], rows), first, take };
        const peer = await me.peer(sharedPredictionMessages, "guest", "telco", "host");
        return predictSharedGuest(input, peer, me.secrets);
      },
    ],
    [
      "telco",
      async (me: Me) => {
        const peer = await me.peer(sharedPredictionMessages, "host", "bank", "guest");
        return predictSharedHost({ model: host, rows: rowsOf(table.columns[1], rows) }, peer, me.secrets);
      },
    ],
  );
  return { scores: Float64Array.from(scores), cost: world.cost };
}
