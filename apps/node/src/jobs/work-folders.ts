/** What tasks keep on disk from one attempt to the next has no use once their job is over. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { NodeContext } from "../context.ts";
import { workFolderOf } from "../runner/work-folder.ts";
import { ENDED } from "./views.ts";

/** Never rejects: what cannot be removed now is in the job's own folder, or in the online store until the next start. */
export async function clearWork(side: Pick<NodeContext, "paths" | "onlineStore" | "log">, job: string): Promise<void> {
  await side.onlineStore
    ?.remove(job)
    .catch((error: unknown) => side.log.warn({ err: error, job }, "served rows are left in the online store"));
  const folder = join(side.paths.tasks, job);
  const tasks = await readdir(folder).catch(() => []);
  for (const task of tasks)
    await rm(workFolderOf(join(folder, task)), { recursive: true, force: true }).catch(() => {});
}

/** At a start: of jobs whose end a crash cut off before their folders were cleared. Keys of catalogues are among it. */
export async function sweepWork(context: NodeContext): Promise<void> {
  const jobs = await readdir(context.paths.tasks).catch(() => []);
  const open = await context.store.db
    .selectFrom("jobs")
    .select("id")
    .where("status", "not in", [...ENDED])
    .execute();
  const kept = new Set(open.map(({ id }) => id));
  const served = (await context.onlineStore?.jobs().catch(() => [])) ?? [];
  for (const job of new Set([...jobs, ...served])) if (!kept.has(job)) await clearWork(context, job);
}
