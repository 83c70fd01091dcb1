/**
 * The process of one task attempt: gets its capability over IPC, runs the component's part, reports, ends. It has no
 * key, no database and no way to the network but the node's private socket. When the node is gone, so is it.
 */
import { dirname } from "node:path";
import { type PublicError, TomboloError } from "@tombolo/base";
import { findComponent } from "@tombolo/components";
import type { Capability, FromRunner, RunnerFailure, ToRunner } from "./ipc.ts";
import { TaskRun } from "./task-context.ts";

const METER_MS = 250;
const FAREWELL_MS = 1_500;

const stop = new AbortController();
let running: TaskRun | undefined;
const report = (message: FromRunner): void => void deliver(message);
/** Resolves once the node's end has it. */
const deliver = (message: FromRunner): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });

process.once("disconnect", () => process.exit(1));
process.on("message", (message: ToRunner) => {
  if (message.type === "start") void run(message.capability);
  else if (message.type === "drawn") running?.drawn(message.draw, message.refusal);
  else if (message.type === "reserved") running?.reserved(message.reserve, message.rows, message.refusal);
  else if (message.type === "rows") running?.rowStore.answered(message.call, message.answer, message.refusal);
  else if (message.type === "ask") running?.service.ask(message.ask, message.items);
  else if (message.type === "end") running?.service.end();
  else stop.abort(stopError(message.reason));
});

async function run(capability: Capability): Promise<void> {
  moveInto(capability.folder);
  const task = new TaskRun(capability, report, stop.signal);
  running = task;
  let meterText = "";
  const sendMeter = (): void => {
    const counts = task.counts();
    const text = JSON.stringify(counts);
    if (text !== meterText) report({ type: "meter", counts });
    meterText = text;
  };
  const meter = setInterval(sendMeter, METER_MS);
  try {
    await orStopped(perform(capability, task));
    sendMeter();
    await deliver({ type: "done", outputs: task.outputs });
  } catch (error) {
    const failure = asFailure(error, capability);
    sendMeter();
    await deliver({ type: "failed", failure: publicFailure(failure) });
    // The partners' runners get the reason before the links go down with this process.
    if (task.abort(failure)) await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
  } finally {
    clearInterval(meter);
  }
  process.exit(0);
}

/** It waited elsewhere until its task was known. */
function moveInto(folder: string): void {
  process.chdir(folder);
  Object.assign(process.env, { HOME: folder, TMPDIR: folder });
}

async function perform(capability: Capability, task: TaskRun): Promise<void> {
  const component = findComponent(capability.component);
  const part = component?.run[capability.self.role];
  if (component === undefined || part === undefined || component.version !== capability.componentVersion)
    throw new TomboloError(
      "state.component",
      `this node cannot run ${capability.component} ${capability.componentVersion}${component === undefined ? "" : `, but ${component.version}`}`,
      {
        remedy:
          "The software was changed while the node ran or the job waited: restart the node, and submit the flow again.",
      },
    );
  const parameters = component.parameters.parse(capability.parameters);
  const partyParameters = component.partyParameters.parse(capability.partyParameters);
  await part(task.context(parameters, partyParameters));
  await task.close();
}

function orStopped<T>(work: Promise<T>): Promise<T> {
  if (stop.signal.aborted) return Promise.reject(stop.signal.reason);
  const { promise, reject } = Promise.withResolvers<never>();
  stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
  return Promise.race([work, promise]);
}

function stopError({ code, message, ...rest }: PublicError): TomboloError {
  return new TomboloError(code, message, rest);
}

/** Machine faults get a name; what nobody foresaw is our bug and says so, with its trace kept private. */
function asFailure(error: unknown, { self, folder }: Capability): TomboloError {
  const known = TomboloError.from(error);
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code !== "ENOSPC" && code !== "EDQUOT" && known.code !== "resource.disk") return known;
  const full = known.code === "resource.disk" ? known.message : "the disk is full";
  return new TomboloError("resource.disk", `${full}: the one with the data directory of ${self.party}`, {
    blame: self.party,
    remedy: `Free space on the disk that holds ${dirname(folder)} (see \`df\`), then rerun the job: finished tasks are kept, nothing half-written was left.`,
    cause: error,
  });
}

function publicFailure(error: TomboloError): RunnerFailure {
  const trace =
    error.code === "state.internal"
      ? { trace: String((error.cause as Error | undefined)?.stack ?? error.cause).slice(0, 4000) }
      : {};
  const detail = { ...error.detail, ...trace };
  return {
    ...error.toPublic(),
    detail: Object.keys(detail).length === 0 ? null : (JSON.parse(JSON.stringify(detail)) as Record<string, unknown>),
  };
}
