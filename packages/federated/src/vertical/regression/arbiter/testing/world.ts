/** Trains with guest, host, perhaps a second host, and arbiter in one process. */
import { type Me, runWorld, type World, type WorldOptions } from "@tombolo/test-kit";
import {
  type ArbiterCheckpoint,
  type ArbiterOwnerInput,
  type ArbiterParameters,
  type ArbiterTrained,
  arbiterMessages,
  arbitrate,
  defaultArbiterParameters,
  trainArbiterTwin,
  trainWithArbiterGuest,
  trainWithArbiterHost,
} from "../../index.ts";
import type { Table } from "../../testing/world.ts";

export type ArbiterOptions = Partial<ArbiterParameters>;
export const arbiterParametersOf = (options: ArbiterOptions): ArbiterParameters => ({
  ...defaultArbiterParameters,
  // The smaller keys, for short tests.
  ...{ rowsPerTerm: 40, keyBits: 2048 },
  ...options,
});

/** The table's host columns, at one host or dealt out to more. */
export interface ArbiterTable extends Pick<Table, "guest" | "labels"> {
  readonly hosts: readonly Table["host"][];
}

export const asTwo = ({ guest, host, labels }: Table): ArbiterTable => ({ guest, labels, hosts: [host] });

export type ArbiterHooks = Readonly<Record<string, Partial<ArbiterOwnerInput>>>;
export type ArbiterEnd = ArbiterTrained | { readonly answers: number };

export const hostNames = ({ hosts }: ArbiterTable): string[] => hosts.map((_, i) => ["telco", "insurer"][i]!);
export const partiesOf = (table: ArbiterTable): string[] => ["bank", ...hostNames(table), "notary"];

export const asParty =
  (table: ArbiterTable, options: ArbiterOptions, hooks: ArbiterHooks = {}) =>
  async (me: Me): Promise<ArbiterEnd> => {
    const parameters = arbiterParametersOf(options);
    const names = hostNames(table);
    const input = { parameters, rowCount: table.labels.length, ...hooks[me.id] };
    if (me.id === "notary") {
      const owners = await Promise.all(
        ["bank", ...names].map((party) => me.peer(arbiterMessages, "arbiter", party, "owner")),
      );
      return arbitrate(input, owners, me.secrets);
    }
    const arbiter = await me.peer(arbiterMessages, "owner", "notary", "arbiter");
    if (me.id === "bank") {
      const hosts = await Promise.all(names.map((party) => me.peer(arbiterMessages, "guest", party, "host")));
      const own = { ...input, columns: table.guest, labels: table.labels };
      return trainWithArbiterGuest(own, { hosts, arbiter }, me.secrets);
    }
    const place = names.indexOf(me.id);
    const guest = await me.peer(arbiterMessages, "host", "bank", "guest");
    return trainWithArbiterHost({ ...input, columns: table.hosts[place]! }, place, { guest, arbiter }, me.secrets);
  };

export const arbiterWorld = (
  table: ArbiterTable,
  options: ArbiterOptions,
  hooks: ArbiterHooks = {},
  world: WorldOptions = {},
): Promise<World<ArbiterEnd>> =>
  runWorld(partiesOf(table), { seed: 7, deadlineMs: 60_000, ...world }, asParty(table, options, hooks));

export const trainedOf = (world: World<ArbiterEnd>, party: string): ArbiterTrained =>
  world.result(party) as ArbiterTrained;

export const twinOf = ({ guest, hosts, labels }: ArbiterTable, options: ArbiterOptions) =>
  trainArbiterTwin({ columns: [guest, ...hosts], labels, parameters: arbiterParametersOf(options) });

/** What an attempt keeps, for the next one. */
export function keeping(): { readonly kept: ArbiterCheckpoint[]; readonly hooks: Partial<ArbiterOwnerInput> } {
  const kept: ArbiterCheckpoint[] = [];
  return {
    kept,
    hooks: {
      onEpoch: async (checkpoint) => {
        kept.push(checkpoint);
        kept.splice(0, kept.length - 2);
      },
    },
  };
}
