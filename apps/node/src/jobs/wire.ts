/** East-west control of jobs, shaped after BFIA's schedule resources: bodies and their limits. */
import { z } from "zod";
import { confirmBody } from "./consents.ts";
import type { Lane } from "./views.ts";

export const PATHS = {
  jobStart: "/v1/interconn/schedule/job/start",
  jobStop: "/v1/interconn/schedule/job/stop",
  taskStart: "/v1/interconn/schedule/task/start",
  taskStop: "/v1/interconn/schedule/task/stop",
  taskPoll: "/v1/interconn/schedule/task/poll",
  taskCallback: "/v1/interconn/schedule/task/callback",
} as const;

const id = z.string().max(96);
const short = z.string().max(200);
const count = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const party = z.string().regex(/^[a-z][a-z0-9-]{1,31}$/);
const attempt = z.number().int().min(1).max(10_000);
const fence = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);
export const taskStatus = z.enum(["PENDING", "READY", "RUNNING", "SUCCESS", "FAILED", "CANCELLED", "SKIPPED"]);

/** The public part of a failure. */
export const failure = z.strictObject({
  code: z.string().regex(/^(input|protocol|transport|consent|auth|state|resource|aborted)\.[a-z0-9][a-z0-9.-]{0,62}$/),
  message: z.string().max(2000),
  party: short.nullable(),
  task: short.nullable(),
  stage: short.nullable(),
  remedy: z.null(),
  detail: z.null(),
});

export const lane = z.strictObject({
  party,
  status: taskStatus,
  stage: short.nullable(),
  /** Of the stage. No counts of rows: border.ts says why. */
  percent: z.number().int().min(0).max(100).nullable(),
  round: count.nullable(),
  etaSeconds: count.nullable(),
});

/** One party's signed word on what an attempt left. */
export const stageDigest = z.strictObject({
  task: short,
  attempt,
  party,
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  signature: z.string().max(100),
});
export type StageDigest = z.infer<typeof stageDigest>;

/** A task as the initiator sees it. */
export const taskState = z.strictObject({
  name: short,
  status: taskStatus,
  attempt: z.number().int().min(0).max(10_000),
  reused: z.boolean(),
  lanes: z.array(lane).max(16),
  failure: failure.nullable(),
});
export type TaskState = z.infer<typeof taskState>;

export const jobStartBody = z.strictObject({
  job_id: id,
  fence,
  consents: z.array(confirmBody).max(16),
  /** Seconds without a word from the initiator after which the job has failed. */
  away_seconds: z.number().int().min(1).max(86_400),
});
export const taskStartBody = z.strictObject({
  job_id: id,
  fence,
  task: short,
  attempt,
  session_token: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** What the inputs are: finished attempts, with every party's signed digest. */
  upstream: z.array(z.strictObject({ task: short, attempt, digests: z.array(stageDigest).max(16) })).max(64),
});
export type TaskOrder = z.infer<typeof taskStartBody>;
export const taskStopBody = z.strictObject({ job_id: id, fence, task: short, attempt, reason: failure });
export const taskPollBody = z.strictObject({ job_id: id, fence, tasks: z.array(taskState).max(64) });
export const taskCallbackBody = z.strictObject({ job_id: id, task: short, attempt });
export const jobStopBody = z.strictObject({
  job_id: id,
  status: z.enum(["SUCCESS", "FAILED", "CANCELLED"]),
  failure: failure.nullable(),
  tasks: z.array(taskState).max(64),
});

/** What a participant answers to a poll. */
export const pollAnswer = z.object({
  status: z.enum(["PENDING", "READY", "REJECTED", "RUNNING", "SUCCESS", "FAILED", "CANCELLED"]),
  failure: failure.nullable(),
  attempts: z
    .array(
      z.object({
        task: short,
        attempt,
        status: z.enum(["RUNNING", "SUCCESS", "FAILED"]),
        failure: failure.nullable(),
        lane,
        digest: stageDigest.nullable(),
      }),
    )
    .max(64),
});
export type PollAnswer = z.infer<typeof pollAnswer>;
/** An attempt as this node sees it: its own in figures, a partner's as far as it was told. */
export type AttemptReport = Omit<PollAnswer["attempts"][number], "lane"> & { readonly lane: Lane };
