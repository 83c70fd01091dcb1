/** Catalogues that were brought up to date: a newer version answers in their place. */
import { parseInputRef } from "@tombolo/scheduler";
import { sql } from "kysely";
import { flowOf } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";

/** By version, the one that took its place. */
export async function successors({ store }: Side): Promise<ReadonlyMap<string, string>> {
  const made = await store.db
    .selectFrom("models")
    .innerJoin("jobs", "jobs.id", "models.job_id")
    .select(["models.id", "models.task", "jobs.document"])
    .where(sql<string>`models.summary->>'kind'`, "=", "catalogue")
    .orderBy("models.created_at", "desc")
    .limit(500)
    .execute();
  return new Map(
    made.flatMap(({ id, task, document }): [string, string][] => {
      const previous = flowOf({ document }).tasks[task]?.inputs.previous;
      const ref = previous === undefined ? undefined : parseInputRef(previous);
      return ref?.kind === "model" ? [[ref.modelId, id]] : [];
    }),
  );
}
