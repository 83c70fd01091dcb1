/**
 * Private set intersection: each party keeps those of its rows that all parties have, in one joint order that tells
 * nothing about anyone's file. Everyone learns which of its own rows matched; the star's centre is the guest.
 * Two parties run psi/buckets over psi/ecdh or psi/vole, several the star of psi/ecdh: leakage and adversary stand there.
 */
import { TomboloError, takeTable } from "@tombolo/base";
import type { PsiOptions, PsiResult } from "@tombolo/protocols/psi/ecdh";
import * as ecdh from "@tombolo/protocols/psi/ecdh";
import { type EncodedIds, encodeIds } from "@tombolo/protocols/psi/ids";
import { z } from "zod";
import {
  aligned,
  component,
  type Disclosure,
  many,
  one,
  type Participant,
  report,
  type TaskTable,
  table,
} from "../component.ts";
import { earlyEnds, learns, namesOf, sidesOf } from "../disclosing.ts";
import { columnNamed, guestOf, hostsOf } from "../tables.ts";
import { matchPair, messages } from "./match-pair.ts";
import { type Context, type Parameters, parameters, rulesOf } from "./parameters.ts";
import { reportMatch } from "./report-match.ts";

export const psi = component({
  name: "psi",
  version: "1.0.0",
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
  protocol: { name: "psi", messages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[], given: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest: centre, hosts } = sides;
  const all = [centre, ...hosts];
  const results = all.flatMap((me) => {
    const others = all.filter((each) => each !== me);
    return others.flatMap((other): Disclosure[] => [
      ...(me === centre || other === centre ? [rowCount(me, other, given.partnerRowsMax)] : []),
      matchedRows(me, other, others),
    ]);
  });
  const why = {
    en: "that ids are repeated or unusable (not which), that too few or too many rows take part, or that nothing matched",
    zh: "存在重复或不可用的标识（不说明是哪些）、参与行数过少或过多，或没有任何匹配",
  };
  const trusting = all.flatMap((me) => (me === centre ? hosts : [centre]).map((other) => trust(me, other, given)));
  return [...results, ...trusting, ...earlyEnds(all, why)];
}

const rowCount = (me: Participant, other: Participant, most: number): Disclosure =>
  learns(me, other, "row-count", {
    en: `exactly how many rows of ${other.party} take part; ${me.party} itself may ask about ${most} rows at most`,
    zh: `${other.party} 参与行数的准确值；${me.party} 自身最多可用 ${most} 行参与比对`,
  });

/** How far what stands above binds a partner that breaks the rules. */
function trust(me: Participant, other: Participant, { security, protocol }: Parameters): Disclosure {
  if (security === "malicious")
    return learns(me, other, "security-model", {
      en: `nothing more by departing from the protocol, but that it may put in up to three times the rows it declares, or any ids it guesses, and end the match before ${other.party} has its result`,
      zh: `即使偏离协议也不会得到更多信息，但可投入至多约三倍于声明行数的数据或任意猜测的标识，并可在 ${other.party} 得到结果前中止`,
    });
  const beyond =
    protocol === "vole"
      ? {
          en: `test guessed ids against ${other.party}'s rows beyond the stated number, and `,
          zh: `超出所述行数用猜测的标识试探 ${other.party} 的数据，并`,
        }
      : { en: "", zh: "" };
  return learns(me, other, "security-model", {
    en: `nothing more as long as it follows the protocol (semi-honest); by departing from it, it could ${beyond.en}falsify the result`,
    zh: `遵守协议（半诚实）时不会得到更多信息；若偏离协议，则可能${beyond.zh}篡改结果`,
  });
}

const matchedRows = (me: Participant, other: Participant, others: readonly Participant[]): Disclosure =>
  learns(
    me,
    other,
    "matched-rows",
    others.length === 1
      ? {
          en: `which of its own rows ${other.party} has too, hence how many; nothing about rows that did not match`,
          zh: `自己的哪些行在 ${other.party} 也存在（从而知道数量）；未匹配的行不会透露`,
        }
      : {
          en: `which of its own rows all of ${namesOf(others)} have too, hence how many; not which rows only some of them have`,
          zh: `自己的哪些行在 ${namesOf(others)} 全部存在（从而知道数量）；不会知道哪些行仅部分机构拥有`,
        },
  );

async function runGuest(context: Context): Promise<void> {
  const hosts = hostsOf(context);
  if (hosts.length === 1) return matchPair(context, hosts[0]!.party);
  requireEcdh(context);
  const { data, ids } = await encoded(context);
  const peers = await Promise.all(hosts.map(({ party }) => context.peer(messages, "guest", "host", party)));
  const result = await ecdh.guest(ids, peers, optionsOf(context));
  const rows = { [context.self.party]: data.rowCount };
  peers.forEach(({ party }, i) => {
    rows[party] = result.partnerRows[i]!;
  });
  await finish(context, data, ids, result, rows);
}

async function runHost(context: Context): Promise<void> {
  const centre = guestOf(context).party;
  if (hostsOf(context).length === 1) return matchPair(context, centre);
  requireEcdh(context);
  const { data, ids } = await encoded(context);
  const peer = await context.peer(messages, "host", "guest", centre);
  const result = await ecdh.host(ids, peer, optionsOf(context));
  await finish(context, data, ids, result, { [context.self.party]: data.rowCount, [centre]: result.partnerRows[0]! });
}

/** The flow names the protocol, and everyone consented to it: another is never put in its place. */
function requireEcdh({ parameters: { protocol, security } }: Context): void {
  if (protocol === "ecdh" && security === "semi-honest") return;
  if (protocol === "ecdh")
    throw new TomboloError("input.protocol", "several parties match with security against semi-honest partners only", {
      remedy: "Set the match's security to semi-honest, or match two parties at a time.",
    });
  throw new TomboloError("input.protocol", `${protocol} matches two parties, not several`, {
    remedy: "Set the match's protocol to ecdh.",
  });
}

async function encoded(context: Context): Promise<{ data: TaskTable; ids: EncodedIds }> {
  const data = await context.inputs.table("data");
  context.progress({ stage: "encode", done: 0, total: data.rowCount });
  const { duplicates, empty } = context.parameters;
  const rules = rulesOf(context.parameters);
  const keys = data.keys.map((name) => ({ column: columnNamed(data, name), rules }));
  return { data, ids: encodeIds(keys, { duplicates, empty }) };
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
  await reportMatch(context, { matched, ownRows: data.rowCount, rows, removed: ids.removed });
  await context.outputs.table("data", { ...data, ...takeTable(data, result.rows), aligned: true });
  context.progress({ stage: "done", done: 1, total: 1, rows: matched });
}
