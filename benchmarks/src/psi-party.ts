/**
 * One party of the matching benchmark, its node's transport and its tasks in one process: reads a CSV file, matches with
 * the partner over mutual TLS by the same code that a node's runner runs, leaves the rows of the result, where the kind
 * of match has any, as Parquet and CSV.
 */
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { findComponent } from "@tombolo/components";
import { copyColumns, exportTable, importFile, textTable } from "@tombolo/datasets";
import { saveJson } from "../../apps/node/src/runner/files.ts";
import type { Capability, FromRunner } from "../../apps/node/src/runner/ipc.ts";
import { TaskRun } from "../../apps/node/src/runner/task-context.ts";
import { commonCapability } from "./party-node.ts";
import { obeyOrders, ownNode, peakBytes, stopwatch } from "./party-task.ts";

export interface PartyTask {
  /** Of this process's tasks: names its folder. */
  readonly name: string;
  readonly component: string;
  readonly parameters: unknown;
  /** The rows this party brings, if any. */
  readonly csv: string | null;
  readonly id: string;
  /** A column of numbers beside the ids. */
  readonly value: string | null;
  /** What an earlier task left here for look-ups. */
  readonly catalogue: string | null;
}

export interface PartyResult {
  readonly rows: number;
  /** Rows of the result, or their number as reported; null where this party learns neither. */
  readonly matched: number | null;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** High-water mark of resident memory. */
  readonly peakBytes: number;
  /** Processor time of the whole process from the start of the task on. */
  readonly cpuSeconds: number;
  readonly resultCsv: string | null;
  readonly catalogue: string | null;
  readonly secondsOf: Readonly<Record<string, number>>;
}

const TABLE = "data.parquet";

async function runTask(task: PartyTask): Promise<PartyResult> {
  const secondsOf: Record<string, number> = {};
  const elapsed = stopwatch();
  const timed = async <T>(name: string, step: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await step();
    secondsOf[name] = (performance.now() - start) / 1000;
    return result;
  };
  const folder = join(ownNode().folder, task.name);
  await mkdir(folder);
  const rows = task.csv === null ? 0 : await timed("csv", () => importRows(task, folder));
  // Nobody else holds a budget here.
  const report = (message: FromRunner): void => {
    if (message.type === "draw") run.drawn(message.draw, null);
  };
  const given = capability(task, folder);
  const run: TaskRun = new TaskRun(given, report, new AbortController().signal);
  const component = findComponent(task.component)!;
  await timed("match", async () => {
    const parameters = component.parameters.parse(task.parameters);
    await component.run[given.self.role]!(run.context(parameters, component.partyParameters.parse({})));
    await run.close();
  });
  const output = (kind: string) => run.outputs.find((each) => each.kind === kind);
  const [table, model, told] = [output("table"), output("model"), output("report")];
  const resultCsv = table === undefined ? null : join(folder, "result.csv");
  if (resultCsv !== null) await timed("export", () => exportTable(join(folder, table!.file), resultCsv, "csv"));
  if (resultCsv !== null && (await stat(resultCsv)).size === 0) throw new Error("nothing was written");
  const bytes = (direction: "in" | "out"): number =>
    run.counts().reduce((sum, count) => sum + (count.direction === direction ? count.bytes : 0), 0);
  return {
    rows,
    matched: table?.rows ?? (told === undefined ? null : await countIn(join(folder, told.file))),
    bytesOut: bytes("out"),
    bytesIn: bytes("in"),
    peakBytes: peakBytes(),
    cpuSeconds: elapsed().cpuSeconds,
    resultCsv,
    catalogue: model === undefined ? null : join(folder, model.file),
    secondsOf,
  };
}

/** The task's input table; answers its rows. Text alone goes the short way, numbers that of a node's datasets. */
async function importRows({ csv, id, value }: PartyTask, folder: string): Promise<number> {
  const table = join(folder, TABLE);
  const { columns, rowCount } =
    value === null ? await textTable(csv!, table) : await typedTable(csv!, id, value, folder);
  await saveJson(`${table}.json`, { rowCount, columns, hasIds: false, keys: [id], label: null, aligned: false });
  return rowCount;
}

async function typedTable(csv: string, id: string, value: string, folder: string) {
  const directory = join(folder, "dataset");
  const columns = [id, value];
  const { path } = await importFile({ source: csv, filename: csv, directory, text: [id] });
  const { kept } = await copyColumns(path, join(folder, TABLE), columns, { asText: [id] });
  return { columns, rowCount: kept };
}

async function countIn(report: string): Promise<number | null> {
  const { count } = JSON.parse(await readFile(report, "utf8")) as { readonly count?: number };
  return count ?? null;
}

function capability({ name, component, parameters, csv, catalogue }: PartyTask, folder: string): Capability {
  const { version, protocol } = findComponent(component)!;
  return {
    ...commonCapability(ownNode(), folder),
    task: name,
    component,
    componentVersion: version,
    parameters,
    binding: { consentHash: "00".repeat(32), protocol: protocol!.name, suite: "international" },
    inputs: {
      ...(csv === null ? {} : { data: { kind: "table", path: join(folder, TABLE) } as const }),
      ...(catalogue === null ? {} : { catalogue: { kind: "model", path: catalogue } as const }),
    },
    servesUntil: null,
    drawSalt: "",
    rowStore: false,
  };
}

obeyOrders(runTask);
