/**
 * Sums and averages of the host's columns over the rows two parties have in common; neither learns which rows those
 * are. The host checks the minimum before there is a sum. Protocol, leakage and adversary: packages/protocols, psi/sum.
 */
import { generateHeKey } from "@tombolo/crypto";
import { guest, host, messages, type SumOptions } from "@tombolo/protocols/psi/sum";
import { z } from "zod";
import { component, type Disclosure, one, type Participant, report, type TaskContext, table } from "../component.ts";
import { learns } from "../disclosing.ts";
import { aggregateDisclosures, checkMinimum, countOptions, noiseText } from "../matching/aggregates.ts";
import { encodedIds, idDigests } from "../matching/ids.ts";
import { guestOf, hostsOf } from "../tables.ts";
import { type Parameters, parameters } from "./parameters.ts";
import { boundsOf, scaledValues } from "./values.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

export const matchSum = component({
  name: "match-sum",
  version: "1.0.0",
  title: { en: "Sums over common rows", zh: "匿踪求和" },
  summary: {
    en: "Sums and averages of a party's columns over the rows it has in common with another; neither learns which.",
    zh: "在两方共有行上对一方的列求和、求平均；双方都不知道是哪些行。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table() },
  outputs: { report: report() },
  protocol: { name: "psi/sum", messages },
  use: "both",
  discloses: ({ participants, parameters: given }) =>
    aggregateDisclosures(participants, given, (me, other) => results(me, other, given)),
  run: { guest: runGuest, host: runHost },
});

function results(me: Participant, other: Participant, given: Parameters): Disclosure[] {
  const noise = noiseText(given);
  const least = given.minimumMatched;
  const columns = given.values.map(({ column, lower, upper }) => `${column} (${lower}..${upper})`).join(", ");
  const sums = learns(me, other, "matched-sums", {
    en: `the sums of ${columns} of ${other.party} over the rows both have, ${noise.en}, if there are ${least} or more; no single value, and not which rows`,
    zh: `${other.party} 的 ${columns} 在共有行上的总和（${noise.zh}，共有行不少于 ${least} 时才公布）；不知道任何单个取值，也不知道是哪些行`,
  });
  if (!given.revealCount) return [sums];
  const count = learns(me, other, "matched-count", {
    en: `how many rows ${me.party} and ${other.party} have in common, ${noise.en}, if they are ${least} or more; not which`,
    zh: `与 ${other.party} 共有的行数（${noise.zh}，不少于 ${least} 时才公布）；不知道是哪些行`,
  });
  return [sums, count];
}

async function runGuest(context: Context): Promise<void> {
  checkMinimum(context);
  const { data, ids } = await encodedIds(context);
  const partner = hostsOf(context)[0]!.party;
  const peer = await context.peer(messages, "guest", "host", partner);
  const result = await guest(await idDigests(ids, peer.binding), peer, await sumOptions(context));
  const { count } = result;
  const sums = context.parameters.values.map(({ column, decimals }, k) => {
    const sum = Number(result.sums[k]!) / 10 ** decimals;
    return { column, sum, average: count === null || count <= 0 ? null : sum / count };
  });
  const rows = { [context.self.party]: data.rowCount, [partner]: result.partnerRows };
  const exact = context.parameters.noise === "none";
  await tell(context, { count, sums, exact, rows, removed: ids.removed });
}

async function runHost(context: Context): Promise<void> {
  checkMinimum(context);
  const { data, ids } = await encodedIds(context);
  const { values, clipped } = scaledValues(data, ids.rows, context.parameters);
  if (clipped > 0) context.log("warn", `${clipped} values are beyond their bounds and count as the bound`);
  const partner = guestOf(context).party;
  const peer = await context.peer(messages, "host", "guest", partner);
  const result = await host(await idDigests(ids, peer.binding), values, peer, await sumOptions(context));
  const rows = { [context.self.party]: data.rowCount, [partner]: result.partnerRows };
  const exact = context.parameters.hideCount === null;
  const seen = Math.round(result.seen - result.dummies);
  await tell(context, { count: seen, sums: [], exact, rows, removed: ids.removed });
}

async function sumOptions(context: Context): Promise<SumOptions> {
  const { values, revealCount } = context.parameters;
  const key = await generateHeKey({ scheme: "paillier" }, context.secrets);
  return { ...countOptions(context), attributes: boundsOf(values), revealCount, key };
}

interface Told {
  readonly count: number | null;
  /** Empty at the host, which gets none. */
  readonly sums: readonly { readonly column: string; readonly sum: number; readonly average: number | null }[];
  /** False: the figures hold noise, or the host's count is hidden among dummies. */
  readonly exact: boolean;
  readonly rows: Readonly<Record<string, number>>;
  readonly removed: { readonly empty: number; readonly duplicates: number };
}

const tell = ({ outputs }: Context, data: Told): Promise<void> =>
  outputs.report("report", { kind: "match-sum", title: { en: "Sums over common rows", zh: "匿踪求和" }, data });
