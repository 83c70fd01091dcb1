/** Flows that run by the clock, and what became of each time they were due. */
import type { JobFailure } from "../../jobs/views.ts";
import type { Json, Timestamp } from "../columns.ts";

export interface ScheduleTables {
  schedules: {
    id: string;
    name: string;
    project_id: string;
    status: "WAITING" | "ACTIVE" | "PAUSED" | "REJECTED" | "WITHDRAWN" | "ENDED";
    flow: Json<unknown>;
    message: string;
    cron: string;
    time_zone: string;
    until: Timestamp;
    /** What was approved: hash over the flow, its disclosure and when it runs. */
    approved_hash: string;
    next_run_at: Timestamp | null;
    created_by: string;
    created_by_id: string;
    created_at: Timestamp;
    approved_by: string | null;
    reason: string | null;
    /** Paused by an approver, the clock's checks or the end of a contract: only an approver resumes it. */
    held: boolean;
  };
  schedule_runs: {
    schedule_id: string;
    due_at: Timestamp;
    job_id: string | null;
    failure: Json<JobFailure | null>;
  };
}
