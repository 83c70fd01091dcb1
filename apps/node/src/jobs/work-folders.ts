/** What tasks keep on disk from one attempt to the next has no use once their job is over. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Side } from "../partner/side.ts";
import { workFolderOf } from "../runner/work-folder.ts";

/** Never rejects: what cannot be removed now is in the job's own folder. */
export async function clearWork(side: Side, job: string): Promise<void> {
  const folder = join(side.paths.tasks, job);
  const tasks = await readdir(folder).catch(() => []);
  for (const task of tasks)
    await rm(workFolderOf(join(folder, task)), { recursive: true, force: true }).catch(() => {});
}
