/** Schedules that somebody else than their asker stopped: only an approver lets them go on. */
import { flowSchema } from "@tombolo/scheduler";
import { type NodeContext, systemActor } from "../context.ts";

/** Part of the transaction that ends the contract: a new one may come with other keys and another understanding. */
export async function holdSchedulesWith(context: NodeContext, party: string, reason: string): Promise<void> {
  const active = await context.store.db.selectFrom("schedules").selectAll().where("status", "=", "ACTIVE").execute();
  for (const { id, name, flow } of active) {
    if (!flowSchema.parse(flow).parties.some((each) => each.party === party)) continue;
    await context.store.db
      .updateTable("schedules")
      .set({ status: "PAUSED", held: true, next_run_at: null, reason })
      .where("id", "=", id)
      .execute();
    await context.journal.append(
      "schedule.paused",
      systemActor,
      { en: `Paused the schedule ${name}: ${reason}`, zh: `暂停定时作业 ${name}：${reason}` },
      { schedule: id, partner: party },
    );
    context.store.afterCommit(() => context.events.publish({ kind: "schedule", id, data: null }));
  }
}
