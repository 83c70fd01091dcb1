import type { Client, Job, TaskView } from "@tombolo/sdk";
import { MultiBar, type SingleBar } from "cli-progress";
import { bytes, duration, exitCodes, plain } from "./output.ts";

const ENDED: ReadonlySet<Job["status"]> = new Set(["SUCCESS", "FAILED", "CANCELLED", "REJECTED"]);
const REFRESH_MS = 500;

export const hasEnded = (job: Job): boolean => ENDED.has(job.status);

/** Polls until the job has ended; `onChange` sees each state. The events stream only hurries the next look. */
export async function watchJob(
  client: Client,
  id: string,
  onChange: (job: Job) => void,
  signal: AbortSignal,
): Promise<Job> {
  for (;;) {
    const job = await client.call("getJob", { params: { id } }, { signal });
    onChange(job);
    if (hasEnded(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
}

/** One bar per party and running task on a terminal; a line per change of state elsewhere. */
export function progressView(): { show(job: Job): void; stop(): void } {
  return process.stderr.isTTY ? bars() : lines();
}

function bars(): { show(job: Job): void; stop(): void } {
  const multi = new MultiBar({
    // A line wider than the terminal would not be overwritten in place.
    linewrap: false,
    format: "{party} {task} |{bar}| {percentage}% {stage} {traffic}",
    hideCursor: true,
    clearOnComplete: false,
    stream: process.stderr,
    autopadding: true,
  });
  const known = new Map<string, SingleBar>();
  let started = false;
  let stopped = false;
  return {
    show(job) {
      // While nothing runs there is nothing to draw over: say what it waits for, once.
      if (!started && !hasEnded(job)) {
        started = true;
        process.stderr.write(`${jobLine(job)}\n`);
      }
      for (const task of job.tasks) {
        for (const lane of task.lanes) {
          if (lane.status === "PENDING") continue;
          const key = `${task.name}/${lane.party}`;
          const bar =
            known.get(key) ??
            multi.create(1, 0, { party: lane.party.padEnd(10), task: task.name.padEnd(16), stage: "", traffic: "" });
          known.set(key, bar);
          bar.setTotal(lane.total ?? 1);
          bar.update(lane.status === "SUCCESS" ? (lane.total ?? 1) : (lane.done ?? 0), {
            stage: lane.status === "RUNNING" ? (lane.stage ?? "") : lane.status.toLowerCase(),
            traffic: `out ${bytes(lane.bytesOut)} in ${bytes(lane.bytesIn)}`,
          });
        }
      }
    },
    // Stopping twice would move the cursor back over what was printed since.
    stop() {
      if (!stopped && known.size > 0) multi.stop();
      stopped = true;
    },
  };
}

function lines(): { show(job: Job): void; stop(): void } {
  const seen = new Map<string, string>();
  const changed = (key: string, state: string): boolean => {
    if (seen.get(key) === state) return false;
    seen.set(key, state);
    return true;
  };
  return {
    show(job) {
      const ended = hasEnded(job);
      if (!ended && changed("job", jobLine(job))) process.stderr.write(`${jobLine(job)}\n`);
      for (const task of job.tasks) {
        if (task.status !== "PENDING" && changed(task.name, task.status))
          process.stderr.write(`  ${task.name}: ${task.status}${took(task)}\n`);
      }
      if (ended && changed("job", jobLine(job))) process.stderr.write(`${jobLine(job)}\n`);
    },
    stop: () => undefined,
  };
}

const jobLine = (job: Job): string => `job ${job.id}: ${job.status}${waitingFor(job)}`;

function waitingFor(job: Job): string {
  const parties = job.consents.filter((consent) => consent.status === "WAITING").map((consent) => consent.party);
  return parties.length === 0 ? "" : ` (waits for the approval of ${parties.join(", ")})`;
}

function took(task: TaskView): string {
  if (task.startedAt === null || task.endedAt === null) return "";
  return ` (${duration(Date.parse(task.endedAt) - Date.parse(task.startedAt))})`;
}

export function failureText(job: Job): string {
  if (job.failure === null) return "";
  const { code, message, party, task, stage, remedy } = job.failure;
  const where = [
    task === null ? null : `task ${plain(task)}`,
    stage === null ? null : `stage ${plain(stage)}`,
    party === null ? null : `party ${party}`,
  ];
  return [
    `failed: ${plain(message)}  [${code}]`,
    `  ${where.filter((each) => each !== null).join(", ")}`,
    ...(remedy === null ? [] : [`  what to do: ${plain(remedy)}`]),
  ].join("\n");
}

export const exitCodeOfJob = (job: Job): number =>
  job.status === "SUCCESS" ? exitCodes.ok : job.status === "REJECTED" ? exitCodes.refused : exitCodes.failed;
