/**
 * After a restore, before the node meets anybody: what may have been revoked, withdrawn or ended since the backup waits for a person. Own
 * grants, schedules and contracts do, each in the state that waits for a yes; own permits of models are withdrawn, sessions and open jobs end.
 * Keys of the API, people and services are left as they were. A mark lies in the data directory before it appears, so that neither a crash
 * nor a database that is restored later goes round it.
 */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { type NodeContext, systemActor } from "../context.ts";
import { failureOf } from "../jobs/rows.ts";
import { holdAllSchedules } from "../schedules/hold.ts";
import { toJson } from "../store/columns.ts";

/** What waits for a person now. */
export interface Settled {
  /** Own grants, for an approver. */
  readonly grants: readonly string[];
  /** For an approver other than who asked. */
  readonly schedules: readonly string[];
  /** Parties whose fingerprint has to be confirmed again. */
  readonly contracts: readonly string[];
}

const markOf = (root: string): string => join(root, "restored");

/** `at`: ISO time of the backup. */
export const markRestored = (root: string, at: string): Promise<void> =>
  writeFile(markOf(root), at, { mode: 0o600, flush: true });

/** Does nothing where nothing was restored. */
export async function settleRestored(context: NodeContext): Promise<Settled> {
  const mark = markOf(context.paths.root);
  if (!existsSync(mark)) return { grants: [], schedules: [], contracts: [] };
  const at = await readFile(mark, "utf8");
  const { store, journal } = context;
  const settled = await store.transaction(async () => {
    await endWhatWasOpen(context);
    const reason = `the node was restored from a backup of ${at}`;
    const { grants, permits } = await withholdOwnData(context, reason);
    const schedules = await holdAllSchedules(context, reason);
    const contracts = await askContractsAnew(context);
    await journal.append(
      "node.restored",
      systemActor,
      { en: `Restored from a backup of ${at}`, zh: `已从 ${at} 的备份恢复` },
      { suspended: grants, withdrawn: permits, held: schedules, unconfirmed: contracts },
    );
    return { grants, schedules, contracts };
  });
  await rm(mark);
  return settled;
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
async function withholdOwnData({ store, config }: NodeContext, reason: string) {
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

/** One that ended since is not in force again until a person here compares and confirms. The partner's own yes is the partner's. */
async function askContractsAnew({ store }: NodeContext): Promise<string[]> {
  const contracts = await store.db
    .updateTable("contracts")
    .set({ status: "APPLIED", own_confirmed: false })
    .where("status", "in", ["APPLIED", "APPROVED"])
    .returning("party_id")
    .execute();
  return contracts.flatMap(({ party_id: party }) => party ?? []).sort();
}
