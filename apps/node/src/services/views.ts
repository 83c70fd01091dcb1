/** Services as the API shows them. */
import { servedNotes } from "@tombolo/components";
import type { Service, ServiceState, ServiceTraffic } from "@tombolo/sdk";
import { findJob, type Job } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";
import { scoreStability } from "./drift.ts";
import { addCounts, LATENCY_EDGES_MS, quantileOf, sum } from "./figures.ts";
import { MINUTE_MS, totalOf } from "./minutes.ts";
import type { OnlineServices } from "./online.ts";
import { rollOutView } from "./roll-outs.ts";
import { alertsOf, type DeploymentRow, deploymentsOf, type RollOutRow, rollOutsOf, type ServiceRow } from "./rows.ts";

type DeploymentView = Service["deployments"][number];

export async function serviceView(side: Side, online: OnlineServices, row: ServiceRow): Promise<Service> {
  const rows = await deploymentsOf(side, row.name);
  const plans = await rollOutsOf(side, row.name);
  const deployments = await Promise.all(
    rows.map((each) => deploymentView(side, online, row, each, plans.get(each.id))),
  );
  const usage = online.usage(row.name);
  const champion = deployments.find(({ id }) => id === row.champion);
  return {
    name: row.name,
    title: row.title,
    kind: row.kind,
    projectId: row.project_id,
    state: row.stopped_at === null ? (champion?.state ?? "DOWN") : "STOPPED",
    champion: row.champion,
    previous: row.previous,
    deployments,
    limits: row.limits,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    stopped:
      row.stopped_at === null
        ? null
        : { at: row.stopped_at.toISOString(), by: row.stopped_by ?? "", reason: row.reason ?? "" },
    today: await todayOf(side, rows),
    callers: usage.today.map(({ caller, name, rows: used }) => ({
      ...{ id: caller, caller: name, rows: used },
      rowsPerDay: usage.quotaOfId(caller),
    })),
    alerts: (await alertsOf(side, row.name)).map(({ id, deployment, about, index, limit, at, ended_at }) => ({
      ...{ id, deployment, about, index, limit },
      at: at.toISOString(),
      endedAt: ended_at?.toISOString() ?? null,
    })),
  };
}

async function deploymentView(
  side: Side,
  online: OnlineServices,
  service: ServiceRow,
  stored: DeploymentRow,
  plan: RollOutRow | undefined,
): Promise<DeploymentView> {
  const live = online.deployment(stored.service, stored.id);
  const row = live?.row ?? stored;
  const job = await findJob(side, row.job_id);
  const model = await side.store.db
    .selectFrom("models")
    .select("name")
    .where("id", "=", row.model_id)
    .executeTakeFirst();
  return {
    id: row.id,
    jobId: row.job_id,
    jobStatus: job?.status ?? "FAILED",
    modelId: row.model_id,
    modelName: model?.name ?? row.model_id,
    role: row.role,
    share: row.share,
    state: stateOf(job, live?.isUp === true),
    failure: job?.failure ?? null,
    absent: job?.status === "RUNNING" ? await absentFrom(side, row) : [],
    until: row.until.toISOString(),
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    scores: { ...(await scoreStability(side, row)), reference: row.reference?.from ?? null },
    inputs: live?.inputs.stability ?? [],
    notes: servedNotes(side.driver.attempts.observed(row.job_id, row.task) ?? {}),
    rollOut: await rollOutView(side, service, live, plan),
    performance: await online.traces.performance(row.id),
  };
}

/** Whose part of the serving task was not heard to serve. */
async function absentFrom(side: Side, { job_id, task }: DeploymentRow): Promise<string[]> {
  const found = await side.store.db
    .selectFrom("tasks")
    .select("lanes")
    .where("job_id", "=", job_id)
    .where("name", "=", task)
    .executeTakeFirst();
  return (found?.lanes ?? []).flatMap(({ party, stage }) =>
    party === side.config.party || stage === "serving" ? [] : [party],
  );
}

export function stateOf(job: Pick<Job, "status"> | undefined, isUp: boolean): ServiceState {
  if (job === undefined) return "DOWN";
  if (job.status === "PENDING") return "WAITING";
  if (job.status === "READY" || job.status === "RUNNING") return isUp ? "UP" : "STARTING";
  return job.status === "SUCCESS" || job.status === "CANCELLED" ? "STOPPED" : "DOWN";
}

async function todayOf(side: Side, deployments: readonly DeploymentRow[]): Promise<Service["today"]> {
  const midnight = new Date(`${side.clock.now().toISOString().slice(0, 10)}T00:00:00Z`);
  const { calls, rows, refused } = totalOf(await minutesOf(side, deployments, midnight));
  return { calls, rows, errors: refused };
}

const minutesOf = (side: Side, deployments: readonly DeploymentRow[], since: Date) =>
  side.store.db
    .selectFrom("service_minutes")
    .selectAll()
    .where(
      "deployment",
      "in",
      deployments.map(({ id }) => id),
    )
    .where("at", ">=", since)
    .orderBy("at")
    .execute();

/** Whole minutes, the present one as far as it was written. */
export async function trafficView(
  side: Side,
  online: OnlineServices,
  service: string,
  minutes: number,
): Promise<ServiceTraffic> {
  const deployments = await deploymentsOf(side, service);
  const since = new Date(Math.floor(side.clock.now().getTime() / MINUTE_MS - minutes + 1) * MINUTE_MS);
  const rows = await minutesOf(side, deployments, since);
  return {
    latencyEdgesMs: [...LATENCY_EDGES_MS],
    minutes: rows.map(({ at, latency, scores: _shownBelow, ...counts }) => ({
      ...counts,
      at: at.toISOString(),
      errors: { ...counts.errors },
      policies: { ...counts.policies },
      latency: [...latency],
      p50Ms: quantileOf(LATENCY_EDGES_MS, latency, 0.5),
      p99Ms: quantileOf(LATENCY_EDGES_MS, latency, 0.99),
    })),
    scores: deployments.flatMap((stored) => {
      const { reference } = online.deployment(service, stored.id)?.row ?? stored;
      if (reference === null) return [];
      const seen = reference.counts.map(() => 0);
      for (const each of rows) if (each.deployment === stored.id) addCounts(seen, each.scores);
      const total = sum(reference.counts);
      return {
        deployment: stored.id,
        edges: [...reference.edges],
        seen,
        reference: reference.counts.map((count) => count / total),
      };
    }),
  };
}
