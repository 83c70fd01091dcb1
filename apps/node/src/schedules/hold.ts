/** Schedules that somebody else than their asker stopped: only an approver lets them go on. */
import { flowSchema } from "@tombolo/scheduler";
import { type NodeContext, systemActor } from "../context.ts";
import { type Schedule, scheduleChanged } from "./rows.ts";

/** Part of the transaction that ends the contract: a new one may come with other keys and another understanding. */
export async function holdSchedulesWith(context: NodeContext, party: string, reason: string): Promise<void> {
  const active = await context.store.db.selectFrom("schedules").selectAll().where("status", "=", "ACTIVE").execute();
  for (const each of active) {
    const isTheirs = flowSchema.parse(each.flow).parties.some((member) => member.party === party);
    if (isTheirs) await hold(context, each, reason, { partner: party });
  }
}

/** Part of a transaction. Those that their asker paused too: who asked could let them go on alone. Answers their ids. */
export async function holdAllSchedules(context: NodeContext, reason: string): Promise<string[]> {
  const all = await context.store.db
    .selectFrom("schedules")
    .selectAll()
    .where("status", "in", ["ACTIVE", "PAUSED"])
    .where("held", "=", false)
    .execute();
  for (const each of all) await hold(context, each, reason, {});
  return all.map(({ id }) => id);
}

async function hold(
  context: NodeContext,
  { id, name }: Pick<Schedule, "id" | "name">,
  reason: string,
  detail: { readonly partner?: string },
): Promise<void> {
  await context.store.db
    .updateTable("schedules")
    .set({ status: "PAUSED", held: true, next_run_at: null, reason })
    .where("id", "=", id)
    .execute();
  await context.journal.append(
    "schedule.paused",
    systemActor,
    { en: `Paused the schedule ${name}: ${reason}`, zh: `暂停定时作业 ${name}：${reason}` },
    { schedule: id, ...detail },
  );
  scheduleChanged(context, id);
}
