/**
 * After a restore: what others may do with own data only because something was forgotten is stopped, before the node meets anybody. Written
 * down as a mark in the data directory first, so that neither a crash nor a database that is restored later goes round it.
 */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { type NodeContext, systemActor } from "../context.ts";
import { failureOf } from "../jobs/rows.ts";
import { toJson } from "../store/columns.ts";

const markOf = ({ paths }: NodeContext): string => join(paths.root, "restored");

/** `at`: ISO time of the backup. */
export const markRestored = (context: NodeContext, at: string): Promise<void> =>
  writeFile(markOf(context), at, { mode: 0o600, flush: true });

/** Does nothing where nothing was restored. Answers how many own grants wait for an approver now. */
export async function settleRestored(context: NodeContext): Promise<number> {
  const mark = markOf(context);
  if (!existsSync(mark)) return 0;
  const at = await readFile(mark, "utf8");
  const { store, journal } = context;
  const suspended = await store.transaction(async () => {
    await endWhatWasOpen(context);
    const { grants, permits } = await withholdOwnData(context, at);
    await journal.append(
      "node.restored",
      systemActor,
      { en: `Restored from a backup of ${at}`, zh: `已从 ${at} 的备份恢复` },
      { suspended: grants, withdrawn: permits },
    );
    return grants.length;
  });
  await rm(mark);
  return suspended;
}

/** What went on when the backup was made may have been ended since, by somebody who is not asked again. */
async function endWhatWasOpen({ store, clock, config }: NodeContext): Promise<void> {
  const error = new TomboloError("aborted.restored", "the node was restored from a backup", {
    blame: config.party,
    remedy: "Submit the flow again.",
  });
  await store.db.deleteFrom("sessions").execute();
  await store.db
    .updateTable("jobs")
    .set({ status: "FAILED", failure: toJson(failureOf(error, config.party, null)), ended_at: clock.now() })
    .where("status", "in", ["PENDING", "READY", "RUNNING"])
    .execute();
}

/** Own grants and permits may have been revoked since the backup. Partners' are theirs to enforce. */
async function withholdOwnData({ store, config }: NodeContext, at: string) {
  const reason = `the node was restored from a backup of ${at}`;
  const grants = await store.db
    .updateTable("grants")
    .set({ status: "SUSPENDED", reason })
    .where("owner", "=", config.party)
    .where("status", "=", "ACTIVE")
    .returning("id")
    .execute();
  const permits = await store.db
    .updateTable("model_permits")
    .set({ status: "WITHDRAWN", reason })
    .where("status", "=", "ACTIVE")
    .returning("id")
    .execute();
  return { grants: grants.map(({ id }) => id), permits: permits.map(({ id }) => id) };
}
