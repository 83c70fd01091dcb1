/** What a runner is given: all it gets, and within which limits. */
import { join } from "node:path";
import { findComponent, serviceUntil } from "@tombolo/components";
import type { Flow } from "@tombolo/scheduler";
import type { Side } from "../partner/side.ts";
import type { RunnerLimits } from "../runner/child.ts";
import type { Capability } from "../runner/ipc.ts";
import { inputsBinding } from "./read-from.ts";
import type { Job } from "./rows.ts";
import type { TaskOrder } from "./wire.ts";

/** What the orderly end of a service may take. */
const SERVICE_END_SECONDS = 60;

export function limitsOf({ config, paths }: Side): RunnerLimits {
  const memoryMiB = Math.floor(config.limits.runnerMemoryBytesMax / 2 ** 20);
  const compileCache = process.env.NODE_COMPILE_CACHE ?? join(paths.temporary, "compile-cache");
  return {
    heapMiB: memoryMiB,
    residentMiB: memoryMiB,
    threads: config.jobs.threads,
    compileCache,
    waitsIn: paths.temporary,
  };
}

export const roleOf = (flow: Flow, party: string): string =>
  flow.parties.find((each) => each.party === party)?.role ?? "";

export const attemptFolder = (side: Side, job: string, task: string, attempt: number): string =>
  join(side.paths.tasks, job, task, String(attempt));

export function capabilityOf(
  side: Side,
  job: Job,
  flow: Flow,
  order: TaskOrder,
  files: Pick<Capability, "inputs" | "datasets" | "participants" | "drawSalt"> & { token: string },
): Capability {
  const definition = flow.tasks[order.task]!;
  const component = findComponent(definition.component)!;
  const servesUntil = component.serves === undefined ? null : serviceUntil(definition.parameters);
  return {
    job: job.id,
    task: order.task,
    attempt: order.attempt,
    component: definition.component,
    componentVersion: component.version,
    self: { party: side.config.party, role: roleOf(flow, side.config.party) },
    participants: files.participants,
    parameters: definition.parameters,
    partyParameters: definition.partyParameters[side.config.party] ?? {},
    seed: flow.seed,
    minimumRows: side.config.jobs.minimumRows,
    drawSalt: files.drawSalt,
    binding: {
      consentHash: job.consent_hash,
      protocol: component.protocol?.name ?? "none",
      suite: job.document.suite,
      ...inputsBinding(order),
    },
    datasets: files.datasets,
    inputs: files.inputs,
    folder: attemptFolder(side, job.id, order.task, order.attempt),
    checkpointFile: join(side.paths.tasks, job.id, order.task, "checkpoint.json"),
    link: { socketPath: side.paths.runnerSocket, token: files.token },
    deadlineSeconds:
      servesUntil === null
        ? side.config.jobs.taskSecondsMax
        : Math.max(0, Math.ceil((servesUntil - side.clock.now().getTime()) / 1000)) + SERVICE_END_SECONDS,
    servesUntil,
    rowStore: servesUntil !== null && side.onlineStore !== undefined,
    awaySeconds: side.config.jobs.partnerAwaySeconds,
  };
}
