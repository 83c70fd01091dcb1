import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { TomboloError } from "@tombolo/base";
import type { FlowCheck, Job } from "@tombolo/sdk";
import type { Command } from "commander";
import { collect, type Session, withNode } from "../command.ts";
import { exitCodeOfJob, failureText, progressView, watchJob } from "../follow.ts";
import { bytes, exitCodes, fields, type Output, print, table } from "../output.ts";

async function readFlow(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new TomboloError("input.flow", `cannot read the flow file ${path}`, {
      cause,
      remedy: "Check the path and its permissions.",
    });
  }
}

function checkText(check: FlowCheck): string {
  const problems = check.problems.map(
    (problem) => `  ${problem.path}: ${problem.message}${problem.remedy === undefined ? "" : ` (${problem.remedy})`}`,
  );
  const disclosure = check.disclosure.map((item) => `  ${item.recipient} will learn (${item.task}): ${item.text.en}`);
  const waits = check.waitsFor.map((each) => `  ${each.party}: ${each.why.en}`);
  return [
    check.ok ? "The flow is sound." : "The flow has problems:",
    ...problems,
    "What each party will learn:",
    ...disclosure,
    ...(waits.length === 0 ? [] : ["It will wait for:", ...waits]),
  ].join("\n");
}

export function jobText(job: Job): string {
  return [
    fields([
      ["job", job.id],
      ["name", job.name],
      ["status", job.status],
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
  process.once("SIGINT", () => stopped.abort());
  try {
    const ended = await watchJob(client, job.id, (state) => output.json || view.show(state), stopped.signal);
    view.stop();
    print(output, ended, () => jobText(ended));
    return exitCodeOfJob(ended);
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    process.stderr.write(`\nno longer following; the job goes on: tombolo job show ${job.id}\n`);
    return exitCodes.ok;
  } finally {
    view.stop();
  }
}

async function submitted(
  session: Session,
  projectId: string,
  flow: string | Record<string, unknown>,
  options: { message?: string; follow?: boolean },
): Promise<number> {
  const job = await session.client.call("submitJob", { body: { projectId, flow, message: options.message ?? "" } });
  if (options.follow === true) return follow(session, job);
  print(session.output, job, () => `job ${job.id}: ${job.status}`);
  return exitCodes.ok;
}

function runCommands(job: Command): void {
  withNode<[string, { project: string; message?: string; follow?: boolean }]>(
    job
      .command("run <flow.yaml>")
      .description("submit a flow")
      .requiredOption("--project <id>")
      .option("--message <text>", "what the approvers should know")
      .option("--follow", "show progress until it ends"),
    async (session, path, options) => submitted(session, options.project, await readFlow(path), options),
  );
  withNode<[string, { project: string }]>(
    job
      .command("check <flow.yaml>")
      .description("all faults at once, and what each party would learn")
      .requiredOption("--project <id>"),
    async ({ client, output }, path, { project }) => {
      const check = await client.call("checkFlow", { body: { projectId: project, flow: await readFlow(path) } });
      print(output, check, () => checkText(check));
      return check.ok ? exitCodes.ok : exitCodes.usage;
    },
  );
  withNode<[string]>(job.command("follow <job>").description("show progress until it ends"), async (session, id) =>
    follow(session, await session.client.call("getJob", { params: { id } })),
  );
}

function inspectCommands(job: Command): void {
  withNode(job.command("list"), async ({ client, output }) => {
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
  withNode<[string]>(job.command("show <job>"), async ({ client, output }, id) => {
    const found = await client.call("getJob", { params: { id } });
    print(output, found, () => jobText(found));
  });
  withNode<[string, { task?: string }]>(
    job.command("logs <job>").option("--task <name>"),
    async ({ client, output }, id, query) => {
      const { items } = await client.call("jobLogs", { params: { id }, query });
      print(output, items, () =>
        items.map((line) => `${line.at} ${line.level.padEnd(5)} ${line.task ?? "-"} ${line.message}`).join("\n"),
      );
    },
  );
  withNode<[string]>(job.command("reports <job>"), async ({ client, output }, id) => {
    const { items } = await client.call("jobReports", { params: { id } });
    print(output, items, () =>
      table(
        ["task", "report", "kind"],
        items.map((each) => [each.task, each.title.en, each.kind]),
        "no reports",
      ),
    );
  });
  withNode<[string, string, string, { format: "csv" | "parquet"; out: string }]>(
    job
      .command("output <job> <task> <port>")
      .description("download an own output table")
      .option("--format <csv|parquet>", "file format", "csv")
      .requiredOption("--out <file>"),
    async ({ client, output }, id, task, port, { format, out }) => {
      const response = await client.call("taskOutput", { params: { id, task, port }, query: { format } });
      if (response.body === null) throw new TomboloError("state.empty", "the output is empty");
      await pipeline(response.body, createWriteStream(out));
      print(output, { file: out }, () => `written to ${out}`);
    },
  );
}

function controlCommands(job: Command): void {
  withNode<[string, { reason: string }]>(
    job.command("cancel <job>").description("end it at every party").requiredOption("--reason <text>"),
    async ({ client, output }, id, { reason }) => {
      const cancelled = await client.call("cancelJob", { params: { id }, body: { reason } });
      print(output, cancelled, () => `job ${cancelled.id}: ${cancelled.status}`);
    },
  );
  withNode<[string, { follow?: boolean }]>(
    job.command("rerun <job>").description("rerun what failed and what depends on it").option("--follow"),
    async (session, id, options) => {
      const rerun = await session.client.call("rerunJob", { params: { id } });
      if (options.follow === true) return follow(session, rerun);
      print(session.output, rerun, () => `job ${rerun.id}: ${rerun.status}`);
      return exitCodes.ok;
    },
  );
}

function modelCommands(program: Command): void {
  const model = program.command("model").description("models with an own part");
  withNode(model.command("list"), async ({ client, output }) => {
    const { items } = await client.call("listModels");
    print(output, items, () =>
      table(
        ["model", "name", "kind", "parties", "metrics", "created"],
        items.map((each) => [
          each.id,
          each.name,
          each.kind,
          each.parties.map((party) => party.party).join(", "),
          Object.entries(each.metrics)
            .map(([name, value]) => `${name} ${value.toFixed(4)}`)
            .join(", "),
          each.createdAt,
        ]),
        "No models yet: training leaves one.",
      ),
    );
  });
  withNode<[string]>(model.command("show <model>"), async ({ client, output }, id) => {
    const found = await client.call("getModel", { params: { id } });
    print(output, found, () =>
      table(
        ["feature", "party", "gain", "splits"],
        found.importance.map((each) => [each.feature, each.party, each.gain.toFixed(3), each.count]),
        "no splits",
      ),
    );
  });
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
      .requiredOption("--model <id>")
      .requiredOption("--dataset <id>", "own rows to score")
      .requiredOption("--key <column>", "own id column (repeatable)", collect)
      .requiredOption("--project <id>")
      .option("--host <party=dataset:key[,key]>", "a host's table (repeatable)", collect)
      .option("--follow"),
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

function parseHost(text: string): { partyId: string; datasetId: string; keys: string[] } {
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
  modelCommands(program);
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
