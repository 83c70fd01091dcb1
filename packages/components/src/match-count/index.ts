/**
 * How many rows two parties have in common, and not which. The guest gets the count once the host has seen that it is
 * not below the minimum. Protocol, leakage and adversary: packages/protocols, psi/cardinality.
 */
import { guest, host, messages } from "@tombolo/protocols/psi/cardinality";
import { z } from "zod";
import { component, type Disclosure, one, type Participant, report, type TaskContext, table } from "../component.ts";
import { learns } from "../disclosing.ts";
import {
  aggregateDisclosures,
  aggregateFields,
  checkMinimum,
  countOptions,
  noiseText,
} from "../matching/aggregates.ts";
import { encodedIds, idDigests } from "../matching/ids.ts";
import { guestOf, hostsOf } from "../tables.ts";

const parameters = z.strictObject(aggregateFields);
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const matchCount = component({
  name: "match-count",
  version: "1.0.0",
  title: { en: "Count of common rows", zh: "匿踪计数" },
  summary: {
    en: "How many rows two parties have in common; neither learns which.",
    zh: "两方共有多少行；双方都不知道是哪些行。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table() },
  outputs: { report: report() },
  protocol: { name: "psi/cardinality", messages },
  use: "both",
  discloses: ({ participants, parameters: given }) =>
    aggregateDisclosures(participants, given, (me, other) => [count(me, other, given)]),
  run: { guest: runGuest, host: runHost },
});

function count(me: Participant, other: Participant, given: Parameters): Disclosure {
  const noise = noiseText(given);
  const least = given.minimumMatched;
  return learns(me, other, "matched-count", {
    en: `how many rows ${me.party} and ${other.party} have in common, ${noise.en}, if they are ${least} or more; not which`,
    zh: `与 ${other.party} 共有的行数（${noise.zh}，不少于 ${least} 时才公布）；不知道是哪些行`,
  });
}

async function runGuest(context: Context): Promise<void> {
  checkMinimum(context);
  const { data, ids } = await encodedIds(context);
  const partner = hostsOf(context)[0]!.party;
  const peer = await context.peer(messages, "guest", "host", partner);
  const result = await guest(await idDigests(ids, peer.binding), peer, countOptions(context));
  const rows = { [context.self.party]: data.rowCount, [partner]: result.partnerRows };
  await tell(context, { count: result.count, exact: context.parameters.noise === "none", rows, removed: ids.removed });
}

async function runHost(context: Context): Promise<void> {
  checkMinimum(context);
  const { data, ids } = await encodedIds(context);
  const partner = guestOf(context).party;
  const peer = await context.peer(messages, "host", "guest", partner);
  const result = await host(await idDigests(ids, peer.binding), peer, countOptions(context));
  const rows = { [context.self.party]: data.rowCount, [partner]: result.partnerRows };
  const seen = Math.round(result.seen - result.dummies);
  await tell(context, { count: seen, exact: context.parameters.hideCount === null, rows, removed: ids.removed });
}

interface Told {
  readonly count: number;
  /** False: hidden in noise or among dummies. */
  readonly exact: boolean;
  readonly rows: Readonly<Record<string, number>>;
  readonly removed: { readonly empty: number; readonly duplicates: number };
}

const tell = ({ outputs }: Context, data: Told): Promise<void> =>
  outputs.report("report", { kind: "match-count", title: { en: "Count of common rows", zh: "匿踪计数" }, data });
