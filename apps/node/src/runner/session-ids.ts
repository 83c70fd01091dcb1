/** By what names a task's runner and its partners open connections: one for the session, more for its further lanes. */
import { LANES_MAX } from "@tombolo/channel";

/** Lane 0 is the session's first. Attempts are numbers, so that no lane has the name of another task's session. */
export const sessionIdOf = (job: string, task: string, attempt: number, lane = 0): string =>
  lane === 0 ? `${job}.${task}.${attempt}` : `${job}.${task}.${attempt}.lane.${lane}`;

/** All that an attempt may open. */
export const sessionIdsOf = (job: string, task: string, attempt: number): readonly string[] =>
  Array.from({ length: LANES_MAX + 1 }, (_, lane) => sessionIdOf(job, task, attempt, lane));
