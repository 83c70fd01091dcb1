/** Schedules in the store, and as the API shows them. */
import { createHash } from "node:crypto";
import { canonicalJson, concat, TomboloError, toHex, utf8 } from "@tombolo/base";
import { flowSchema, flowToYaml } from "@tombolo/scheduler";
import type { Schedule as ScheduleView } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import { asJson, type ConsentParty } from "../consent/document.ts";
import type { NodeContext } from "../context.ts";
import { derivedParts, type PlannedFlow } from "../jobs/plan.ts";
import type { ScheduleTables } from "../store/tables/schedules.ts";

export type Schedule = Selectable<ScheduleTables["schedules"]>;

const LABEL = "tombolo/schedule/v1";
/** Shown of each schedule's history. */
const RUNS_SHOWN = 50;

/** What an own approver says yes to. Grants may be renewed between runs; what is learnt, and from what, may not change. */
export const scheduleHash = (
  plan: Omit<PlannedFlow, "flowYaml" | "receivers">,
  parties: readonly ConsentParty[],
  when: Pick<Schedule, "project_id" | "cron" | "time_zone" | "until">,
): string => {
  const { flow, disclosure, components, models } = plan;
  const datasets = plan.datasets.map(({ grantId: _renewable, ...fixed }) => fixed);
  const { project_id, cron, time_zone, until } = when;
  const value = asJson({ flow, disclosure, components, models, datasets, parties, project_id, cron, time_zone, until });
  return toHex(
    createHash("sha256")
      .update(concat(utf8(LABEL), new Uint8Array(1), canonicalJson(value)))
      .digest(),
  );
};

export async function scheduleById({ store }: NodeContext, id: string): Promise<Schedule> {
  const row = await store.db.selectFrom("schedules").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw new TomboloError("state.unknown", "there is no such schedule");
  return row;
}

export const listSchedules = ({ store }: NodeContext): Promise<Schedule[]> =>
  store.db.selectFrom("schedules").selectAll().orderBy("created_at", "desc").limit(500).execute();

export async function scheduleView(context: NodeContext, row: Schedule): Promise<ScheduleView> {
  const flow = flowSchema.parse(row.flow);
  const runs = await context.store.db
    .selectFrom("schedule_runs")
    .leftJoin("jobs", "jobs.id", "schedule_runs.job_id")
    .select([
      "schedule_runs.due_at",
      "schedule_runs.job_id",
      "schedule_runs.failure",
      "jobs.status",
      "jobs.failure as why",
    ])
    .where("schedule_id", "=", row.id)
    .orderBy("due_at", "desc")
    .limit(RUNS_SHOWN)
    .execute();
  return {
    id: row.id,
    name: row.name,
    projectId: row.project_id,
    status: row.status,
    cron: row.cron,
    timeZone: row.time_zone,
    until: row.until.toISOString(),
    nextRunAt: row.status === "ACTIVE" ? (row.next_run_at?.toISOString() ?? null) : null,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    approvedBy: row.approved_by,
    reason: row.reason,
    parties: flow.parties.map(({ party, role }) => ({ party, role })),
    flow: row.flow,
    flowYaml: flowToYaml(flow),
    disclosure: derivedParts(flow).disclosure.map((item) => ({ ...item, text: { ...item.text } })),
    runs: runs.map((run) => ({
      dueAt: run.due_at.toISOString(),
      jobId: run.job_id,
      jobStatus: run.status,
      failure: run.failure ?? run.why,
    })),
  };
}

export const scheduleChanged = (context: NodeContext, id: string): void =>
  context.store.afterCommit(() => context.events.publish({ kind: "schedule", id, data: null }));
