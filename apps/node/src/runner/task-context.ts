/** What a component's run may touch, made from the runner's capability and nothing else. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fromHex, type PublicError, seededSampling, systemSecrets, TomboloError, toHex } from "@tombolo/base";
import {
  type CountingMeter,
  createMeter,
  type Link,
  type MessageTable,
  openPeer,
  type Peer,
  type Session,
} from "@tombolo/channel";
import type {
  CopiedRows,
  DatasetCopy,
  GivenReference,
  ModelSummary,
  Progress,
  ReportValue,
  TableFile,
  TableNote,
  TaskContext,
  TaskTable,
} from "@tombolo/components";
import { systemClock } from "@tombolo/components";
import { copyColumns } from "@tombolo/datasets";
import { connectRunnerLink } from "@tombolo/transport-ptp/runner";
import { loadJson, loadTable, noteTable, openTable, saltedDigest, saveJson, saveTable, shapeOf } from "./files.ts";
import type { Capability, FromRunner, MeterCount, OutputFile } from "./ipc.ts";
import { RunnerRowStore } from "./row-store.ts";
import { RunnerService } from "./service.ts";
import { sessionIdOf } from "./session-ids.ts";
import { workFolderOf } from "./work-folder.ts";

/** Frame header and HTTP/2 share: what a frame costs on the wire beyond its payload. */
const FRAME_BYTES = 16;
const SALT_BYTES = 16;
const TIMER_MS_MAX = 2 ** 31 - 1;

type Report = (message: FromRunner) => void;

export class TaskRun {
  readonly outputs: OutputFile[] = [];
  readonly service: RunnerService;
  readonly rowStore: RunnerRowStore;
  readonly #capability: Capability;
  readonly #report: Report;
  readonly #signal: AbortSignal;
  readonly #meters = new Map<string, CountingMeter>();
  readonly #draws: { resolve(): void; reject(error: Error): void }[] = [];
  readonly #reserves: { resolve(rows: number): void; reject(error: Error): void }[] = [];
  readonly #sessions = new Map<string, Session<MessageTable, string>>();

  constructor(capability: Capability, report: Report, signal: AbortSignal) {
    this.#capability = capability;
    this.#report = report;
    this.#signal = signal;
    this.service = new RunnerService(capability.servesUntil, report);
    this.rowStore = new RunnerRowStore(report);
  }

  context(parameters: unknown, partyParameters: unknown): TaskContext<unknown, unknown> {
    const { self, participants, seed, task, minimumRows, drawSalt } = this.#capability;
    return {
      self,
      participants,
      parameters,
      partyParameters,
      inputs: {
        table: (port) => loadTable(this.#input(port, "table"), this.#signal),
        file: (port) => openTable(this.#input(port, "table"), this.#signal),
        model: (port) => loadJson(this.#input(port, "model")),
        modelFolder: async (port) => filesOf(this.#input(port, "model")),
        has: (port) => this.#capability.inputs[port] !== undefined,
      },
      outputs: {
        table: (port, value) => this.#saveTable(port, value),
        file: (port, source, note, write) => this.#saveFile(port, source, note, write),
        model: (port, value, summary) => this.#saveJson(port, "model", value, { summary, rows: null, report: null }),
        modelFolder: (port) => this.#modelFolder(port),
        report: (port, value) => this.#saveReport(port, value),
      },
      copyDataset: (id, columns, to) => this.#copyDataset(id, columns, to),
      peer: (messages, role, peerRole, party) => this.#peer(messages, role, peerRole, party),
      draw: (party, ids, references) => this.#draw(party, ids, references ?? null),
      reserveRows: (needed) => this.#reserve(needed),
      rowStore: this.#capability.rowStore ? this.rowStore : null,
      serve: (answer) => this.service.serve(answer),
      observe: (counts) => this.#report({ type: "observed", counts }),
      clock: systemClock,
      startedAtMs: Date.now(),
      secrets: systemSecrets(),
      sampling: seededSampling(seed).fork(task),
      drawSalt: fromHex(drawSalt),
      signal: this.#signal,
      policy: { minimumRows },
      progress: (update) => this.#progress(update),
      figures: (figures) => this.#report({ type: "figures", figures }),
      log: (level, message) => this.#report({ type: "log", level, message: message.slice(0, 4000) }),
      checkpoint: {
        load: () => loadJson(this.#capability.checkpointFile).catch(missingIsUndefined),
        save: (value) => saveJson(this.#capability.checkpointFile, value),
      },
      workFolder: () => this.#workFolder(),
    };
  }

  /** What was sent and received so far, by partner and message name. */
  counts(): MeterCount[] {
    return [...this.#meters].flatMap(([partner, meter]) => {
      const snapshot = meter.snapshot();
      return (["out", "in"] as const).flatMap((direction) =>
        Object.entries(snapshot[direction]).map(([name, count]) => ({
          partner,
          name,
          direction,
          messages: count.messages,
          bytes: count.bytes + count.frames * FRAME_BYTES,
        })),
      );
    });
  }

  /** The node's answer to a draw. */
  drawn(draw: number, refusal: PublicError | null): void {
    const waiting = this.#draws[draw];
    if (refusal === null) waiting?.resolve();
    else waiting?.reject(new TomboloError(refusal.code, refusal.message, refusal));
  }

  /** The node's answer to a reservation. */
  reserved(reserve: number, rows: number, refusal: PublicError | null): void {
    const waiting = this.#reserves[reserve];
    delete this.#reserves[reserve];
    if (refusal === null) waiting?.resolve(rows);
    else waiting?.reject(new TomboloError(refusal.code, refusal.message, refusal));
  }

  /** Waits until the partners have everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
  }

  /** The same public reason at every partner; false if there is none to tell. */
  abort(error: TomboloError): boolean {
    const { remedy: _, ...reason } = error.toPublic();
    const blame = reason.blame ?? this.#capability.self.party;
    for (const session of this.#sessions.values()) if (!session.signal.aborted) session.abort({ ...reason, blame });
    return this.#sessions.size > 0;
  }

  #draw(party: string, ids: number, references: readonly GivenReference[] | null): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const draw = this.#draws.push({ resolve, reject }) - 1;
    this.#report({ type: "draw", draw, party, ids, references });
    return promise;
  }

  #reserve(needed: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const reserve = this.#reserves.push({ resolve, reject }) - 1;
    this.#report({ type: "reserve", reserve, needed });
    return promise;
  }

  #input(port: string, kind: OutputFile["kind"]): string {
    const input = this.#capability.inputs[port];
    if (input?.kind !== kind) throw new TomboloError("state.input", `the task has no ${kind} at its input ${port}`);
    return input.path;
  }

  async #copyDataset(id: string, columns: readonly string[], to: DatasetCopy): Promise<CopiedRows> {
    const access = this.#capability.datasets[id];
    const barred = columns.filter((column) => !access?.columns.includes(column));
    if (access === undefined || barred.length > 0)
      throw new TomboloError("consent.columns", "the task may not read that", { detail: { id, barred } });
    const { port, complete, ...note } = to;
    const asText = keysOf(this.#capability.partyParameters).filter((key) => columns.includes(key));
    const file = `${port}.parquet`;
    const path = join(this.#capability.folder, file);
    const options = { filter: access.filter, asText, complete, signal: this.#signal };
    const copied = await copyColumns(access.path, path, columns, options);
    await noteTable(path, { columns, hasIds: false }, note, copied.kept);
    await this.#keep({ port, kind: "table", file, rows: copied.kept, summary: null, report: null });
    return copied;
  }

  async #peer<M extends MessageTable, Role extends string>(
    messages: M,
    role: Role,
    peerRole: string,
    party: string,
  ): Promise<Peer<M, Role>> {
    const { job, task, attempt, componentVersion, binding, link, awaySeconds, self, participants } = this.#capability;
    if (this.#sessions.has(party) || !participants.some((each) => each.party === party))
      throw new Error(`assertion failed: one session per participant, asked for ${party}`);
    const openLane = async (lane: number): Promise<Link> => {
      const sessionId = sessionIdOf(job, task, attempt, lane);
      const opened = await connectRunnerLink({ ...link, sessionId, party, deadlineMs: awaySeconds * 1000 });
      const abort = (): void => opened.abort(TomboloError.from(this.#signal.reason).toPublic());
      this.#signal.addEventListener("abort", abort, { once: true });
      if (this.#signal.aborted) abort();
      return opened;
    };
    const transport = await openLane(0);
    const meter = createMeter();
    this.#meters.set(party, meter);
    const session = await openPeer(transport, messages, {
      role,
      peerRole,
      self: self.party,
      party,
      binding: { ...binding, consentHash: fromHex(binding.consentHash), job, task, attempt, componentVersion },
      meter,
      // The partner may compute for long between two messages; its absence is the link's business.
      deadlineMs: Math.min(this.#capability.deadlineSeconds * 1000, TIMER_MS_MAX),
      openLane,
    });
    this.#sessions.set(party, session as unknown as Session<MessageTable, string>);
    return session;
  }

  async #saveTable(port: string, table: TaskTable): Promise<void> {
    const file = `${port}.parquet`;
    await saveTable(join(this.#capability.folder, file), table, this.#signal);
    await this.#keep({ port, kind: "table", file, rows: table.rowCount, summary: null, report: null });
  }

  async #saveFile(
    port: string,
    source: TableFile,
    { columns, ...note }: Omit<TableNote, "pipeline"> & { readonly columns?: readonly string[] },
    write: (path: string) => Promise<number>,
  ): Promise<void> {
    const file = `${port}.parquet`;
    const path = join(this.#capability.folder, file);
    const rows = await write(path);
    const shape = await shapeOf(source);
    const { pipeline, copiesMax = 1 } = source;
    const whole = { copiesMax, ...note, ...(pipeline === undefined ? {} : { pipeline }) };
    await noteTable(path, { ...shape, columns: columns ?? shape.columns }, whole, rows);
    await this.#keep({ port, kind: "table", file, rows, summary: null, report: null });
  }

  async #modelFolder(port: string): Promise<string> {
    const folder = filesOf(join(this.#capability.folder, `${port}.json`));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** Beside the checkpoint: of the task, not of one attempt. */
  async #workFolder(): Promise<string> {
    const folder = workFolderOf(dirname(this.#capability.checkpointFile));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  #saveReport(port: string, { kind, title, data }: ReportValue): Promise<void> {
    return this.#saveJson(port, "report", data, { summary: null, rows: null, report: { kind, title } });
  }

  async #saveJson(
    port: string,
    kind: "model" | "report",
    value: unknown,
    about: Pick<OutputFile, "report" | "rows"> & { summary: ModelSummary | null },
  ): Promise<void> {
    const file = `${port}.json`;
    await saveJson(join(this.#capability.folder, file), value);
    await this.#keep({ port, kind, file, ...about });
  }

  async #keep(output: Omit<OutputFile, "digest" | "salt">): Promise<void> {
    const salt = systemSecrets().bytes(SALT_BYTES);
    const digest = await saltedDigest(join(this.#capability.folder, output.file), salt);
    this.outputs.push({ ...output, digest, salt: toHex(salt) });
  }

  #progress({ stage, done, total, rows, round }: Progress): void {
    this.#report({ type: "progress", progress: { stage, done, total, rows: rows ?? null, round: round ?? null } });
  }
}

/** The files that belong to a model stand beside it. */
const filesOf = (model: string): string => model.replace(/\.json$/, ".files");

/** Id columns are read as text, whatever their type: an id is not a number. */
function keysOf(partyParameters: unknown): string[] {
  const keys = (partyParameters as { keys?: unknown } | null)?.keys;
  return Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : [];
}

function missingIsUndefined(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
