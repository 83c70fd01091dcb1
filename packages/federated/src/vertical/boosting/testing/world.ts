/** Trains and scores with all parties in one process, and puts the parts together to compare them with the twin. */
import type { Column } from "@tombolo/base";
import { type Me, runWorld, type World, type WorldOptions } from "@tombolo/test-kit";
import {
  type BoostingParameters,
  defaultParameters,
  type GuestInput,
  type GuestResult,
  type HostInput,
  type HostModel,
  predictGuest,
  predictHost,
  predictionMessages,
  rowsOf,
  trainGuest,
  trainHost,
  trainingMessages,
  type trainTwin,
} from "../index.ts";

export interface Table {
  readonly labels: Float64Array;
  /** By party, the guest first. */
  readonly columns: readonly (readonly Column[])[];
}

export type TrainOptions = Partial<BoostingParameters>;
export interface TrainHooks {
  readonly guest?: Partial<GuestInput>;
  readonly host?: Partial<HostInput>;
}

export const parametersOf = (options: TrainOptions): BoostingParameters => ({ ...defaultParameters, ...options });

export const partiesOf = (table: Table): string[] => table.columns.map((_, i) => (i === 0 ? "bank" : `host-${i}`));

/** What each party runs; the guest's result or the host's part. */
export function trainParty(table: Table, options: TrainOptions, hooks: TrainHooks = {}) {
  const parameters = parametersOf(options);
  return async (me: Me): Promise<GuestResult | HostModel> => {
    const at = me.parties.indexOf(me.id);
    const columns = table.columns[at]!;
    if (at === 0) {
      const peers = await Promise.all(
        me.parties.slice(1).map((host) => me.peer(trainingMessages, "guest", host, "host")),
      );
      return trainGuest(
        { columns, labels: table.labels, parameters, sampling: me.sampling, ...hooks.guest },
        peers,
        me.secrets,
      );
    }
    const peer = await me.peer(trainingMessages, "host", me.parties[0]!, "guest");
    return trainHost(
      { columns, rowCount: table.labels.length, parameters, sampling: me.sampling, ...hooks.host },
      peer,
      me.secrets,
    );
  };
}

export interface Trained {
  readonly guest: GuestResult;
  readonly hosts: readonly HostModel[];
  readonly world: World<GuestResult | HostModel>;
}

export async function trainWorld(
  table: Table,
  options: TrainOptions,
  world: WorldOptions = {},
  hooks: TrainHooks = {},
): Promise<Trained> {
  const parties = partiesOf(table);
  const finished = await runWorld(parties, { seed: 7, ...world }, trainParty(table, options, hooks));
  const [guest, ...hosts] = parties.map((party) => finished.result(party));
  return { guest: guest as GuestResult, hosts: hosts as HostModel[], world: finished };
}

export async function predictWorld(
  table: Table,
  { guest, hosts }: Trained,
  world: WorldOptions = {},
  first = 0,
): Promise<World<Float64Array | undefined>> {
  return runWorld(partiesOf(table), { seed: 7, ...world }, async (me) => {
    const at = me.parties.indexOf(me.id);
    const input = { rows: rowsOf(table.columns[at]!, table.labels.length) };
    if (at === 0) {
      const peers = await Promise.all(
        me.parties.slice(1).map((host) => me.peer(predictionMessages, "guest", host, "host")),
      );
      const scores: number[] = [];
      const take = async (next: Float64Array): Promise<void> => void scores.push(...next);
      await predictGuest({ ...input, model: guest.model, first, take }, peers);
      return Float64Array.from(scores);
    }
    await predictHost(
      { ...input, model: hosts[at - 1]! },
      await me.peer(predictionMessages, "host", me.parties[0]!, "guest"),
    );
    return undefined;
  });
}

/** The trees with every split in full, as the twin has them. */
export const joinedTrees = ({ guest, hosts }: Trained) =>
  guest.model.trees.map(({ splits, leaves }, t) => ({
    splits: splits.map((split) => {
      if (split.owner === "guest") return { node: split.node, site: 0, gain: split.gain, split: split.split };
      const own = hosts[split.owner]!.trees[t]!.splits.find(({ node }) => node === split.node);
      return { node: split.node, site: split.owner + 1, gain: split.gain, split: own?.split };
    }),
    leaves,
  }));

export const twinTrees = (twin: Awaited<ReturnType<typeof trainTwin>>) =>
  twin.trees.map(({ tree }) => ({
    splits: tree.splits.map(({ node, site, gain, split }) => ({ node, site, gain, split })),
    leaves: tree.leaves,
  }));

/** A table of `rows` rows whose label depends on a number and a text column of the last party. */
export function sampleTable(rows: number, parties: number): Table {
  const wave = (seed: number) =>
    Float64Array.from({ length: rows }, (_, i) => Math.round(1000 * Math.sin(seed * 12.9898 + i * 78.233)) / 100);
  const columns = Array.from({ length: parties }, (_, p): Column[] => [
    { kind: "number", name: `amount-${p}`, values: wave(p + 1).map((value, i) => (i % 9 === p ? Number.NaN : value)) },
    {
      kind: "text",
      name: `kind-${p}`,
      categories: ["a", "b", "c"],
      codes: Int32Array.from(wave(p + 5), (value) => (value > 4 ? 0 : value > -4 ? 1 : 2)),
    },
  ]);
  const last = columns[parties - 1]!;
  const [amount, kind] = [last[0] as Column & { kind: "number" }, last[1] as Column & { kind: "text" }];
  const labels = Float64Array.from({ length: rows }, (_, i) =>
    (amount.values[i]! > 0 ? 1 : 0) + (kind.codes[i]! === 1 ? 1 : 0) + (i % 5 === 0 ? 1 : 0) > 1 ? 1 : 0,
  );
  return { labels, columns };
}
