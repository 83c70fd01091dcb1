import { z } from "zod";
import { id, json, longText, partyId, shortText, timestamp } from "./common.ts";
import { disclosureItem, failure, jobStatus, submitJob } from "./jobs.ts";

/** Five fields: minute, hour, day of month, month, day of week. */
const cron = z
  .string()
  .trim()
  .regex(/^\S+( +\S+){4}$/, "five fields: minute, hour, day of month, month, day of week")
  .max(120);

/** A flow that runs again and again (定时作业). Its approver says yes once, to the flow and to when it runs. */
export const newSchedule = z.object({
  name: shortText,
  projectId: id,
  flow: submitJob.shape.flow,
  message: longText.default(""),
  cron,
  /** IANA name: the clock on the wall that the cron expression means. */
  timeZone: z.string().max(64).default("UTC"),
  /** No run starts after it. */
  until: timestamp,
});
export const scheduleStatus = z.enum(["WAITING", "ACTIVE", "PAUSED", "REJECTED", "WITHDRAWN", "ENDED"]);
export const scheduleRun = z.object({
  dueAt: timestamp,
  /** Null when the run was not even submitted; then `failure` says why. */
  jobId: id.nullable(),
  jobStatus: jobStatus.nullable(),
  failure: failure.nullable(),
});
export const schedule = z.object({
  id,
  name: shortText,
  projectId: id,
  status: scheduleStatus,
  cron: z.string(),
  timeZone: z.string(),
  until: timestamp,
  nextRunAt: timestamp.nullable(),
  createdBy: z.string(),
  createdAt: timestamp,
  approvedBy: z.string().nullable(),
  /** Why it does not run by itself: paused by a person, or what stopped it. */
  reason: z.string().nullable(),
  parties: z.array(z.object({ party: partyId, role: z.string() })),
  flow: json,
  flowYaml: z.string(),
  disclosure: z.array(disclosureItem),
  /** Newest first. */
  runs: z.array(scheduleRun),
});
export type Schedule = z.infer<typeof schedule>;
export type ScheduleStatus = z.infer<typeof scheduleStatus>;
