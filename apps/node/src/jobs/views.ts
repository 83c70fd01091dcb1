/** Types of the jobs area as the API shows them, inferred from the SDK's schema. */
import type { failure, job, jobStatus, lane, meterRow, taskStatus } from "@tombolo/sdk";
import type { z } from "zod";

export type JobView = z.input<typeof job>;
export type JobStatus = z.infer<typeof jobStatus>;
export type TaskStatus = z.infer<typeof taskStatus>;
export type JobFailure = z.infer<typeof failure>;
export type Lane = z.infer<typeof lane>;
export type MeterRow = z.infer<typeof meterRow>;
export interface ModelParty {
  readonly party: string;
  readonly role: string;
}

export const ENDED: readonly JobStatus[] = ["REJECTED", "SUCCESS", "FAILED", "CANCELLED"];
