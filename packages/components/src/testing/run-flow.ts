/**
 * Runs a flow of components with all parties in one process, over the memory network: each task in a world of its own,
 * tables held in memory. Parameters pass through each component's schemas, as they do in the runner.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Column, TomboloError, takeTable } from "@tombolo/base";
import type { MessageTable, Peer } from "@tombolo/channel";
import { type Cost, runWorld, type World, type WorldOptions } from "@tombolo/test-kit";
import type {
  Component,
  ModelSummary,
  Participant,
  ReportValue,
  StepFigures,
  TaskContext,
  TaskTable,
} from "../component.ts";
import type { FlowDraft, TaskDraft } from "../flows.ts";
import { findComponent } from "../registry.ts";
import type { RowStore } from "../row-store.ts";
import { type Clock, systemClock } from "../service.ts";
import { TaskFiles } from "./table-files.ts";

export interface Kept {
  /** By "<task>.<port>". */
  readonly tables: Record<string, TaskTable>;
  readonly models: Record<string, unknown>;
  /** What a list of models shows of them. */
  readonly summaries?: Record<string, ModelSummary>;
  readonly reports: Record<string, ReportValue>;
  readonly logs: string[];
  /** What was shown while tasks ran. */
  readonly figures?: StepFigures[];
  /** By "<task> <party>": ids that the party asked about own data. */
  readonly draws: Record<string, number>;
  /** Hashes of the references that came with them. */
  readonly references?: string[];
  /** By task. */
  readonly checkpoints: Record<string, unknown>;
  /** What a service counted last. */
  readonly observed: Record<string, readonly number[]>;
}

export type Datasets = Readonly<Record<string, TaskTable>>;

export interface Setting {
  readonly datasets: Datasets;
  readonly minimumRows?: number;
  /** None: draws come from tables and seeds alone. */
  readonly drawSalt?: Uint8Array;
  readonly window?: number;
  /** Where tasks keep what a later attempt finds again; by default nothing is kept. */
  readonly workFolders?: string;
  /** Where models keep their files. */
  readonly modelFolders?: string;
  /** 0 by default. */
  readonly startedAtMs?: number;
  readonly deadlineMs?: number;
  /** Moved by the test; by default a clock that shows `startedAtMs` and runs on. */
  readonly clock?: Clock;
  /** Of what parties draw in secret; by default the flow's seed, which draws stay those of. */
  readonly secretsSeed?: number;
  /** What stands between a party and its partner's peer, to play a dishonest one. */
  meddle?<P extends Peer<MessageTable, string>>(party: string, peer: P): P;
  /** What the party's permits give a service; by default what it needs. */
  reserveRows?(party: string, needed: number): Promise<number>;
  /** Where a service's rows are looked up; by default in memory. */
  rowStore?(party: string): RowStore;
  /** Plays the callers of a service: asks `answer`, and resolves when the service is to end. */
  call?(party: string, answer: (batch: readonly unknown[]) => Promise<readonly unknown[]>): Promise<void>;
  /** Called before a party saves a checkpoint: may throw to play a crash. */
  onCheckpoint?(party: string, count: number): void;
}

export interface Finished {
  readonly kept: Readonly<Record<string, Kept>>;
  readonly costs: Readonly<Record<string, Cost>>;
}

export const emptyKept = (): Kept => ({
  tables: {},
  models: {},
  summaries: {},
  reports: {},
  logs: [],
  figures: [],
  draws: {},
  references: [],
  checkpoints: {},
  observed: {},
});

/** Tasks run in the order they are written in. Throws the first failure. */
export async function runFlow(flow: FlowDraft, setting: Setting): Promise<Finished> {
  const kept = Object.fromEntries(flow.parties.map(({ party }) => [party, emptyKept()]));
  const costs: Record<string, Cost> = {};
  for (const name of Object.keys(flow.tasks)) costs[name] = await runTask(flow, name, kept, setting);
  return { kept, costs };
}

/** Throws the first failure. */
export async function runTask(
  flow: FlowDraft,
  name: string,
  kept: Readonly<Record<string, Kept>>,
  setting: Setting,
): Promise<Cost> {
  const world = await taskWorld(flow, name, kept, setting);
  for (const party of Object.keys(world.outcomes)) world.result(party);
  return world.cost;
}

/** How it ended at every party. */
export async function taskWorld(
  flow: FlowDraft,
  name: string,
  kept: Readonly<Record<string, Kept>>,
  setting: Setting,
): Promise<World<void>> {
  const task = flow.tasks[name]!;
  const component = findComponent(task.component)!;
  const participants = flow.parties.filter(({ party }) => task.parties === undefined || task.parties.includes(party));
  const options: WorldOptions = {
    seed: setting.secretsSeed ?? flow.seed,
    samplingSeed: flow.seed,
    ...(setting.window === undefined ? {} : { window: setting.window }),
    ...(setting.deadlineMs === undefined ? {} : { deadlineMs: setting.deadlineMs }),
  };
  return runWorld(
    participants.map(({ party }) => party),
    options,
    async (me) => {
      const self = participants.find(({ party }) => party === me.id)!;
      const store = kept[me.id]!;
      const { workFolders } = setting;
      const files = new TaskFiles(workFolders === undefined ? undefined : join(workFolders, me.id, name));
      const run = component.run[self.role]!({
        ...storage(name, task, store, setting, self, files),
        self,
        participants,
        parameters: parsed(component, task),
        partyParameters: component.partyParameters.parse(task.partyParameters?.[me.id] ?? {}),
        peer: async (messages, role, peerRole, party) => {
          const peer = await me.peer(messages, role, party, peerRole);
          return setting.meddle?.(me.id, peer as never) ?? peer;
        },
        draw: async (party, ids, references) => {
          store.references?.push(...(references ?? []).map(({ hash }) => hash));
          store.draws[`${name} ${party}`] = (store.draws[`${name} ${party}`] ?? 0) + ids;
        },
        reserveRows: async (needed) => setting.reserveRows?.(me.id, needed) ?? needed,
        rowStore: setting.rowStore?.(me.id) ?? null,
        serve: async (answer) => setting.call?.(me.id, answer),
        observe: (counts) => void Object.assign(store.observed, counts),
        clock: setting.clock ?? clockFrom(setting.startedAtMs ?? 0),
        startedAtMs: setting.startedAtMs ?? 0,
        secrets: me.secrets,
        sampling: me.sampling.fork(name),
        drawSalt: setting.drawSalt ?? new Uint8Array(0),
        signal: me.signal,
        policy: { minimumRows: setting.minimumRows ?? 5 },
        progress: ({ done, total }) => {
          if (!(done >= 0 && done <= total))
            throw new Error(`progress of ${name} is out of range: ${done} of ${total}`);
        },
        figures: (figures) => void store.figures?.push(figures),
        log: (_level, message) => void store.logs.push(message),
      });
      await run.finally(() => files.remove());
    },
  );
}

/** Small tables go over several buckets too: `bucketRows` may be below what the form takes. */
function parsed({ parameters }: Component, task: TaskDraft): unknown {
  const { bucketRows, ...given } = task.parameters ?? {};
  const rest = parameters.parse(given) as object;
  return bucketRows === undefined ? rest : { ...rest, bucketRows };
}

type Storage = Pick<TaskContext<unknown, unknown>, "inputs" | "outputs" | "copyDataset" | "checkpoint" | "workFolder">;

function storage(
  name: string,
  task: TaskDraft,
  store: Kept,
  setting: Setting,
  self: Participant,
  files: TaskFiles,
): Storage {
  const refOf = (port: string): string => (task.inputs?.[port] ?? "").replace(/^model:[^.]*\.(.*)$/, "$1.model");
  let saved = 0;
  return {
    inputs: {
      table: async (port) => present(store.tables[refOf(port)], port),
      file: (port) => files.fileOf(present(store.tables[refOf(port)], port)),
      model: async (port) => present(store.models[refOf(port)], port),
      modelFolder: (port) => modelFolder(setting, self, refOf(port)),
      has: (port) => task.inputs?.[port] !== undefined,
    },
    outputs: {
      table: async (port, value) => {
        store.tables[`${name}.${port}`] = value;
      },
      file: async (port, source, { columns, ...note }, write) => {
        const path = await files.path();
        await write(path);
        const hasIds = store.tables[refOf("data")]?.ids !== undefined;
        const names = columns ?? source.columns.map((column) => column.name);
        const { pipeline, copiesMax = 1 } = source;
        const whole = { copiesMax, ...note, ...(pipeline === undefined ? {} : { pipeline }) };
        store.tables[`${name}.${port}`] = await files.tableOf(path, names, whole, hasIds);
      },
      // As the store does: a model is JSON.
      model: async (port, value, summary) => {
        if (store.summaries !== undefined) store.summaries[`${name}.${port}`] = summary;
        store.models[`${name}.${port}`] = JSON.parse(JSON.stringify(value));
      },
      modelFolder: (port) => modelFolder(setting, self, `${name}.${port}`),
      report: async (port, value) => {
        store.reports[`${name}.${port}`] = JSON.parse(JSON.stringify(value));
      },
    },
    copyDataset: async (id, names, { port, complete, ...note }) => {
      const whole = present(setting.datasets[id], "dataset");
      const columns = names.map((column) => whole.columns.find((each) => each.name === column)!);
      const table = { ...whole, columns, ...note };
      const rows = complete === null ? null : rowsWith(columns.find(({ name }) => name === complete)!);
      const value = rows === null ? table : { ...table, ...takeTable(table, rows) };
      store.tables[`${name}.${port}`] = value;
      return { kept: value.rowCount, leftOut: whole.rowCount - value.rowCount };
    },
    checkpoint: {
      load: async () => store.checkpoints[name],
      save: async (value) => {
        setting.onCheckpoint?.(self.party, ++saved);
        store.checkpoints[name] = JSON.parse(JSON.stringify(value));
      },
    },
    workFolder: () => files.workFolder(),
  };
}

const rowsWith = (column: Column): number[] =>
  column.kind === "number"
    ? Array.from(column.values.keys()).filter((row) => !Number.isNaN(column.values[row]!))
    : Array.from(column.codes.keys()).filter((row) => column.codes[row]! >= 0);

async function modelFolder({ modelFolders }: Setting, { party }: Participant, name: string): Promise<string> {
  const folder = join(present(modelFolders, "folder for models"), party, name);
  await mkdir(folder, { recursive: true });
  return folder;
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new TomboloError("state.input", `there is no ${what}`);
  return value;
}

/** Shows `startedAtMs` now, and runs on. */
function clockFrom(startedAtMs: number): Clock {
  const since = Date.now();
  return { ...systemClock, now: () => startedAtMs + Date.now() - since };
}
