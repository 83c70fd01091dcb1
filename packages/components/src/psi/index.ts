/**
 * Private set intersection: each party keeps those of its rows that all parties have, in one joint order that tells
 * nothing about anyone's file. Everyone learns which of its own rows matched.
 * psi/buckets over psi/ecdh or psi/vole with two parties, over psi/multi-party with several; or, with several, the star of
 * psi/ecdh, whose centre is the guest: leakage and adversary stand there.
 * Between two the result may be the guest's alone, a left join or a difference, by several keys, of repeated ids: what
 * each side learns then is in disclosures.ts.
 */
import { takeTable } from "@tombolo/base";
import type { PsiOptions, PsiResult } from "@tombolo/protocols/psi/ecdh";
import * as ecdh from "@tombolo/protocols/psi/ecdh";
import { type EncodedIds, encodeIds } from "@tombolo/protocols/psi/ids";
import { z } from "zod";
import { aligned, component, many, one, report, type TaskTable, table } from "../component.ts";
import { columnNamed, guestOf, hostPeers, hostsOf } from "../tables.ts";
import { messages } from "./bucket-protocols.ts";
import { choiceFaults, isStar, outputsFor, refuseFaults } from "./choices.ts";
import { disclosures } from "./disclosures.ts";
import { matchFile } from "./match-file.ts";
import { type Context, parameters, rulesOf } from "./parameters.ts";
import { reportMatch } from "./report-match.ts";

export const psi = component({
  name: "psi",
  version: "2.1.0",
  title: { en: "Private set intersection", zh: "隐私求交" },
  summary: {
    en: "Finds the rows that all parties have, by ids nobody shows, and puts them into one joint order.",
    zh: "在不出示标识的前提下找出各方共有的行，并按联合次序对齐。",
  },
  roles: { guest: one, host: many },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table() },
  outputs: { data: aligned(table(), "made"), report: report() },
  outputsFor,
  faults: ({ parameters: given, participants, written }) => choiceFaults(given, participants, written),
  protocol: { name: "psi", messages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  refuseFaults(context.parameters, context.participants);
  if (!isStar(context.parameters, context.participants)) return matchFile(context);
  const { data, ids } = await encoded(context);
  const peers = await hostPeers(context, messages);
  const result = await ecdh.guest(ids, peers, optionsOf(context));
  const rows = { [context.self.party]: data.rowCount };
  peers.forEach(({ party }, i) => {
    rows[party] = result.partnerRows[i]!;
  });
  await finish(context, data, ids, result, rows);
}

async function runHost(context: Context): Promise<void> {
  refuseFaults(context.parameters, context.participants);
  if (!isStar(context.parameters, context.participants)) return matchFile(context);
  const centre = guestOf(context).party;
  const { data, ids } = await encoded(context);
  const peer = await context.peer(messages, "host", "guest", centre);
  const result = await ecdh.host(ids, peer, optionsOf(context));
  await finish(context, data, ids, result, { [context.self.party]: data.rowCount, [centre]: result.partnerRows[0]! });
}

async function encoded(context: Context): Promise<{ data: TaskTable; ids: EncodedIds }> {
  const data = await context.inputs.table("data");
  context.progress({ stage: "encode", done: 0, total: data.rowCount });
  const { duplicates, empty } = context.parameters;
  const rules = rulesOf(context.parameters, data.keys.length);
  const keys = data.keys.map((name, i) => ({ column: columnNamed(data, name), rules: rules[i]! }));
  // Several rows of an id are for two parties: `choiceFaults`.
  return { data, ids: encodeIds(keys, { duplicates: duplicates === "remove" ? "remove" : "refuse", empty }) };
}

const optionsOf = (context: Context): PsiOptions => ({
  secrets: context.secrets,
  hostCount: hostsOf(context).length,
  partnerRowsMin: context.parameters.partnerRowsMin,
  partnerRowsMax: context.parameters.partnerRowsMax,
  admit: (rows, party) => context.draw(party, rows),
  progress: ({ stage, done, total }) => context.progress({ stage, done, total }),
});

async function finish(
  context: Context,
  data: TaskTable,
  ids: EncodedIds,
  result: PsiResult,
  rows: Readonly<Record<string, number>>,
): Promise<void> {
  const matched = result.rows.length;
  const counts = { join: "inner" as const, matched, byKey: [matched], kept: matched, ownRows: data.rowCount };
  await reportMatch(context, { ...counts, rows, removed: ids.removed });
  // Every id is of one row.
  await context.outputs.table("data", { ...data, ...takeTable(data, result.rows), aligned: true, copiesMax: 1 });
  context.progress({ stage: "done", done: 1, total: 1, rows: matched });
}
