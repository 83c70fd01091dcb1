/** Components, flows, jobs and what they left. */
import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { describeComponent, jointModelFlow, registry, scoreFlow, trainedColumns } from "@tombolo/components";
import { exportTable } from "@tombolo/datasets";
import { flowToYaml } from "@tombolo/scheduler";
import type { flowCheck } from "@tombolo/sdk";
import type { z } from "zod";
import { submitJob } from "../jobs/audit.ts";
import { attemptFolder } from "../jobs/capability.ts";
import { checkFlow } from "../jobs/plan.ts";
import { attemptsOf, flowOf, type Job, jobById } from "../jobs/rows.ts";
import { jobLogs, jobReports, listJobs, showJob } from "../jobs/show.ts";
import { newId } from "../partner/ids.ts";
import type { Services } from "../partner/services.ts";
import type { Side } from "../partner/side.ts";
import type { Caller, FileReply, Handlers } from "./handlers.ts";

type Names =
  | "listComponents"
  | "checkFlow"
  | "jointModelFlow"
  | "scoreFlow"
  | "listJobs"
  | "submitJob"
  | "getJob"
  | "cancelJob"
  | "rerunJob"
  | "jobLogs"
  | "jobReports"
  | "taskOutput";

export const jobsApi = ({ side }: Services): Handlers<Names> => ({
  listComponents: async () => ({ items: [...registry.values()].map(describeComponent) }),
  checkFlow: ({ body }) => check(side, body.projectId, body.flow),
  jointModelFlow: ({ body }) => check(side, body.projectId, jointModelFlow(body, side.config.party)),
  scoreFlow: async ({ body }) => {
    const { job, task } = await originOf(side, body.modelId);
    const columns = trainedColumns(flowOf(job), task);
    // Scoring goes on in the project the model was made in.
    return check(side, job.project_id, scoreFlow(body, side.config.party, columns));
  },
  listJobs: async ({ query }) => ({ items: await listJobs(side, query.limit, query.before) }),
  submitJob: async ({ body, actor }) => showJob(side, (await submitJob(side, actor, body)).id),
  getJob: ({ params }) => showJob(side, params.id),
  cancelJob: async ({ params, body, actor }) => {
    await side.driver.cancel(actor, params.id, body.reason);
    return showJob(side, params.id);
  },
  rerunJob: async ({ params, actor }) => {
    await side.driver.rerun(actor, params.id);
    return showJob(side, params.id);
  },
  jobLogs: async ({ params, query }) => ({ items: await jobLogs(side, params.id, query.task) }),
  jobReports: async ({ params }) => ({ items: await jobReports(side, params.id) }),
  taskOutput: ({ params, query, actor }) => download(side, actor, params, query.format),
});

async function check(side: Side, projectId: string, source: unknown): Promise<z.input<typeof flowCheck>> {
  const checked = await checkFlow(side, projectId, source);
  const plan = checked.plan;
  const flow = checked.ok ? checked.plan.flow : checked.flow;
  const standing = checked.ok
    ? new Set(checked.grants.filter(({ terms }) => terms.standing).map(({ owner }) => owner))
    : new Set<string>();
  return {
    ok: checked.ok,
    problems: checked.ok ? [] : checked.problems.map((problem) => ({ ...problem })),
    flow,
    flowYaml: flow === null ? "" : (plan?.flowYaml ?? flowToYaml(flow)),
    disclosure: (plan?.disclosure ?? []).map((item) => ({ ...item, text: { ...item.text } })),
    waitsFor: (flow?.parties ?? []).map(({ party }) => ({ party, why: whyWaiting(side, party, standing.has(party)) })),
  };
}

function whyWaiting(side: Side, party: string, standing: boolean): { en: string; zh: string } {
  if (party === side.config.party)
    return { en: "An own approver other than the one who asks.", zh: "本方的审批人（不能是申请人本人）。" };
  if (standing) return { en: "A standing grant consents at once.", zh: "常设授权将自动同意。" };
  return { en: `An approver of ${party}.`, zh: `${party} 的审批人。` };
}

async function originOf(side: Side, modelId: string): Promise<{ job: Job; task: string }> {
  const model = await side.store.db
    .selectFrom("models")
    .select(["job_id", "task"])
    .where("id", "=", modelId)
    .executeTakeFirst();
  if (model === undefined)
    throw new TomboloError("input.model", "there is no such model here", { remedy: "See the list of models." });
  return { job: await jobById(side, model.job_id), task: model.task };
}

/** An own output table. Rows leave the node's care here, so it is journalled. */
async function download(
  side: Side,
  actor: Caller,
  { id, task, port }: { id: string; task: string; port: string },
  format: "csv" | "parquet",
): Promise<FileReply> {
  const job = await jobById(side, id);
  const done = (await attemptsOf(side, id)).filter((each) => each.task === task && each.status === "SUCCESS");
  const latest = done.sort((a, b) => b.attempt - a.attempt)[0];
  const output = latest?.outputs.find((each) => each.port === port && each.kind === "table");
  if (latest === undefined || output === undefined)
    throw new TomboloError("state.unknown", "this task left no such table here");
  await side.journal.append(
    "output.downloaded",
    actor,
    { en: `Downloaded ${task}.${port} of the job ${job.name}`, zh: `下载作业 ${job.name} 的输出 ${task}.${port}` },
    { job: id, task, port, format, digest: output.digest },
  );
  const source = join(attemptFolder(side, id, task, latest.attempt), output.file);
  const filename = `${job.name}-${task}-${port}.${format}`;
  if (format === "parquet")
    return { filename, contentType: "application/vnd.apache.parquet", body: createReadStream(source) };
  await mkdir(side.paths.temporary, { recursive: true, mode: 0o700 });
  const target = join(side.paths.temporary, `${newId("export")}.csv`);
  await exportTable(source, target, "csv");
  const body = createReadStream(target);
  body.once("close", () => void rm(target, { force: true }));
  return { filename, contentType: "text/csv; charset=utf-8", body };
}
