/** Components, flows, jobs and what they left. */
import { createReadStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import {
  describeComponent,
  jointModelFlow,
  MATCH_PROTOCOLS,
  type MatchProtocol,
  type MatchSize,
  matchFlow,
  planAggregate,
  planMatch,
  registry,
  scoreFlow,
} from "@tombolo/components";
import { exportTable, preview } from "@tombolo/datasets";
import { checkFlowShape, flowToYaml, flowUpTo } from "@tombolo/scheduler";
import type { Dataset, flowCheck, submitJob as submitJobBody } from "@tombolo/sdk";
import type { z } from "zod";
import { getDataset, importDataset } from "../datasets/datasets.ts";
import { originOf as flowOriginOf } from "../flows/origin.ts";
import { comesFromRevoked } from "../grants/derivation.ts";
import { submitJob } from "../jobs/audit.ts";
import { attemptFolder } from "../jobs/capability.ts";
import { checkFlow, soundFlow } from "../jobs/plan.ts";
import { plannedReuse } from "../jobs/reuse.ts";
import { attemptsOf, flowOf, type Job, jobById } from "../jobs/rows.ts";
import { jobLogs, jobReports, listJobs, showJob, taskFigures } from "../jobs/show.ts";
import { partnerDatasets } from "../partner/catalogue.ts";
import { newId } from "../partner/ids.ts";
import type { Services } from "../partner/services.ts";
import type { Side } from "../partner/side.ts";
import type { Caller, FileReply, Handlers } from "./handlers.ts";

type Names =
  | "listComponents"
  | "checkFlow"
  | "jointModelFlow"
  | "scoreFlow"
  | "matchFlow"
  | "listJobs"
  | "submitJob"
  | "getJob"
  | "cancelJob"
  | "rerunJob"
  | "jobLogs"
  | "jobReports"
  | "taskFigures"
  | "taskOutput"
  | "previewOutput"
  | "keepOutput";

interface MatchTables {
  readonly guest: { readonly datasetId: string };
  readonly hosts: readonly { readonly partyId: string; readonly datasetId: string }[];
}

interface OutputName {
  readonly id: string;
  readonly task: string;
  readonly port: string;
}

const PREVIEW_ROWS = 50;

export const jobsApi = ({ side }: Services): Handlers<Names> => ({
  listComponents: async () => ({ items: [...registry.values()].map(describeComponent) }),
  checkFlow: ({ body }) => check(side, body.projectId, wanted(body), body.reuse),
  jointModelFlow: ({ body }) => check(side, body.projectId, jointModelFlow(body, side.config.party)),
  matchFlow: async ({ body }) => {
    const security = body.parameters.security === "malicious" ? "malicious" : "semi-honest";
    const suite = body.parameters.suite === "sm2" ? "sm2" : "ristretto255";
    const size = { ...(await matchSize(side, body)), security, suite } as const;
    const named = namedProtocol(body.protocol);
    const { keys } = body.parameters;
    const tried = Array.isArray(keys) ? Math.max(1, keys.length) : 1;
    const plan = body.kind === "rows" ? planMatch({ ...size, keys: tried }, named) : planAggregate(size, body.kind);
    return { ...(await check(side, body.projectId, matchFlow(body, side.config.party, plan.protocol))), plan };
  },
  scoreFlow: async ({ body }) => {
    const { job, task } = await originOf(side, body.modelId);
    // Scoring goes on in the project the model was made in.
    return check(side, job.project_id, scoreFlow(body, side.config.party, flowOf(job), task));
  },
  listJobs: async ({ query }) => ({ items: await listJobs(side, query.limit, query.before) }),
  submitJob: async ({ body, actor }) => {
    const { projectId, message } = body;
    const plan = await soundFlow(side, projectId, wanted(body));
    const reuse = body.reuse === undefined ? [] : await plannedReuse(side, plan, body.reuse);
    const origin = await flowOriginOf(side, body);
    return showJob(side, (await submitJob(side, actor, { projectId, message, plan: { ...plan, reuse }, origin })).id);
  },
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
  taskFigures: async ({ params }) => ({ items: await taskFigures(side, params.id, params.task) }),
  taskOutput: ({ params, query, actor }) => download(side, actor, params, query.format),
  previewOutput: async ({ params }) => {
    const { columns, rows } = await preview((await ownTable(side, params)).file, PREVIEW_ROWS);
    return { columns: [...columns], rows: rows.map((row) => [...row]) };
  },
  keepOutput: ({ params, body, actor, http }) => keep(side, actor, params, body.name, http.signal),
});

/** What this party may know of the sizes: its own, and what partners show in their catalogues. */
async function matchSize(side: Side, { guest, hosts }: MatchTables): Promise<MatchSize> {
  const own = await getDataset(side, guest.datasetId).catch(() => undefined);
  const counts = await Promise.all(
    hosts.map(async ({ partyId, datasetId }) => {
      const listed = await partnerDatasets(side, partyId).catch(() => []);
      return listed.find(({ id }) => id === datasetId)?.rowCount ?? null;
    }),
  );
  const hostRows = counts.reduce((most, each) => (most === null || each === null ? null : Math.max(most, each)), 0);
  return { parties: 1 + hosts.length, guestRows: own?.rowCount ?? null, hostRows };
}

function namedProtocol(name: string): MatchProtocol | null {
  if (name === "auto") return null;
  const known = MATCH_PROTOCOLS.find((each) => each === name);
  if (known !== undefined) return known;
  throw new TomboloError("input.protocol", `there is no matching protocol "${name.slice(0, 40)}"`, {
    remedy: `Choose auto, ${MATCH_PROTOCOLS.join(" or ")}.`,
  });
}

/** The part of the flow that is asked for; the whole of one that cannot be read, for its faults. */
function wanted({ flow, to }: Pick<z.output<typeof submitJobBody>, "flow" | "to">): unknown {
  if (to === undefined) return flow;
  const shape = checkFlowShape(flow);
  return shape.ok ? flowUpTo(shape.flow, to) : flow;
}

export async function check(
  side: Side,
  projectId: string,
  source: unknown,
  reuse?: z.output<typeof submitJobBody>["reuse"],
): Promise<z.input<typeof flowCheck>> {
  const checked = await checkFlow(side, projectId, source);
  const reused = checked.ok && reuse !== undefined ? await plannedReuse(side, checked.plan, reuse) : [];
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
    disclosure: (checked.ok ? checked.plan.disclosure : checked.drawn).map((item) => ({
      ...item,
      text: { ...item.text },
    })),
    reused: reused.map(({ task }) => task),
    waitsFor: (flow?.parties ?? []).map(({ party }) => ({ party, why: whyWaiting(side, party, standing.has(party)) })),
  };
}

function whyWaiting(side: Side, party: string, standing: boolean): { en: string; zh: string } {
  if (party === side.config.party)
    return { en: "An own approver other than the one who asks.", zh: "本方的审批人（不能是申请人本人）。" };
  if (standing) return { en: "A standing grant consents at once.", zh: "常设授权将自动同意。" };
  return { en: `An approver of ${party}.`, zh: `${party} 的审批人。` };
}

export async function originOf(
  side: Side,
  modelId: string,
): Promise<{ job: Job; task: string; metrics: Readonly<Record<string, number>> }> {
  const model = await side.store.db
    .selectFrom("models")
    .select(["job_id", "task", "summary"])
    .where("id", "=", modelId)
    .executeTakeFirst();
  if (model === undefined)
    throw new TomboloError("input.model", "there is no such model here", { remedy: "See the list of models." });
  return { job: await jobById(side, model.job_id), task: model.task, metrics: model.summary.metrics };
}

/** The file of an own output table, of the attempt that counts. */
async function ownTable(side: Side, { id, task, port }: OutputName) {
  const job = await jobById(side, id);
  const done = (await attemptsOf(side, id)).filter((each) => each.task === task && each.status === "SUCCESS");
  const latest = done.sort((a, b) => b.attempt - a.attempt)[0];
  const output = latest?.outputs.find((each) => each.port === port && each.kind === "table");
  if (latest === undefined || output === undefined)
    throw new TomboloError("state.unknown", "this task left no such table here");
  return { job, digest: output.digest, file: join(attemptFolder(side, id, task, latest.attempt), output.file) };
}

/** An own output table. Rows leave the node's care here, so it is journalled. */
async function download(side: Side, actor: Caller, name: OutputName, format: "csv" | "parquet"): Promise<FileReply> {
  const { job, digest, file } = await ownTable(side, name);
  const { id, task, port } = name;
  await side.journal.append(
    "output.downloaded",
    actor,
    { en: `Downloaded ${task}.${port} of the job ${job.name}`, zh: `下载作业 ${job.name} 的输出 ${task}.${port}` },
    { job: id, task, port, format, digest },
  );
  const filename = `${job.name}-${task}-${port}.${format}`;
  if (format === "parquet")
    return { filename, contentType: "application/vnd.apache.parquet", body: createReadStream(file) };
  await mkdir(side.paths.temporary, { recursive: true, mode: 0o700 });
  const target = join(side.paths.temporary, `${newId("export")}.csv`);
  await exportTable(file, target, "csv");
  const body = createReadStream(target);
  body.once("close", () => void rm(target, { force: true }));
  return { filename, contentType: "text/csv; charset=utf-8", body };
}

/** Its rows become a dataset of their own, which remembers where it comes from. */
async function keep(
  side: Side,
  actor: Caller,
  output: OutputName,
  name: string,
  signal: AbortSignal,
): Promise<Dataset> {
  const { job, file } = await ownTable(side, output);
  const keys = job.document.datasets.find(({ party }) => party === side.config.party);
  const known = keys === undefined ? undefined : await getDataset(side, keys.datasetId).catch(() => undefined);
  const idColumn = known?.columns.find(({ role }) => role === "id")?.name;
  const { columns } = await preview(file, 1);
  return importDataset(side, actor, {
    name,
    filename: `${output.task}-${output.port}.parquet`,
    idColumn: columns.some((column) => column === idColumn) ? idColumn : undefined,
    labelColumn: undefined,
    bytes: createReadStream(file),
    bytesExpected: (await stat(file)).size,
    signal,
    origin: { jobId: job.id, jobName: job.name, task: output.task, port: output.port },
    derivedFromRevoked: () => comesFromRevoked(side, job.id),
  });
}
