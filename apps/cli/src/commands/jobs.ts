import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { TomboloError } from "@tombolo/base";
import type { CallInput, Client, FlowCheck, Job } from "@tombolo/sdk";
import { type Command, Option } from "commander";
import { collect, type Session, withNode } from "../command.ts";
import { exitCodeOfJob, failureText, progressView, watchJob } from "../follow.ts";
import { bytes, exitCodes, fields, type Output, plain, print, problemText, table } from "../output.ts";
import { keptLine } from "./kept-file.ts";

export async function readFlow(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new TomboloError("input.flow", `cannot read the flow file ${path}`, {
      cause,
      remedy: "Check the path and its permissions.",
    });
  }
}

export function checkText(check: FlowCheck): string {
  const problems = check.problems.map(problemText);
  const disclosure = check.disclosure.map(
    (item) => `  ${item.recipient} will learn (${item.task}): ${plain(item.text.en)}`,
  );
  const waits = check.waitsFor.map((each) => `  ${each.party}: ${each.why.en}`);
  if (!check.ok) return [`The flow has ${problems.length} problem(s):`, ...problems].join("\n");
  return [
    "The flow is sound.",
    ...(disclosure.length === 0 ? ["Nobody learns anything."] : ["What each party will learn:", ...disclosure]),
    ...(check.reused.length === 0 ? [] : [`Not run again: ${check.reused.join(", ")}.`]),
    ...(waits.length === 0 ? [] : ["It will wait for:", ...waits]),
  ].join("\n");
}

function originField({ keptFlow }: Job): [string, string][] {
  if (keptFlow === null) return [];
  const { id, name, revision, latest } = keptFlow;
  if (revision === null) return [["flow", `${name} (${id}), other than it is kept`]];
  return [["flow", `${name} (${id}), revision ${revision}${revision === latest ? "" : `; revision ${latest} by now`}`]];
}

export function jobText(job: Job): string {
  return [
    fields([
      ["job", job.id],
      ["name", job.name],
      ["status", job.status],
      ...originField(job),
      ["parties", job.parties.map((each) => `${each.party} (${each.role})`).join(", ")],
      ["consents", job.consents.map((each) => `${each.party} ${each.status.toLowerCase()}`).join(", ")],
      ["traffic", `out ${bytes(job.bytesOut)}, in ${bytes(job.bytesIn)}`],
    ]),
    "",
    table(
      ["task", "component", "status", "attempt", "outputs"],
      job.tasks.map((task) => [
        task.name,
        task.component,
        `${task.status}${task.reused ? " (reused)" : ""}`,
        task.attempt,
        task.outputs.map((each) => each.port).join(", "),
      ]),
      "no tasks",
    ),
    "",
    table(
      ["message", "task", "partner", "direction", "bytes", "what it means"],
      job.meter.map((row) => [row.name, row.task, row.partner, row.direction, row.bytes, row.means.en]),
      "Nothing has left the house.",
    ),
    ...(job.failure === null ? [] : ["", failureText(job)]),
  ].join("\n");
}

async function follow({ client, output }: Session, job: Job): Promise<number> {
  const stopped = new AbortController();
  const view = progressView();
  // A terminal, and what started us, may both pass on the same Ctrl-C: the second must not cut the answer short.
  const stop = (): void => stopped.abort();
  process.on("SIGINT", stop);
  try {
    const ended = await watchJob(client, job.id, (state) => output.json || view.show(state), stopped.signal);
    view.stop();
    print(output, ended, () => jobText(ended));
    return exitCodeOfJob(ended);
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    view.stop();
    process.stderr.write(`\nno longer following; the job goes on: tombolo job show ${job.id}\n`);
    return exitCodes.interrupted;
  } finally {
    process.off("SIGINT", stop);
    view.stop();
  }
}

interface PartOptions {
  readonly to?: string;
  readonly fromJob?: string;
  readonly from?: string;
}

/** Which part of a flow runs, and what of an earlier job it begins from. */
function partOf({ to, fromJob, from }: PartOptions): Pick<CallInput<"submitJob">["body"], "to" | "reuse"> {
  if (from !== undefined && fromJob === undefined)
    throw new TomboloError("input.option", "--from needs an earlier job to begin from", {
      remedy: "Name it with --from-job; see `tombolo job list`.",
    });
  return {
    ...(to === undefined ? {} : { to }),
    ...(fromJob === undefined ? {} : { reuse: { jobId: fromJob, ...(from === undefined ? {} : { from }) } }),
  };
}

const withPart = (command: Command): Command =>
  command
    .option("--to <task>", "only this task and what it needs")
    .option("--from-job <job>", "use what this earlier job left instead of running unchanged tasks again")
    .option("--from <task>", "with --from-job: run this task and what follows it in any case");

export async function submitted(
  session: Session,
  projectId: string,
  flow: string | Record<string, unknown>,
  options: PartOptions & { message?: string; follow?: boolean },
): Promise<number> {
  const keptFlow = typeof flow === "string" ? keptLine(flow) : undefined;
  const body = {
    ...{ projectId, flow, message: options.message ?? "", ...partOf(options) },
    ...(keptFlow === undefined ? {} : { keptFlow }),
  };
  const job = await session.client.call("submitJob", { body });
  if (options.follow === true) return follow(session, job);
  print(session.output, job, () => `job ${job.id}: ${job.status}\nFollow it with: tombolo job follow ${job.id}`);
  return exitCodes.ok;
}

function runCommands(job: Command): void {
  withNode<[string, PartOptions & { project: string; message?: string; follow?: boolean }]>(
    withPart(job.command("run <flow.yaml>"))
      .description("submit a flow; it starts when every party's approver has said yes")
      .requiredOption("--project <id>", "see `tombolo project list`")
      .option("--message <text>", "what the approvers should know")
      .option("--follow", "show progress until it ends"),
    async (session, path, options) => submitted(session, options.project, await readFlow(path), options),
  );
  withNode<[string, PartOptions & { project: string }]>(
    withPart(job.command("check <flow.yaml>"))
      .description("all faults at once, and what each party would learn")
      .requiredOption("--project <id>", "see `tombolo project list`"),
    async ({ client, output }, path, options) => {
      const body = { projectId: options.project, flow: await readFlow(path), ...partOf(options) };
      const check = await client.call("checkFlow", { body });
      print(output, check, () => checkText(check));
      return check.ok ? exitCodes.ok : exitCodes.usage;
    },
  );
  withNode<[string]>(job.command("follow <job>").description("show progress until it ends"), async (session, id) =>
    follow(session, await session.client.call("getJob", { params: { id } })),
  );
}

function inspectCommands(job: Command): void {
  withNode(job.command("list").description("jobs this party takes part in"), async ({ client, output }) => {
    const { items } = await client.call("listJobs", { query: {} });
    print(output, items, () =>
      table(
        ["job", "name", "status", "initiator", "progress", "out", "in", "created"],
        items.map((each) => [
          each.id,
          each.name,
          each.status,
          each.initiator,
          `${Math.round(100 * each.progress)} %`,
          bytes(each.bytesOut),
          bytes(each.bytesIn),
          each.createdAt,
        ]),
        "No jobs yet. `tombolo job run flow.yaml --project <id>` submits one.",
      ),
    );
  });
  withNode<[string]>(
    job.command("show <job>").description("its tasks, and what left and entered the house"),
    async ({ client, output }, id) => {
      const found = await client.call("getJob", { params: { id } });
      print(output, found, () => jobText(found));
    },
  );
  withNode<[string, { task?: string }]>(
    job.command("logs <job>").description("what this party's side logged").option("--task <name>", "only this task's"),
    async ({ client, output }, id, query) => {
      const { items } = await client.call("jobLogs", { params: { id }, query });
      print(output, items, () =>
        items.length === 0
          ? "No log lines: nothing went wrong, or the task has not started."
          : items
              .map((line) => `${line.at} ${line.level.padEnd(5)} ${line.task ?? "-"} ${plain(line.message)}`)
              .join("\n"),
      );
    },
  );
  withNode<[string]>(
    job.command("reports <job>").description("own reports; --json has their figures"),
    async ({ client, output }, id) => {
      const { items } = await client.call("jobReports", { params: { id } });
      print(output, items, () =>
        table(
          ["task", "report", "kind"],
          items.map((each) => [each.task, each.title.en, each.kind]),
          "no reports",
        ),
      );
    },
  );
  withNode<[string, string, string, { format: "csv" | "parquet"; out: string }]>(
    job
      .command("output <job> <task> <port>")
      .description("download an own output table")
      .addOption(new Option("--format <format>", "file format").choices(["csv", "parquet"]).default("csv"))
      .requiredOption("--out <file>", "where to write it"),
    async ({ client, output }, id, task, port, { format, out }) => {
      await wantOutput(client, id, task, port);
      const response = await client.call("taskOutput", { params: { id, task, port }, query: { format } });
      if (response.body === null) throw new TomboloError("state.empty", "the output is empty");
      await pipeline(response.body, createWriteStream(out));
      print(output, { file: out }, () => `written to ${out}`);
    },
  );
}

/** Names the tables there are when the one asked for is not among them. */
async function wantOutput(client: Client, id: string, task: string, port: string): Promise<void> {
  const { tasks } = await client.call("getJob", { params: { id } });
  const own = tasks.flatMap((each) =>
    each.outputs.filter(({ kind }) => kind === "table").map((output) => `${each.name} ${output.port}`),
  );
  if (own.includes(`${task} ${port}`)) return;
  throw new TomboloError("input.output", `this party has no table "${port}" of task "${task}" in job ${id}`, {
    remedy: own.length === 0 ? "The job left no tables here." : `There are: ${own.join(", ")}.`,
  });
}

function controlCommands(job: Command): void {
  withNode<[string, { reason: string }]>(
    job
      .command("cancel <job>")
      .description("end it at every party")
      .requiredOption("--reason <text>", "all parties read it"),
    async ({ client, output }, id, { reason }) => {
      const cancelled = await client.call("cancelJob", { params: { id }, body: { reason } });
      print(output, cancelled, () => `job ${cancelled.id}: ${cancelled.status}`);
    },
  );
  withNode<[string, { follow?: boolean }]>(
    job
      .command("rerun <job>")
      .description("rerun what failed and what depends on it")
      .option("--follow", "show progress until it ends"),
    async (session, id, options) => {
      const rerun = await session.client.call("rerunJob", { params: { id } });
      if (options.follow === true) return follow(session, rerun);
      print(session.output, rerun, () => `job ${rerun.id}: ${rerun.status}`);
      return exitCodes.ok;
    },
  );
}

interface PredictOptions {
  model: string;
  dataset: string;
  key: string[];
  host?: string[];
  project: string;
  follow?: boolean;
}

function predictCommand(program: Command): void {
  withNode<[PredictOptions]>(
    program
      .command("predict")
      .description("score an own dataset with a model, together with the hosts")
      .requiredOption("--model <id>", "see `tombolo model list`")
      .requiredOption("--dataset <id>", "own rows to score")
      .requiredOption("--key <column>", "own id column (repeatable)", collect)
      .requiredOption("--project <id>", "see `tombolo project list`")
      .option("--host <party=dataset:key[,key]>", "a host's table (repeatable)", collect)
      .option("--follow", "show progress until it ends"),
    async (session, options) => {
      const hosts = (options.host ?? []).map(parseHost);
      const check = await session.client.call("scoreFlow", {
        body: {
          name: `Score ${options.dataset}`,
          modelId: options.model,
          datasetId: options.dataset,
          keys: options.key,
          hosts,
        },
      });
      if (!check.ok) {
        print(session.output, check, () => checkText(check));
        return exitCodes.usage;
      }
      return submitted(session, options.project, check.flow as Record<string, unknown>, options);
    },
  );
}

export function parseHost(text: string): { partyId: string; datasetId: string; keys: string[] } {
  const [, partyId, datasetId, keys] = /^([^=]+)=([^:]+):(.+)$/.exec(text) ?? [];
  if (partyId === undefined || datasetId === undefined || keys === undefined) {
    throw new TomboloError("input.host", `"${text}" is not party=dataset:key`, {
      remedy: "For example --host telco=ds_1a2b:phone",
    });
  }
  return { partyId, datasetId, keys: keys.split(",") };
}

export function jobCommands(program: Command): void {
  const job = program.command("job").description("flows and their runs");
  runCommands(job);
  inspectCommands(job);
  controlCommands(job);
  predictCommand(program);
  withNode(program.command("components").description("what flows are made of"), async ({ client, output }) => {
    const { items } = await client.call("listComponents");
    print(output as Output, items, () =>
      table(
        ["component", "version", "what it does"],
        items.map((each) => [each.name, each.version, each.summary.en]),
        "none",
      ),
    );
  });
}
