/**
 * Another merge of bins that are there: a person's choice at the initiator, who sees the counts of fine bins. No row is read and
 * no edge is new, so what a bin task disclosed stays all there is, but for the weights of the new merged bins where hosts are
 * told them (docs/security/binning.md). Leaves a new version of the binning at every party.
 */
import { TomboloError } from "@tombolo/base";
import {
  type BinningPart,
  cellsOf,
  checkMerge,
  evidence,
  mergedCounts,
  type OwnColumn,
  type PartnerColumn,
  requireTellable,
  requireWhole,
  roundedWoe,
  shapeOf,
  storedBinning,
} from "@tombolo/federated/binning";
import { z } from "zod";
import { binningSummary } from "../bin/finish.ts";
import { checkedAnswer } from "../bin/host.ts";
import { type EditedAnswer, editMessages } from "../bin/messages.ts";
import { binningReport } from "../bin/report.ts";
import { anyNumber, component, model, one, report, type TaskContext } from "../component.ts";
import { guestOf, hostsOf } from "../tables.ts";
import { disclosures } from "./disclosure.ts";
import { type EditParameters, editFaults, type Merge, parameters } from "./parameters.ts";

type Context = TaskContext<EditParameters, Record<string, never>>;

export const binEdit = component({
  name: "bin-edit",
  version: "1.0.0",
  title: { en: "Edit bins", zh: "调整分箱" },
  summary: {
    en: "Merges the fine bins of some columns anew, and leaves a new version of the binning. New edges take another bin task.",
    zh: "对部分列的细箱重新合并，产生分箱的新版本；新的切点须另做分箱任务。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { model: model("binning") },
  outputs: { model: model("binning"), report: report() },
  protocol: { name: "bin/edit", messages: editMessages },
  use: "train",
  faults: ({ parameters: given, participants }) => editFaults(given, participants),
  discloses: disclosures,
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  const before = requireRole(storedBinning(await context.inputs.model("model")), context);
  const { merges } = context.parameters;
  const hosts = hostsOf(context).map(({ party }) => party);
  const of = (owner: string, column: number): Merge | undefined =>
    merges.find((merge) => merge.party === owner && merge.column === column);
  const known = (owner: string, ids: readonly number[]): void => requireKnown(merges, owner, ids);
  known(
    before.party,
    before.columns.map(({ id }) => id),
  );
  for (const host of hosts)
    known(host, before.partners.find(({ party }) => party === host)?.columns.map(({ id }) => id) ?? []);
  const part: BinningPart = {
    ...before,
    columns: before.columns.map((column) => ownEdited(column, of(before.party, column.id), before)),
    partners: before.partners.map(({ party, columns }) => ({
      party,
      columns: columns.map((column) => partnerEdited(column, of(party, column.id), before)),
    })),
  };
  await Promise.all(hosts.map((host) => tell(context, part, host)));
  await finish(context, part);
}

/** The own part is of the role that the party has here: a binning of this guest. */
function requireRole(part: BinningPart, context: Context): BinningPart {
  const hosts = new Set(hostsOf(context).map(({ party }) => party));
  const isSame = part.partners.length === hosts.size && part.partners.every(({ party }) => hosts.has(party));
  if (isSame) return part;
  throw new TomboloError("input.model", "the binning is of other parties than the task", {
    remedy: "Let the same parties take part that the bin task had.",
  });
}

function requireKnown(merges: readonly Merge[], owner: string, ids: readonly number[]): void {
  if (merges.every(({ party, column }) => party !== owner || ids.includes(column))) return;
  throw new TomboloError("input.merges", "a merge is of a column that the binning does not have", {
    remedy: "Give the column's number as the binning's report has it.",
  });
}

function ownEdited(column: OwnColumn, merge: Merge | undefined, part: BinningPart): OwnColumn {
  if (merge === undefined || column.ones === null) return column;
  const { groups } = merge;
  checkMerge(shapeOf(column.fine), groups);
  const counts = { rows: column.fine.rows, ones: column.ones };
  requireTellable(counts, groups, part.minimumEvents);
  return { ...column, groups, woe: weightsOf(counts, groups, part) };
}

function partnerEdited(column: PartnerColumn, merge: Merge | undefined, part: BinningPart): PartnerColumn {
  if (merge === undefined) return column;
  const { groups } = merge;
  checkMerge(column.shape, groups);
  requireTellable(column, groups, part.minimumEvents);
  const edited = { ...column, groups, woe: weightsOf(column, groups, part) };
  if (column.told.length === 0) return edited;
  const cells = cellsOf(column, column.told, part.minimumEvents);
  requireWhole(groups, cells);
  return { ...edited, told: [cells] };
}

const weightsOf = (
  { rows, ones }: Pick<PartnerColumn, "rows" | "ones">,
  groups: readonly number[],
  { smoothing }: BinningPart,
): number[] => roundedWoe(evidence(mergedCounts({ rows, ones }, groups), smoothing));

async function tell(context: Context, { mode, partners }: BinningPart, host: string): Promise<void> {
  const ids = context.parameters.merges.flatMap(({ party, column }) => (party === host ? [column] : []));
  const edited = partners.find(({ party }) => party === host)!.columns.filter(({ id }) => ids.includes(id));
  const peer = await context.peer(editMessages, "guest", "host", host);
  const columns = edited.map(
    ({ id, groups, woe }): EditedAnswer => ({ id, groups, woe: mode === "host-learns-woe" ? woe : null }),
  );
  await peer.send("edits", { mode, columns }); // 1
}

async function runHost(context: Context): Promise<void> {
  const before = storedBinning(await context.inputs.model("model"));
  const guest = guestOf(context).party;
  const { merges } = context.parameters;
  requireKnown(
    merges,
    context.self.party,
    before.columns.map(({ id }) => id),
  );
  const peer = await context.peer(editMessages, "host", "guest", guest);
  const { mode, columns: edits } = await peer.receive("edits"); // 1
  const asked = merges.filter(({ party }) => party === context.self.party);
  const isAsked = edits.length === asked.length && edits.every((edit) => asked.some((one) => isSameMerge(one, edit)));
  if (mode !== before.mode || !isAsked)
    throw new TomboloError("protocol.malformed", "the edits are not those of the flow", { blame: guest });
  const columns = before.columns.map((column): OwnColumn => {
    const edit = edits.find(({ id }) => id === column.id);
    if (edit === undefined) return column;
    return { ...column, ...checkedAnswer(edit, { fine: column.fine, mode, guest }) };
  });
  await finish(context, { ...before, columns });
}

const isSameMerge = ({ column, groups }: Merge, edit: EditedAnswer): boolean =>
  column === edit.id && groups.length === edit.groups.length && groups.every((group, i) => group === edit.groups[i]);

async function finish({ outputs }: Context, part: BinningPart): Promise<void> {
  await outputs.report("report", binningReport(part, { positive: null }));
  await outputs.model("model", part, binningSummary(part));
}
