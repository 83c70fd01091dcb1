/**
 * Flows kept at the node (decision 0176): what the canvas draws and the command line pulls and pushes. A kept flow is a draft:
 * a document of the right shape and size that need not be sound, read by nobody but this party's people, and checked like
 * any other when a job is asked for. A save names the revision it began from, so that nobody overwrites unseen what another saved.
 */
import { TomboloError } from "@tombolo/base";
import { FLOW_TEXT_LENGTH_MAX, type Flow, parseDraftFlow } from "@tombolo/scheduler";
import type { FlowPlaces, newKeptFlow, savedFlow } from "@tombolo/sdk";
import type { z } from "zod";
import type { Actor, NodeContext } from "../context.ts";
import { projectById } from "../grants/projects.ts";
import { newId } from "../partner/ids.ts";
import { addRevision } from "./history.ts";
import { flowOf, type Kept, keptFlow } from "./rows.ts";

const FLOWS_MAX = 500;

export async function createFlow(
  context: NodeContext,
  actor: Actor,
  input: z.output<typeof newKeptFlow>,
): Promise<Kept> {
  const flow = draftOf(input.flow);
  const id = newId("flow");
  await wantProject(context, input.projectId);
  await context.store.transaction(async (tx) => {
    await refuseTooMany(context);
    const added = await tx
      .insertInto("flows")
      .values({
        ...{ id, ...naming(flow), project_id: input.projectId, revision: 1 },
        ...{ created_by: actor.name, created_at: context.clock.now() },
      })
      .onConflict((conflict) => conflict.column("name_key").doNothing())
      .executeTakeFirst();
    if (Number(added.numInsertedOrUpdatedRows ?? 0) === 0) throw nameTaken(flow.name);
    await addRevision(context, actor, { id, revision: 1, flow, places: placesOf(flow, input.places) });
    changed(context, id);
  });
  return keptFlow(context, id);
}

/** What is as it was is not saved again, whatever revision it began from: a repeated save changes nothing. */
export async function saveFlow(
  context: NodeContext,
  actor: Actor,
  id: string,
  { base, goesOn, ...input }: z.output<typeof savedFlow>,
): Promise<Kept> {
  const flow = draftOf(input.flow);
  await context.store.transaction(async (tx) => {
    const kept = await keptFlow(context, id);
    const projectId = input.projectId === undefined ? kept.row.project_id : input.projectId;
    const places = placesOf(flow, input.places ?? kept.at.places);
    if (isSame(kept, { flow, places, projectId })) return;
    if (kept.row.revision !== base) throw flowChanged(kept);
    if (projectId !== kept.row.project_id) await wantProject(context, projectId);
    await wantName(context, id, flow.name);
    const revision = base + 1;
    const saved = await tx
      .updateTable("flows")
      .set({ ...naming(flow), project_id: projectId, revision })
      .where("id", "=", id)
      .where("revision", "=", base)
      .executeTakeFirst();
    // Another process of this party was first.
    if (saved.numUpdatedRows === 0n) throw flowChanged(await keptFlow(context, id));
    await addRevision(context, actor, { id, revision, flow, places, ...(goesOn ? { goesOn: kept.at } : {}) });
    changed(context, id);
  });
  return keptFlow(context, id);
}

/** `revision`: what was last seen, so that nobody deletes what another has just saved. */
export async function deleteFlow(context: NodeContext, id: string, revision: number): Promise<void> {
  await context.store.transaction(async (tx) => {
    const kept = await keptFlow(context, id);
    const gone = await tx.deleteFrom("flows").where("id", "=", id).where("revision", "=", revision).executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw flowChanged(kept);
    changed(context, id);
  });
}

/** Throws `input.flow` unless it is a flow's document; one without tasks is. */
function draftOf(source: unknown): Flow {
  const flow = parseDraftFlow(source);
  if (JSON.stringify(flow).length > FLOW_TEXT_LENGTH_MAX)
    throw new TomboloError("input.flow", `the flow is longer than ${FLOW_TEXT_LENGTH_MAX} characters`, {
      remedy: "Take long lists out of its parameters.",
    });
  return { ...flow, name: flow.name.trim() };
}

const naming = ({ name }: Flow) => ({ name, name_key: nameKey(name) });
/** Letters of another case or width are no other name. */
const nameKey = (name: string): string => name.normalize("NFKC").trim().toLowerCase();

const placesOf = ({ tasks }: Flow, places: FlowPlaces): FlowPlaces =>
  Object.fromEntries(Object.entries(places).filter(([task]) => Object.hasOwn(tasks, task)));

interface Content {
  readonly flow: Flow;
  readonly places: FlowPlaces;
  readonly projectId: string | null;
}

function isSame(kept: Kept, { flow, places, projectId }: Content): boolean {
  const spots = (of: FlowPlaces): string =>
    JSON.stringify(
      Object.entries(of)
        .map(([task, { x, y }]) => [task, x, y])
        .sort(),
    );
  return (
    kept.row.project_id === projectId &&
    JSON.stringify(flowOf(kept)) === JSON.stringify(flow) &&
    spots(kept.at.places) === spots(places)
  );
}

async function wantProject(context: NodeContext, id: string | null): Promise<void> {
  if (id !== null) await projectById(context, id);
}

async function wantName({ store }: NodeContext, id: string, name: string): Promise<void> {
  const other = await store.db
    .selectFrom("flows")
    .select("id")
    .where("name_key", "=", nameKey(name))
    .where("id", "!=", id)
    .executeTakeFirst();
  if (other !== undefined) throw nameTaken(name);
}

const nameTaken = (name: string): TomboloError =>
  new TomboloError("state.flow-name", `another kept flow has the name "${name}"`, { remedy: "Choose another name." });

const flowChanged = ({ row, at }: Kept): TomboloError =>
  new TomboloError(
    "state.flow-changed",
    `${at.saved_by} has saved revision ${row.revision} of "${row.name}" at ${at.saved_at.toISOString()}`,
    { remedy: "Look at that revision; then go on from it, keep yours as a new flow, or save yours over it." },
  );

async function refuseTooMany({ store }: NodeContext): Promise<void> {
  const { count } = await store.db
    .selectFrom("flows")
    .select((row) => row.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  if (Number(count) >= FLOWS_MAX)
    throw new TomboloError("resource.flows", `${FLOWS_MAX} flows are kept already`, {
      remedy: "Delete those that nobody needs.",
    });
}

const changed = (context: NodeContext, id: string): void =>
  context.store.afterCommit(() => context.events.publish({ kind: "flow", id, data: null }));
