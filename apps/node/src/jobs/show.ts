/** A job as its people see it: tasks, lanes, meter, consents, and for failures the private part that is theirs. */
import { findComponent } from "@tombolo/components";
import { type Flow, flowEdges, participantsOf } from "@tombolo/scheduler";
import type { jobSummary, logLine, report, stepFigures, taskView } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import type { z } from "zod";
import { orderedTasks } from "../consent/disclosure.ts";
import type { NodeContext } from "../context.ts";
import { originView } from "../flows/origin.ts";
import type { Side } from "../partner/side.ts";
import { loadJson } from "../runner/files.ts";
import type { JobTables } from "../store/tables/jobs.ts";
import { attemptFolder } from "./capability.ts";
import { reusedTask } from "./reuse.ts";
import { type Attempt, attemptsOf, consentsOf, flowOf, type Job, jobById, type Task, tasksOf } from "./rows.ts";
import type { JobView, Lane, MeterRow } from "./views.ts";

type Meter = Selectable<JobTables["meter"]>;
type Summary = z.input<typeof jobSummary>;
type TaskView = z.input<typeof taskView>;

export async function listJobs(side: Side, limit: number, before: string | undefined): Promise<Summary[]> {
  let query = side.store.db.selectFrom("jobs").selectAll().orderBy("created_at", "desc").limit(limit);
  const edge =
    before === undefined
      ? undefined
      : await side.store.db.selectFrom("jobs").select("created_at").where("id", "=", before).executeTakeFirst();
  if (edge !== undefined) query = query.where("created_at", "<", edge.created_at);
  const jobs = await query.execute();
  return Promise.all(jobs.map(async (job) => summaryOf(job, await tasksOf(side, job.id), await meterOf(side, job.id))));
}

export async function showJob(side: Side, id: string): Promise<JobView> {
  const job = await jobById(side, id);
  const [tasks, attempts, meter] = await Promise.all([tasksOf(side, id), attemptsOf(side, id), meterOf(side, id)]);
  const flow = flowOf(job);
  const names = orderedTasks(flow).map(([name]) => name);
  const ordered = [...tasks].sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  return {
    ...summaryOf(job, tasks, meter),
    flow: job.document.flow,
    flowYaml: job.flow_yaml,
    consentHash: job.consent_hash,
    consents: await consentViews(side, job),
    disclosure: job.document.disclosure.map((item) => ({ ...item, text: { ...item.text } })),
    tasks: ordered.map((task) => viewTask(side, job, flow, task, attempts)),
    edges: flowEdges(flow).map(({ from, to, port }) => ({ from, to, port })),
    meter: meterRows(flow, meter),
    attemptOf: null,
    keptFlow: await originView(side, job),
  };
}

function summaryOf(job: Job, tasks: readonly Task[], meter: readonly Meter[]): Summary {
  const bytes = (direction: "out" | "in"): number =>
    meter.reduce((sum, row) => (row.direction === direction ? sum + row.bytes : sum), 0);
  return {
    id: job.id,
    name: job.name,
    projectId: job.project_id,
    initiator: job.initiator,
    parties: job.document.parties.map(({ party, role }) => ({ party, role })),
    status: job.status,
    createdBy: job.created_by,
    createdAt: job.created_at.toISOString(),
    startedAt: job.started_at?.toISOString() ?? null,
    endedAt: job.ended_at?.toISOString() ?? null,
    progress: tasks.length === 0 ? 0 : tasks.filter(({ status }) => status === "SUCCESS").length / tasks.length,
    bytesOut: bytes("out"),
    bytesIn: bytes("in"),
    failure: job.failure,
  };
}

async function consentViews(side: Side, job: Job): Promise<JobView["consents"]> {
  const given = new Map((await consentsOf(side, job.id)).map((row) => [row.party, row]));
  const expired = Date.parse(job.document.expiresAt) <= side.clock.now().getTime();
  return job.document.parties.map(({ party }) => {
    const row = given.get(party);
    const undecided = expired ? "EXPIRED" : job.status === "PENDING" ? "WAITING" : "WITHDRAWN";
    if (row === undefined) return { party, status: undecided, by: null, at: null, reason: null };
    return { party, status: row.decision, by: row.by, at: row.at.toISOString(), reason: row.reason };
  });
}

function viewTask(side: Side, job: Job, flow: Flow, task: Task, attempts: readonly Attempt[]): TaskView {
  const definition = flow.tasks[task.name]!;
  const component = findComponent(definition.component);
  const own = attempts
    .filter((each) => each.task === task.name && each.status === "SUCCESS")
    .sort((a, b) => b.attempt - a.attempt)[0];
  return {
    name: task.name,
    component: definition.component,
    title: component?.title ?? { en: definition.component, zh: definition.component },
    status: task.status,
    attempt: task.attempt,
    parties: participantsOf(flow, definition).map(({ party }) => party),
    lanes: lanesOf(side, job, flow, task),
    startedAt: task.started_at?.toISOString() ?? null,
    endedAt: task.ended_at?.toISOString() ?? null,
    failure: task.failure,
    outputs: (own?.outputs ?? []).map(({ port, kind, rows }) => ({
      port,
      kind,
      rows,
      ref:
        kind === "model"
          ? `${reusedTask(job, task.name)?.jobId ?? job.id}.${task.name}`
          : `${job.id}/${task.name}/${port}`,
    })),
    reused: task.reused,
  };
}

/** Every participant has a lane from the start; the own one is live. */
function lanesOf(side: Side, job: Job, flow: Flow, task: Task): Lane[] {
  const live = side.driver.attempts.live(job.id, task.name);
  return participantsOf(flow, flow.tasks[task.name]!).map(({ party }) => {
    if (party === side.config.party && live !== undefined && task.status === "RUNNING") return live.lane("RUNNING");
    return task.lanes.find((lane) => lane.party === party) ?? emptyLane(party, task.status);
  });
}

const emptyLane = (party: string, status: Task["status"]): Lane => ({
  party,
  status,
  stage: null,
  done: null,
  total: null,
  rows: null,
  round: null,
  bytesOut: 0,
  bytesIn: 0,
  etaSeconds: null,
});

const meterOf = ({ store }: NodeContext, job: string): Promise<Meter[]> =>
  store.db.selectFrom("meter").selectAll().where("job_id", "=", job).execute();

/** Attempts of a task summed: what left the house, left it. */
function meterRows(flow: Flow, meter: readonly Meter[]): MeterRow[] {
  const rows = new Map<string, MeterRow>();
  for (const { task, partner, name, direction, messages, bytes } of meter) {
    const key = [task, partner, name, direction].join("\n");
    const before = rows.get(key);
    const table = findComponent(flow.tasks[task]?.component ?? "")?.protocol?.messages;
    const means = table?.[name]?.means ?? { en: name, zh: name };
    rows.set(key, {
      task,
      partner,
      name,
      means,
      direction,
      messages: messages + (before?.messages ?? 0),
      bytes: bytes + (before?.bytes ?? 0),
    });
  }
  return [...rows.values()];
}

export async function jobLogs(side: Side, id: string, task: string | undefined): Promise<z.input<typeof logLine>[]> {
  await jobById(side, id);
  let query = side.store.db.selectFrom("job_logs").selectAll().where("job_id", "=", id).orderBy("id").limit(5000);
  if (task !== undefined) query = query.where("task", "=", task);
  const rows = await query.execute();
  return rows.map(({ at, task: of, level, message }) => ({
    at: at.toISOString(),
    party: side.config.party,
    task: of,
    level,
    message,
  }));
}

/** Of the attempt that runs; none where nothing does. */
export async function taskFigures(side: Side, id: string, task: string): Promise<z.input<typeof stepFigures>[]> {
  await jobById(side, id);
  const figures = side.driver.attempts.live(id, task)?.figures ?? [];
  return figures.map(({ step, values }) => ({ step, values: { ...values } }));
}

export async function jobReports(side: Side, id: string): Promise<z.input<typeof report>[]> {
  await jobById(side, id);
  const latest = new Map<string, Attempt>();
  for (const row of await attemptsOf(side, id))
    if (row.status === "SUCCESS" && row.attempt > (latest.get(row.task)?.attempt ?? 0)) latest.set(row.task, row);
  const found = [...latest.values()].flatMap((row) =>
    row.outputs.filter(({ kind }) => kind === "report").map((output) => ({ row, output })),
  );
  return Promise.all(
    found.map(async ({ row, output }) => ({
      task: row.task,
      port: output.port,
      kind: output.report?.kind ?? "report",
      title: output.report?.title ?? { en: output.port, zh: output.port },
      data: await loadJson(`${attemptFolder(side, id, row.task, row.attempt)}/${output.file}`),
    })),
  );
}
