/** The kept flow behind a job: noted here alone, since kept flows never leave the node and nobody consents to them. */
import { isDeepStrictEqual } from "node:util";
import { type Flow, parseDraftFlow } from "@tombolo/scheduler";
import type { Job, submitJob } from "@tombolo/sdk";
import type { z } from "zod";
import type { NodeContext } from "../context.ts";

export interface FlowOrigin {
  readonly id: string;
  /** Null: what was asked for is not what is kept. */
  readonly revision: number | null;
}

/** Undefined for a flow that is not kept here: a pulled file may outlive it, or come from another party. */
export async function originOf(
  { store: { db } }: NodeContext,
  { keptFlow: named, flow }: Pick<z.output<typeof submitJob>, "keptFlow" | "flow">,
): Promise<FlowOrigin | undefined> {
  if (named === undefined) return undefined;
  const { id } = named;
  const row = await db.selectFrom("flows").select("revision").where("id", "=", id).executeTakeFirst();
  if (row === undefined) return undefined;
  // What was saved in one go has the number of its last save; the one before is gone.
  const held = await db
    .selectFrom("flow_revisions")
    .select(["revision", "flow"])
    .where("flow_id", "=", id)
    .where("revision", "in", [named.revision, row.revision])
    .orderBy("revision")
    .execute();
  const asked = contentOf(flow);
  return { id, revision: held.find((each) => isDeepStrictEqual(contentOf(each.flow), asked))?.revision ?? null };
}

/** Null for what an earlier release kept and this one does not read. */
function contentOf(source: unknown): Flow | null {
  try {
    const flow = parseDraftFlow(source);
    return { ...flow, name: flow.name.trim() };
  } catch {
    return null;
  }
}

/** As the API shows it; null where there is none, or none any more. */
export async function originView(
  { store: { db } }: NodeContext,
  {
    kept_flow: id,
    kept_revision: revision,
  }: { readonly kept_flow: string | null; readonly kept_revision: number | null },
): Promise<Job["keptFlow"]> {
  if (id === null) return null;
  const row = await db.selectFrom("flows").select(["name", "revision"]).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : { id, name: row.name, revision, latest: row.revision };
}
