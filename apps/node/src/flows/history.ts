/** The last revisions of a kept flow: as many as fit in a number and a size, saves of one go counted once. */
import type { Flow } from "@tombolo/scheduler";
import type { FlowPlaces } from "@tombolo/sdk";
import { sql } from "kysely";
import type { Actor, NodeContext } from "../context.ts";
import { toJson } from "../store/columns.ts";
import type { Kept } from "./rows.ts";

export const REVISIONS_MAX = 50;
export const HISTORY_LENGTH_MAX = 4_000_000;
/** Saves that follow each other by themselves while a person draws are one revision for so long. */
export const ONE_GO_MS = 10 * 60_000;

interface NewRevision {
  readonly id: string;
  readonly revision: number;
  readonly flow: Flow;
  readonly places: FlowPlaces;
  /** The revision before, if it was saved in the same go. */
  readonly goesOn?: Kept["at"];
}

/** Part of the transaction that saves. */
export async function addRevision(context: NodeContext, actor: Actor, next: NewRevision): Promise<void> {
  const { db } = context.store;
  const now = context.clock.now();
  const { id, revision, flow, places, goesOn } = next;
  const before = goesOn !== undefined && isOneGo(goesOn, actor, now) ? goesOn : undefined;
  if (before !== undefined)
    await db.deleteFrom("flow_revisions").where("flow_id", "=", id).where("revision", "=", before.revision).execute();
  await db
    .insertInto("flow_revisions")
    .values({
      ...{ flow_id: id, revision, flow: toJson(flow), places: toJson(places) },
      ...{ task_count: Object.keys(flow.tasks).length, parties: toJson(flow.parties.map(({ party }) => party)) },
      ...{ saved_by: actor.name, saved_by_id: actor.id, saved_at: now, begun_at: before?.begun_at ?? now },
    })
    .execute();
  await prune(context, id);
}

const isOneGo = (before: Kept["at"], actor: Actor, now: Date): boolean =>
  before.saved_by_id === actor.id && now.getTime() - before.begun_at.getTime() < ONE_GO_MS;

/** The oldest go first; the last stays whatever its size. */
async function prune({ store }: NodeContext, id: string): Promise<void> {
  const kept = await store.db
    .selectFrom("flow_revisions")
    .select(["revision", sql<number>`length(flow) + length(places::text)`.as("size")])
    .where("flow_id", "=", id)
    .orderBy("revision", "desc")
    .execute();
  let size = 0;
  const beyond = kept.find((each, i) => {
    size += Number(each.size);
    return i > 0 && (i >= REVISIONS_MAX || size > HISTORY_LENGTH_MAX);
  });
  if (beyond === undefined) return;
  await store.db
    .deleteFrom("flow_revisions")
    .where("flow_id", "=", id)
    .where("revision", "<=", beyond.revision)
    .execute();
}
