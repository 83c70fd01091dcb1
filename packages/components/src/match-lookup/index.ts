/**
 * The online half of matching few ids against a large table: the guest asks about its ids with a catalogue it keeps, and
 * gets those of its rows that the host has. Cost follows the guest's rows. Protocol, leakage and adversary:
 * packages/protocols, psi/unbalanced.
 */
import { join } from "node:path";
import { takeTable } from "@tombolo/base";
import { idDigests } from "@tombolo/crypto";
import { findTags } from "@tombolo/datasets";
import { encodeIds } from "@tombolo/protocols/psi/ids";
import { guest, host, idPrefix, messages } from "@tombolo/protocols/psi/unbalanced";
import { z } from "zod";
import { authorisation, referenceLearnt } from "../authorisation.ts";
import { answering, reportAnswers } from "../catalogue/answering.ts";
import { idsMax } from "../catalogue/asking.ts";
import { decodeStored, FILES } from "../catalogue/stored.ts";
import {
  component,
  type Disclosure,
  model,
  one,
  onlyAt,
  type Participant,
  report,
  type TaskContext,
  table,
} from "../component.ts";
import { betweenTwo, earlyEnds, learns } from "../disclosing.ts";
import { columnNamed, guestPeer, hostsOf } from "../tables.ts";

const parameters = z.strictObject({ idsMax, authorisation });
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const matchLookup = component({
  name: "match-lookup",
  version: "3.1.0",
  title: { en: "Look ids up in a catalogue", zh: "匿踪批量查询" },
  summary: {
    en: "Keeps the rows whose ids are in a partner's large table, asked with a catalogue made before; only the asking party learns which.",
    zh: "利用事先构建的目录，保留标识存在于对方大表中的行；仅查询方知道是哪些。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: onlyAt(table(), "guest"), catalogue: model() },
  outputs: { data: onlyAt(table(), "guest"), report: report() },
  protocol: { name: "psi/unbalanced", messages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const { idsMax } = given;
  const why = {
    en: "that ids are repeated or unusable (not which), that too many ids were asked about, or that the catalogue's epoch is over",
    zh: "存在重复或不可用的标识（不说明是哪些）、查询数超限，或目录已到期",
  };
  return betweenTwo(participants, (guest, host) => [
    learns(guest, host, "matched-rows", {
      en: `which of its own rows ${host.party} had too when the catalogue was made, asking about ${idsMax} ids at most`,
      zh: `自己的哪些行在目录构建时也存在于 ${host.party}，最多查询 ${idsMax} 个标识`,
    }),
    learns(host, guest, "asked-count", {
      en: `exactly how many ids ${guest.party} asks about; neither which, nor how many of them it has`,
      zh: `${guest.party} 查询标识数量的准确值；不知道是哪些，也不知道命中多少`,
    }),
    ...referenceLearnt(host, guest, given),
    ...earlyEnds([guest, host], why),
  ]);
}

async function runGuest(context: Context): Promise<void> {
  const stored = decodeStored(await context.inputs.model("catalogue"));
  const tags = join(await context.inputs.modelFolder("catalogue"), FILES.tags);
  const data = await context.inputs.table("data");
  const { normalise: rules, duplicates, empty, header } = stored;
  const keys = data.keys.map((name) => ({ column: columnNamed(data, name), rules }));
  const ids = encodeIds(keys, { duplicates, empty });
  const digests = await idDigests(idPrefix(header.catalogue), ids.messages, ids.offsets);
  const peer = await context.peer(messages, "guest", "host", hostsOf(context)[0]!.party);
  const found = await guest(digests, peer, {
    secrets: context.secrets,
    header,
    catalogue: { lookUp: (asked) => findTags(tags, header.tagBytes, asked) },
    progress: (done, total) => context.progress({ stage: "ask", done, total }),
  });
  const rows = found.map((position) => ids.rows[position]!);
  await context.outputs.report("report", {
    kind: "match-lookup",
    title: { en: "Ids found", zh: "查询结果" },
    data: { matched: rows.length, ownRows: data.rowCount, removed: ids.removed, version: header.version },
  });
  await context.outputs.table("data", { ...data, ...takeTable(data, rows), aligned: false });
}

async function runHost(context: Context): Promise<void> {
  const { idsMax: most } = context.parameters;
  const answers = await answering(context, most, []);
  const peer = await guestPeer(context, messages);
  const progress = (done: number, total: number): void => context.progress({ stage: "answer", done, total });
  const asked = await host(peer, { ...answers, progress });
  await reportAnswers(context, answers, asked, "match-lookup");
}
