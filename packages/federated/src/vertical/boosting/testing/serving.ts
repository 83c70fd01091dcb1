/** Serves all rows of a table in batches, with all parties in one process. */
import type { Column } from "@tombolo/base";
import { type Me, runWorld, type World, type WorldOptions } from "@tombolo/test-kit";
import { type HostAnswer, ID_BYTES, ServingHost, ServingStore, serveHost, usedValues } from "../../serving/index.ts";
import {
  answerForm,
  flatGuest,
  flatHost,
  type GuestModel,
  guestDigests,
  type HostModel,
  hostDigests,
  hostForm,
  scoreOf,
  servedMargins,
  servingMessages,
} from "../index.ts";
import { partiesOf, type Table, type Trained } from "./world.ts";

/** An id that is its row's number, spread as a digest is. */
export function idsOf(rows: readonly number[]): Uint32Array {
  const ids = new Uint32Array((rows.length * ID_BYTES) / 4);
  rows.forEach((row, i) => {
    for (let word = 0; word < 4; word++) ids[4 * i + word] = Math.imul(row + 1, 0x9e3779b1 + 2 * word);
  });
  return ids;
}

/** Rows of columns, one after another. */
export function rowValues(columns: readonly Float64Array[], rows: readonly number[]): Float64Array {
  const out = new Float64Array(columns.length * rows.length);
  rows.forEach((row, i) => {
    columns.forEach((column, c) => {
      out[i * columns.length + c] = column[row]!;
    });
  });
  return out;
}

export function storeOf(
  model: HostModel,
  columns: readonly Column[],
  rows: readonly number[],
  time = 0,
  rowsMax = 10_000,
): ServingStore {
  const host = flatHost(model);
  const store = new ServingStore(hostForm(host), 4, rowsMax);
  const values = rowValues(usedValues(host.splits.columns, columns), rows);
  const ids = idsOf(rows);
  rows.forEach((_, i) => {
    store.put(ids, 4 * i, values, i * host.splits.columns.length, time);
  });
  return store;
}

export interface Served {
  readonly scores: Float64Array;
  readonly answers: readonly (readonly HostAnswer[])[];
}

export interface ServeOptions {
  /** By host. */
  readonly stores: readonly ServingStore[];
  readonly batches: readonly (readonly number[])[];
  readonly since?: number;
}

export function serveParty(table: Table, { guest, hosts }: Trained, options: ServeOptions) {
  return async (me: Me): Promise<Served | undefined> => {
    const at = me.parties.indexOf(me.id);
    if (at === 0) return askAll(me, guest.model, table.columns[0]!, options);
    const peer = await me.peer(servingMessages, "host", me.parties[0]!, "guest");
    const store = options.stores[at - 1]!;
    const digest = (await hostDigests(hosts[at - 1]!)).at(-1)!;
    await serveHost({ digest, store, since: () => options.since ?? 0 }, peer);
    return undefined;
  };
}

async function askAll(me: Me, model: GuestModel, columns: readonly Column[], options: ServeOptions): Promise<Served> {
  const flat = flatGuest(model);
  const hosts = await Promise.all(
    me.parties
      .slice(1)
      .map(async (party, i) =>
        ServingHost.open(
          (await guestDigests(model, i)).at(-1)!,
          answerForm(flat.hostSplits[i]!),
          await me.peer(servingMessages, "guest", party, "host"),
        ),
      ),
  );
  const own = usedValues(flat.splits.columns, columns);
  // All at once: several batches are under way.
  const answers = await Promise.all(
    options.batches.map((rows) => Promise.all(hosts.map((host) => host.ask(new Uint8Array(idsOf(rows).buffer))))),
  );
  const scores = options.batches.flatMap((rows, b) => [
    ...servedMargins(flat, rowValues(own, rows), rows.length, answers[b]!),
  ]);
  await Promise.all(hosts.map((host) => host.end()));
  return { scores: Float64Array.from(scores, (margin) => scoreOf(model, margin)), answers };
}

export const serveWorld = (
  table: Table,
  trained: Trained,
  options: ServeOptions,
  world: WorldOptions = {},
): Promise<World<Served | undefined>> =>
  runWorld(partiesOf(table), { seed: 7, ...world }, serveParty(table, trained, options));
