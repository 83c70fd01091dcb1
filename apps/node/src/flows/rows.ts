/** Kept flows in the store, and as the API shows them. */
import { TomboloError } from "@tombolo/base";
import { type Flow, flowToYaml, parseDraftFlow } from "@tombolo/scheduler";
import type { FlowPlaces, FlowRevision, KeptFlow, KeptFlowSummary } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import type { NodeContext } from "../context.ts";
import type { FlowTables } from "../store/tables/flows.ts";

type FlowRow = Selectable<FlowTables["flows"]>;
type RevisionRow = Selectable<FlowTables["flow_revisions"]>;
type Heading = Omit<RevisionRow, "flow" | "places" | "flow_id" | "saved_by_id" | "begun_at">;

/** A kept flow as of one of its revisions. */
export interface Kept {
  readonly row: FlowRow;
  readonly at: RevisionRow;
}

const HEADING = ["revision", "task_count", "parties", "saved_by", "saved_at"] as const;
const LISTED_MAX = 500;

/** Of the last revision, unless another is named: the last at that moment, since a save in one go takes the one before away. */
export async function keptFlow({ store }: NodeContext, id: string, revision?: number): Promise<Kept> {
  const row = await store.db.selectFrom("flows").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw unknownFlow();
  const at = await store.db
    .selectFrom("flow_revisions")
    .selectAll()
    .where("flow_id", "=", id)
    .where("revision", "=", (flow) =>
      revision === undefined ? flow.selectFrom("flows").select("revision").where("id", "=", id) : flow.val(revision),
    )
    .executeTakeFirst();
  if (at === undefined && revision === undefined) throw unknownFlow();
  if (at === undefined)
    throw new TomboloError("state.unknown", `revision ${revision} of the flow "${row.name}" is not kept`, {
      remedy: "Choose one of the list of its revisions.",
    });
  return { row, at };
}

const unknownFlow = (): TomboloError => new TomboloError("state.unknown", "there is no such flow");

export async function listFlows({ store }: NodeContext): Promise<KeptFlowSummary[]> {
  const rows = await store.db
    .selectFrom("flows")
    .innerJoin("flow_revisions", (join) =>
      join.onRef("flow_revisions.flow_id", "=", "flows.id").onRef("flow_revisions.revision", "=", "flows.revision"),
    )
    .select(["id", "name", "project_id", "created_by", "created_at", "flows.revision"])
    .select(["task_count", "parties", "saved_by", "saved_at"])
    .orderBy("saved_at", "desc")
    .limit(LISTED_MAX)
    .execute();
  return rows.map((row) => ({ ...flowHeading(row), ...revisionView(row) }));
}

export async function listRevisions(context: NodeContext, id: string): Promise<FlowRevision[]> {
  await keptFlow(context, id);
  const rows = await context.store.db
    .selectFrom("flow_revisions")
    .select(HEADING)
    .where("flow_id", "=", id)
    .orderBy("revision", "desc")
    .execute();
  return rows.map(revisionView);
}

export const flowOf = ({ at }: Kept): Flow => parseDraftFlow(JSON.parse(at.flow));

export function keptFlowView(kept: Kept): KeptFlow {
  const flow = flowOf(kept);
  const places: FlowPlaces = { ...kept.at.places };
  return {
    ...{ ...flowHeading(kept.row), ...revisionView(kept.at), name: flow.name },
    ...{ flow, flowYaml: flowToYaml(flow), places },
  };
}

const flowHeading = (row: Omit<FlowRow, "name_key">) => ({
  id: row.id,
  name: row.name,
  projectId: row.project_id,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
});

const revisionView = (row: Heading) => ({
  revision: row.revision,
  changedBy: row.saved_by,
  changedAt: row.saved_at.toISOString(),
  taskCount: row.task_count,
  parties: [...row.parties],
});
