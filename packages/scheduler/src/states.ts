/**
 * Job and task as state machines, written as tables: what is not listed is impossible and throws. The node persists the
 * new state before it acts on it.
 */
import { TomboloError } from "@tombolo/base";

export type JobStatus = "PENDING" | "READY" | "REJECTED" | "RUNNING" | "SUCCESS" | "FAILED" | "CANCELLED";
export type JobEvent = "consented" | "rejected" | "start" | "succeed" | "fail" | "cancel" | "rerun";

export const jobTransitions: Transitions<JobStatus, JobEvent> = {
  // Waits for consents. "fail": a request that expired or broke before it could run.
  PENDING: { consented: "READY", rejected: "REJECTED", cancel: "CANCELLED", fail: "FAILED" },
  READY: { start: "RUNNING", cancel: "CANCELLED", fail: "FAILED" },
  REJECTED: {},
  RUNNING: { succeed: "SUCCESS", fail: "FAILED", cancel: "CANCELLED" },
  SUCCESS: {},
  FAILED: { rerun: "READY" },
  CANCELLED: { rerun: "READY" },
};

export type TaskStatus = "PENDING" | "READY" | "RUNNING" | "SUCCESS" | "FAILED" | "CANCELLED" | "SKIPPED";
export type TaskEvent = "ready" | "start" | "succeed" | "fail" | "cancel" | "skip" | "again" | "reset";

export const taskTransitions: Transitions<TaskStatus, TaskEvent> = {
  PENDING: { ready: "READY", cancel: "CANCELLED", skip: "SKIPPED" },
  READY: { start: "RUNNING", cancel: "CANCELLED", skip: "SKIPPED" },
  // "again": the attempt was lost (a crash, a cut network) and another one, with new keys, takes its place.
  RUNNING: { succeed: "SUCCESS", fail: "FAILED", cancel: "CANCELLED", again: "READY" },
  // "reset": a rerun of what this task's inputs came from, or of itself.
  SUCCESS: { reset: "PENDING" },
  FAILED: { reset: "PENDING" },
  CANCELLED: { reset: "PENDING" },
  SKIPPED: { reset: "PENDING" },
};

export type Transitions<S extends string, E extends string> = Readonly<Record<S, Readonly<Partial<Record<E, S>>>>>;

/** The state after `event`. Throws `state.transition` where the table has none. */
export function transition<S extends string, E extends string>(table: Transitions<S, E>, state: S, event: E): S {
  const next = table[state]?.[event];
  if (next === undefined)
    throw new TomboloError("state.transition", `"${event}" is not possible in the state ${state}`, {
      remedy: "Look at the present state first: it may have changed meanwhile.",
    });
  return next;
}

export const transitionJob = (state: JobStatus, event: JobEvent): JobStatus => transition(jobTransitions, state, event);
export const transitionTask = (state: TaskStatus, event: TaskEvent): TaskStatus =>
  transition(taskTransitions, state, event);

/** No event but a rerun leads out of it. */
export const isFinalTask = (state: TaskStatus): boolean => !["PENDING", "READY", "RUNNING"].includes(state);
