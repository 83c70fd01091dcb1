import { type Job, type LiveEvent, lane, meterRow, type TaskView } from "@tombolo/sdk";
import { z } from "zod";

const riding = z.object({
  task: z.string(),
  /** Own lane; partners' lanes come with the next read. */
  lane: lane.optional().catch(undefined),
  meter: z
    .array(meterRow.omit({ task: true }))
    .optional()
    .catch(undefined),
});

/** An event that was under way when its task ended says nothing new. */
const ENDED: readonly TaskView["status"][] = ["SUCCESS", "FAILED", "CANCELLED", "SKIPPED"];

/** The job with the event's lane and meter rows in place of its own; undefined when nothing rode along. */
export function patched(job: Job, event: LiveEvent): Job | undefined {
  const parsed = riding.safeParse(event.data);
  if (!parsed.success) return undefined;
  const { task: name, lane: own, meter } = parsed.data;
  const tasks = job.tasks.map((task) =>
    task.name !== name || own === undefined || ENDED.includes(task.status)
      ? task
      : { ...task, lanes: task.lanes.map((each) => (each.party === own.party ? own : each)) },
  );
  if (meter === undefined) return { ...job, tasks };
  const others = job.meter.filter((row) => row.task !== name);
  return { ...job, tasks, meter: [...others, ...meter.map((row) => ({ ...row, task: name }))] };
}
