/**
 * A node's `jobs.attemptsMax` is at most this: how often a task may be done over by itself. What is promised of all attempts together
 * is planned for so many.
 */
export const TASK_ATTEMPTS_MAX = 20;
