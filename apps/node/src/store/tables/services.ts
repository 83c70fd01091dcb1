/** Services: what runs as which, what they did by the minute, and what was answered, as long as outcomes may come. */
import type { Observed, ServiceKind } from "@tombolo/components";
import type { DeploymentRole, RollOut, RollOutPlan, ServiceLimits } from "@tombolo/sdk";
import type { Json, Timestamp } from "../columns.ts";

export interface ServiceTables {
  services: {
    name: string;
    title: string;
    kind: ServiceKind;
    project_id: string;
    limits: Json<ServiceLimits>;
    champion: string;
    /** What a rollback goes back to. */
    previous: string | null;
    created_by: string;
    created_at: Timestamp;
    stopped_at: Timestamp | null;
    stopped_by: string | null;
    reason: string | null;
  };
  service_deployments: {
    id: string;
    service: string;
    job_id: string;
    /** The serving task of the job. */
    task: string;
    model_id: string;
    role: DeploymentRole;
    share: number;
    until: Timestamp;
    created_by: string;
    created_at: Timestamp;
    /** What its scores are held against. */
    reference: Json<ScoreReference | null>;
  };
  /** The latest plan of a deployment. */
  service_roll_outs: {
    deployment: string;
    plan: Json<RollOutPlan>;
    state: RollOut["state"];
    step: number;
    since: Timestamp | null;
    /** The champion that it began beside. */
    rival: string;
    reason: Json<RollOut["reason"]>;
    counts: Json<TrialCounts>;
    created_by: string;
    created_at: Timestamp;
    ended_at: Timestamp | null;
  };
  service_minutes: {
    deployment: string;
    at: Timestamp;
    calls: number;
    rows: number;
    errors: Json<Readonly<Record<string, number>>>;
    policies: Json<Readonly<Record<string, number>>>;
    latency: Json<readonly number[]>;
    /** By the bins of the deployment's reference; empty while it has none. */
    scores: Json<readonly number[]>;
  };
  /** Rows answered to a caller in a day (UTC). */
  service_usage: {
    service: string;
    /** Id of the key, the person or the token's subject: names may be given twice. */
    caller: string;
    name: string;
    day: string;
    calls: number;
    rows: number;
  };
  /** Scores by trace: never an id. */
  service_calls: {
    trace_id: string;
    deployment: string;
    at: Timestamp;
    scores: Json<readonly (number | null)[]>;
    /** By row; null until one comes back. */
    outcomes: Json<readonly (number | null)[] | null>;
  };
  /** Counts by own column of the first rows that were asked. */
  service_inputs: {
    deployment: string;
    reference: Json<Observed>;
  };
  service_alerts: {
    id: string;
    service: string;
    deployment: string;
    about: string;
    index: number;
    limit: number;
    at: Timestamp;
    ended_at: Timestamp | null;
  };
}

export interface ScoreReference {
  readonly from: "test" | "first-rows";
  /** Inner edges, rising; one bin more than edges. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** What a deployment on trial did in a step of its plan, and what the champion scored beside it since the plan began. */
export interface TrialCounts {
  readonly edges: readonly number[];
  /** The champion's scores before; null where its bins are not known. */
  readonly before: readonly number[] | null;
  readonly rival: readonly number[];
  readonly calls: number;
  readonly refused: number;
  readonly rows: number;
  /** Rows that a rule answered, or none, because a partner was not there. */
  readonly alone: number;
  readonly latency: readonly number[];
  readonly scores: readonly number[];
}
