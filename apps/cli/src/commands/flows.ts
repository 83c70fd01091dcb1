import { writeFile } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import type { Client, FlowRevision, KeptFlow, KeptFlowSummary } from "@tombolo/sdk";
import type { Command } from "commander";
import { type Session, wholeNumber, withNode } from "../command.ts";
import { fields, print, table } from "../output.ts";
import { foldsCommand } from "./folds.ts";
import { readFlow } from "./jobs.ts";
import { keptLine, withKeptLine, writeFlow } from "./kept-file.ts";

/** By id, or by name where that is no id. */
async function found(client: Client, idOrName: string): Promise<KeptFlowSummary> {
  const { items } = await client.call("listFlows");
  const one = items.find(({ id }) => id === idOrName) ?? items.find(({ name }) => name === idOrName);
  if (one !== undefined) return one;
  throw new TomboloError("state.unknown", `no kept flow has the id or the name "${idOrName}"`, {
    remedy: "See `tombolo flow list`.",
  });
}

async function read(client: Client, idOrName: string, revision?: number): Promise<KeptFlow> {
  const { id } = await found(client, idOrName);
  if (revision === undefined) return client.call("getFlow", { params: { id } });
  return client.call("getFlowRevision", { params: { id, revision } });
}

const flowText = (flow: KeptFlow, revisions: readonly FlowRevision[]): string =>
  [
    fields([
      ["flow", flow.id],
      ["name", flow.name],
      ["project", flow.projectId ?? "none"],
      ["revision", `${flow.revision}, by ${flow.changedBy} at ${flow.changedAt}`],
      ["parties", flow.parties.join(", ")],
      ["tasks", flow.taskCount],
      ["created", `by ${flow.createdBy} at ${flow.createdAt}`],
    ]),
    "",
    table(
      ["revision", "by", "at", "tasks"],
      revisions.map((each) => [each.revision, each.changedBy, each.changedAt, each.taskCount]),
      "no revisions",
    ),
  ].join("\n");

async function pull(
  { client, output }: Session,
  name: string,
  file: string | undefined,
  { revision, force }: { revision?: number; force?: boolean },
): Promise<void> {
  const flow = await read(client, name, revision);
  const text = withKeptLine(flow.flowYaml, flow);
  if (file === undefined) {
    print(output, flow, () => text.trimEnd());
    return;
  }
  await writeFlow(file, text, force);
  print(output, { file, ...flow }, () => `revision ${flow.revision} of "${flow.name}" written to ${file}`);
}

interface PushOptions {
  readonly project?: string;
  readonly new?: boolean;
  readonly over?: string;
}

/** What the file says it is, else a new flow. The node keeps where tasks stand. */
async function pushed(client: Client, text: string, options: PushOptions): Promise<KeptFlow> {
  const project = options.project === undefined ? {} : { projectId: options.project };
  const line = keptLine(text);
  const over = options.over === undefined ? undefined : await found(client, options.over);
  const onto = over ?? (options.new === true ? undefined : line);
  if (onto === undefined) return client.call("createFlow", { body: { flow: text, ...project } });
  return client.call("saveFlow", { params: { id: onto.id }, body: { base: onto.revision, flow: text, ...project } });
}

async function push({ client, output }: Session, file: string, options: PushOptions): Promise<void> {
  const text = await readFlow(file);
  const flow = await pushed(client, text, options).catch((error: unknown) => {
    if (!(error instanceof TomboloError) || error.code !== "state.flow-changed") throw error;
    throw new TomboloError(error.code, error.message, {
      remedy: "Pull it into another file and compare; push with --new under another name, or --over it.",
      cause: error,
    });
  });
  await writeFile(file, withKeptLine(text, flow));
  print(output, flow, () => `flow ${flow.id} "${flow.name}" is kept as revision ${flow.revision}`);
}

function readCommands(flow: Command): void {
  withNode(flow.command("list").description("flows kept at the node, as the canvas shows them"), async (session) => {
    const { items } = await session.client.call("listFlows");
    print(session.output, items, () =>
      table(
        ["flow", "name", "project", "revision", "tasks", "changed by", "changed"],
        items.map((each) => [
          ...[each.id, each.name, each.projectId, each.revision, each.taskCount],
          ...[each.changedBy, each.changedAt],
        ]),
        "No flows are kept yet. `tombolo flow push flow.yaml` keeps one.",
      ),
    );
  });
  withNode<[string]>(
    flow.command("show <flow>").description("by id or name: who changed it when, and its revisions"),
    async ({ client, output }, name) => {
      const kept = await read(client, name);
      const { items } = await client.call("listFlowRevisions", { params: { id: kept.id } });
      print(output, { ...kept, revisions: items }, () => flowText(kept, items));
    },
  );
}

export function flowCommands(program: Command): void {
  const flow = program.command("flow").description("flows kept at the node, which the canvas draws");
  readCommands(flow);
  withNode<[string, string | undefined, { revision?: number; force?: boolean }]>(
    flow
      .command("pull <flow> [file]")
      .description("its file, by id or name; onto the screen when none is named")
      .option("--revision <number>", "an earlier one; see `tombolo flow show`", wholeNumber)
      .option("--force", "write over the file that is there"),
    pull,
  );
  withNode<[string, PushOptions]>(
    flow
      .command("push <flow.yaml>")
      .description("save a pulled file as the next revision, or keep a new flow; tasks stay where they stand")
      .option("--project <id>", "which it belongs to; see `tombolo project list`")
      .option("--new", "as a new flow, under the name in the file")
      .option("--over <flow>", "as the next revision of this one, whatever was saved there"),
    push,
  );
  withNode<[string]>(
    flow.command("delete <flow>").description("by id or name, with its history; its jobs stay"),
    async ({ client, output }, name) => {
      const { id, revision } = await found(client, name);
      await client.call("deleteFlow", { params: { id }, query: { revision } });
      print(output, { done: true }, () => `flow ${id} is gone`);
    },
  );
  foldsCommand(flow);
}
