/** Jobs, tasks, attempts and what they left. Everything is written before it is acted on. */
import type { ModelSummary } from "@tombolo/components";
import type { ColumnType } from "kysely";
import type { ConsentDocument } from "../../consent/document.ts";
import type { ReadFrom } from "../../jobs/read-from.ts";
import type { JobFailure, JobStatus, Lane, ModelParty, TaskStatus } from "../../jobs/views.ts";
import type { OutputFile } from "../../runner/ipc.ts";
import type { Generated, Json, Timestamp } from "../columns.ts";

export interface JobTables {
  jobs: {
    id: string;
    name: string;
    project_id: string;
    initiator: string;
    status: JobStatus;
    document: Json<ConsentDocument>;
    consent_hash: string;
    flow_yaml: string;
    message: string;
    created_by: string;
    created_at: Timestamp;
    started_at: Timestamp | null;
    ended_at: Timestamp | null;
    failure: Json<JobFailure | null>;
    /** Counts how often the job was taken up by a process; an order with a lower one is refused. */
    fence: number;
    lease_owner: string | null;
    lease_until: Timestamp | null;
    /** When the initiator last spoke about the job. */
    contact_at: Timestamp | null;
    /** The flow kept here that it was asked for from, and which revision it equals; null: none. */
    kept_flow: string | null;
    kept_revision: number | null;
  };
  /** What a partner may ask, and has asked, about an own dataset. A null limit: counted only. */
  ask_budgets: {
    partner: string;
    dataset_id: string;
    runs_max: number | null;
    ids_max: number | null;
    runs_used: number;
    ids_used: number;
    updated_at: Timestamp;
    /** Of ids, on `day` (UTC). */
    ids_day_max: number | null;
    ids_day_used: Generated<number>;
    day: Generated<string>;
    authorisation_required: Generated<boolean>;
    /** Null: nobody has; the limits are as they come. */
    set_by: string | null;
  };
  /** Ids that a partner asked about in an attempt. */
  asks: {
    job_id: string;
    task: string;
    attempt: number;
    partner: string;
    dataset_id: string;
    ids: number;
    at: Timestamp;
  };
  job_consents: {
    job_id: string;
    party: string;
    decision: "APPROVED" | "REJECTED";
    by: string;
    reason: string | null;
    at: Timestamp;
    /** Exact ISO text of `at` as signed. */
    signed_at: string;
    signature: string;
  };
  tasks: {
    job_id: string;
    name: string;
    status: TaskStatus;
    attempt: number;
    reused: boolean;
    lanes: Json<readonly Lane[]>;
    failure: Json<JobFailure | null>;
    started_at: Timestamp | null;
    ended_at: Timestamp | null;
  };
  /** Own part of an attempt. */
  attempts: {
    job_id: string;
    task: string;
    attempt: number;
    status: "RUNNING" | "SUCCESS" | "FAILED";
    failure: Json<JobFailure | null>;
    outputs: Json<readonly OutputFile[]>;
    /** Attempt by task, of all that it read from, itself or by way of others; null: not known. */
    read_from: ColumnType<ReadFrom | null, string | undefined, string>;
    started_at: Timestamp;
    ended_at: Timestamp | null;
  };
  /** What each party says, signed, that an attempt of a task left: SHA-256 over its outputs' digests. */
  stage_digests: {
    job_id: string;
    task: string;
    attempt: number;
    party: string;
    digest: string;
    signature: string;
  };
  meter: {
    job_id: string;
    task: string;
    attempt: number;
    partner: string;
    name: string;
    direction: "out" | "in";
    messages: number;
    bytes: number;
  };
  job_logs: {
    id: Generated<number>;
    job_id: string;
    task: string | null;
    level: "debug" | "info" | "warn" | "error";
    message: string;
    at: Timestamp;
  };
  models: {
    id: string;
    job_id: string;
    task: string;
    name: string;
    summary: Json<ModelSummary>;
    parties: Json<readonly ModelParty[]>;
    /** Below the data directory. */
    file: string;
    derived_from_revoked: boolean;
    created_at: Timestamp;
  };
}
