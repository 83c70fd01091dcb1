import { z } from "zod";
import { id, json, longText, partyId, shortText, timestamp } from "./common.ts";
import { failure, jobStatus } from "./jobs.ts";

/** Part of the address that business systems call. */
export const serviceName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,47}$/, "2 to 48 of a-z, 0-9 and -, starting with a letter");
const keys = z.array(z.string().max(200)).min(1).max(8);
const share = z.number().min(0).max(1);
const rowCount = z.number().int().min(1).max(1_000_000_000);

/** A model put to use: the hosts' tables that answer, what is answered, until when. The node turns it into a flow. */
export const deploymentForm = z.object({
  modelId: id,
  /** Of callers' ids: as many as every host has, in the same order. */
  hosts: z
    .array(
      z.object({
        partyId,
        datasetId: id,
        keys,
        /** A column that says when a row's features were true. */
        asOf: z.string().max(200).nullable().default(null),
      }),
    )
    .max(15),
  /**
   * Hosts do not learn which rows are scored: they tabulate their part for all rows first, under seal. Their rows are those
   * of that moment; other rows need another deployment.
   */
  hidden: z.boolean().default(false),
  /** A model of own columns alone, where a rule falls back on one. */
  fallbackModelId: id.nullable().default(null),
  /** The service ends by itself then. */
  until: timestamp,
  /** Of the serving component: what is answered, and by which rule where there is no score. */
  parameters: z.record(z.string(), json).default({}),
  message: longText.default(""),
});
/** An API key by its id, or a system with a token of the identity provider by its subject. */
const callerId = z
  .string()
  .regex(/^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,95}|oidc:[\x21-\x7e]{1,200})$/, "an API key's id, or oidc:<subject>");

const limits = {
  /** Rows each caller may have answered in a day (UTC). */
  rowsPerDay: rowCount,
  /** Rows a second of all callers together. */
  rowsPerSecond: z.number().int().min(1).max(1_000_000),
  /** Who may call, with a quota of their own where it differs; null: every key and token with the role "caller". */
  callers: z
    .array(z.object({ keyId: callerId, rowsPerDay: rowCount.nullable().default(null) }))
    .max(100)
    .nullable(),
  /** Scores are kept by trace id so long, for outcomes; 0: not at all. */
  traceDays: z.number().int().min(0).max(400),
  /** Population stability index from which scores or inputs count as drifted. */
  driftMax: z.number().min(0.01).max(10),
};
/** Own callers only; partners neither see nor sign these. */
export const serviceLimits = z.object({
  rowsPerDay: limits.rowsPerDay.default(1_000_000),
  rowsPerSecond: limits.rowsPerSecond.default(10_000),
  callers: limits.callers.default(null),
  traceDays: limits.traceDays.default(30),
  driftMax: limits.driftMax.default(0.25),
});
export const newService = deploymentForm.extend({
  name: serviceName,
  title: shortText,
  limits: serviceLimits.prefault({}),
});
/** What is not named stays: a field with a default would go back to it. */
export const servicePatch = z.object({ title: shortText, limits: z.object(limits).partial() }).partial();

/** Champion: what callers get. Challenger: a share of them. Shadow: asked beside it, its answers only counted. */
export const deploymentRole = z.enum(["champion", "challenger", "shadow", "standby", "retired"]);
/** WAITING for consents, STARTING, UP, DOWN with a reason, STOPPED in order. */
export const serviceState = z.enum(["WAITING", "STARTING", "UP", "DOWN", "STOPPED"]);

/** What ends a roll-out before its end: the answers go back to the champion at once. */
export const rollOutGuards = z.strictObject({
  /** Share of calls refused, or of rows that a rule answered because a partner was not there or too late. */
  errorRateMax: z.number().min(0).max(1).nullable().default(0.02),
  p99MsMax: z.number().min(1).max(10_000).nullable().default(null),
  /** Population stability index of its scores against the champion's; services that score only. */
  driftMax: z.number().min(0.01).max(10).nullable().default(null),
  /** No step ends with fewer calls answered. */
  callsMin: z.number().int().min(1).max(1_000_000).default(100),
});
/** Takes a deployment from step to step. Without steps: one change at a time that was set. */
export const rollOutPlan = z
  .strictObject({
    /** Null: as soon as it is up. */
    startAt: timestamp.nullable().default(null),
    steps: z
      .array(
        z.strictObject({
          share: z.number().gt(0).max(1),
          /** At least so long; 0: until `callsMin` calls were answered. */
          minutes: z.number().int().min(0).max(40_320),
        }),
      )
      .max(20)
      .default([]),
    guards: rollOutGuards.prefault({}),
    /** After the last step. Kept: it stays at the last share. */
    end: z.enum(["keep", "promote", "withdraw"]).default("keep"),
  })
  .refine(({ steps }) => steps.every(({ share: each }, i) => i === 0 || each > steps[i - 1]!.share), {
    path: ["steps"],
    message: "the shares must rise from step to step",
  })
  .refine(({ steps, startAt, end }) => steps.length > 0 || (startAt !== null && end !== "keep"), {
    path: ["steps"],
    message: "without steps, a plan promotes or withdraws at a time",
  });
export const rollOut = z.object({
  plan: rollOutPlan,
  /** WAITING to begin, RUNNING, DONE as planned, STOPPED before its end. */
  state: z.enum(["WAITING", "RUNNING", "DONE", "STOPPED"]),
  /** Of `plan.steps`, from 0. */
  step: z.number(),
  /** When this step began. */
  since: timestamp.nullable(),
  /** What the next move waits for. */
  waitsFor: z.enum(["start", "up", "minutes", "calls", "scores"]).nullable(),
  /** Of the present step, or of the last. */
  figures: z.object({
    calls: z.number(),
    errorRate: z.number().nullable(),
    p99Ms: z.number().nullable(),
    drift: z.number().nullable(),
  }),
  /** Why it stopped; `found` and `limit` of the guard that was broken, `by` whom, where a person ended it. */
  reason: z
    .object({
      cause: z.enum(["errors", "latency", "drift", "champion", "shares", "ended", "late", "by-hand"]),
      found: z.number().nullable(),
      limit: z.number().nullable(),
      by: z.string().nullable(),
    })
    .nullable(),
  createdBy: z.string(),
  createdAt: timestamp,
  endedAt: timestamp.nullable(),
});

/** Population stability index against a reference; null: too few rows for it to mean anything. */
export const stability = z.object({ rows: z.number(), index: z.number().nullable() });
/** Rows, since the service's last start, that held what a step of the own pipeline had not seen in training. */
export const servedNote = z.object({
  /** From 1 on: which of the pipeline's transforms, of what kind, and which of its steps. */
  transform: z.number(),
  kind: z.string(),
  step: z.number(),
  column: z.string(),
  what: z.enum(["unseen", "outside", "undefined", "missing"]),
  rows: z.number(),
});
export const deployment = z.object({
  id,
  jobId: id,
  jobStatus,
  modelId: id,
  modelName: z.string(),
  role: deploymentRole,
  /** Of callers, while it is a challenger. */
  share,
  state: serviceState,
  failure: failure.nullable(),
  /** Partners whose part does not answer now: the rules do. */
  absent: z.array(partyId),
  until: timestamp,
  createdBy: z.string(),
  createdAt: timestamp,
  /** Scores against those of the model's own test, or against the first that it gave. */
  scores: stability.extend({ reference: z.enum(["test", "first-rows"]).nullable() }),
  /** Own columns. A partner's are watched by the partner. */
  inputs: z.array(stability.extend({ column: z.string() })),
  notes: z.array(servedNote),
  /** The latest plan; null: there never was one. */
  rollOut: rollOut.nullable(),
  /** Over the outcomes that came back. */
  performance: z.object({ outcomes: z.number(), positives: z.number(), auc: z.number().nullable() }),
});
export const serviceAlert = z.object({
  id,
  deployment: id,
  /** "scores", or the column. */
  about: z.string(),
  index: z.number(),
  limit: z.number(),
  at: timestamp,
  endedAt: timestamp.nullable(),
});
/** What a service answers. */
export const serviceKind = z.enum(["score", "query", "verify"]);
export const service = z.object({
  name: serviceName,
  title: shortText,
  kind: serviceKind,
  projectId: id,
  state: serviceState,
  champion: id.nullable(),
  /** What a rollback goes back to. */
  previous: id.nullable(),
  deployments: z.array(deployment),
  limits: serviceLimits,
  createdBy: z.string(),
  createdAt: timestamp,
  /** Who stopped it and why. */
  stopped: z.object({ at: timestamp, by: z.string(), reason: z.string() }).nullable(),
  /** Since midnight UTC. */
  today: z.object({ calls: z.number(), rows: z.number(), errors: z.number() }),
  /** Who asked today: the id that quotas go by, and the name. */
  callers: z.array(z.object({ id: callerId, caller: z.string(), rows: z.number(), rowsPerDay: z.number() })),
  /** Newest first. */
  alerts: z.array(serviceAlert),
});

const counts = z.record(z.string(), z.number());
/** What a service did, minute by minute. Counts only: which ids were asked is kept nowhere. */
export const serviceTraffic = z.object({
  /** Upper ends of the bins of `latency`, in ms; the last bin is open. */
  latencyEdgesMs: z.array(z.number()),
  minutes: z.array(
    z.object({
      at: timestamp,
      deployment: id,
      calls: z.number(),
      rows: z.number(),
      /** Calls by the code they were refused with. */
      errors: counts,
      /** Rows by the rule that answered in place of the score. */
      policies: counts,
      latency: z.array(z.number()),
      p50Ms: z.number().nullable(),
      p99Ms: z.number().nullable(),
    }),
  ),
  scores: z.array(
    z.object({
      deployment: id,
      /** Inner edges of the bins. */
      edges: z.array(z.number()),
      seen: z.array(z.number()),
      /** As shares; null while there is none. */
      reference: z.array(z.number()).nullable(),
    }),
  ),
});

const cell = z.union([z.string().max(4000), z.number(), z.boolean(), z.null()]);
const idText = z.string().min(1).max(400);
/** The id; several texts where a row is known by several columns. */
const rowId = z.union([idText, z.array(idText).min(1).max(8)]);
const features = z.record(z.string().max(200), cell);
export const scoreCall = z.object({
  rows: z
    .array(
      z.strictObject({
        id: rowId,
        /** Own features by column; left out where the own table holds them. */
        features: features.optional(),
      }),
    )
    .min(1)
    .max(1000),
});
/** One row's answer. What a service gives is agreed when it is deployed. */
export const scoreAnswer = z.looseObject({
  score: z.number().nullish(),
  band: z.string().nullish(),
  decision: z.string().nullish(),
  /** What moved the score most: own columns by name, a partner's by an anonymous number. */
  reasons: z
    .array(z.object({ feature: z.union([z.string(), z.number()]), party: partyId, contribution: z.number() }))
    .nullish(),
  /** Why a party's features are not in it, and what answered in place of the model. */
  policy: z.object({ cause: z.string(), party: partyId, instead: z.string() }).nullish(),
  refusal: z.object({ code: z.string(), message: z.string() }).nullish(),
});
export const scoreReply = z.object({
  traceId: z.string(),
  deployment: id,
  modelId: id,
  /** Until when outcomes may be sent for this trace; null: its scores are not kept. */
  outcomesUntil: timestamp.nullable(),
  rows: z.array(scoreAnswer),
});
/** The dataset stays as it is: a service that is deployed anew starts from it. */
export const servedRows = z.object({
  changes: z
    .array(
      z.union([z.strictObject({ put: z.strictObject({ id: rowId, features }) }), z.strictObject({ remove: rowId })]),
    )
    .min(1)
    .max(1000),
});
export const servedRowsTaken = z.object({
  /** In the changes' places; `done` false: there was no such row to remove. */
  changes: z.array(
    z.object({
      done: z.boolean().optional(),
      refusal: z.object({ code: z.string(), message: z.string() }).optional(),
    }),
  ),
});
/** Own columns of the rows asked about in the last hour, against all that are held. */
export const servedStability = z.object({
  inputs: z.array(stability.extend({ column: z.string() })),
  /** Of rows that were changed since the service's last start. */
  notes: z.array(servedNote),
});
export const questionCall = z.object({
  /** The keys asked about; several parts where the table is known by several columns, such as name and phone. */
  rows: z
    .array(
      z.strictObject({
        id: rowId,
        /** To what the data subject authorised, where the service wants it: SHA-256 of the document, and its end. */
        authorisation: z
          .strictObject({
            hash: z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in hex"),
            expires: z.iso.datetime({ offset: true }),
          })
          .optional(),
      }),
    )
    .min(1)
    .max(1000),
});
const questionReply = { traceId: z.string(), deployment: id, modelId: id };
const refused = { refusal: z.object({ code: z.string(), message: z.string() }).nullish() };
/** Of each key: whether the partner's table has it, and the agreed columns of its row. */
export const queryReply = z.object({
  ...questionReply,
  rows: z.array(z.object({ found: z.boolean().nullish(), values: z.record(z.string(), cell).nullish(), ...refused })),
});
/** Of each key: whether its parts stand together in one row of the partner's table. */
export const verifyReply = z.object({
  ...questionReply,
  rows: z.array(z.object({ verified: z.boolean().nullish(), ...refused })),
});
/** What became of those who were scored: 1 for the event that the model predicts, else 0; or the value it estimates. */
export const outcomes = z.object({
  items: z
    .array(
      z.strictObject({
        traceId: z.string().max(64),
        /** Its place in the call, from 0. */
        row: z.number().int().min(0).max(999).default(0),
        outcome: z.number(),
      }),
    )
    .min(1)
    .max(1000),
});
export const outcomesKept = z.object({
  kept: z.number(),
  /** Traces that are not known here, or no longer. */
  unknown: z.array(z.string()),
});

export type DeploymentForm = z.input<typeof deploymentForm>;
export type NewService = z.input<typeof newService>;
export type ServiceLimits = z.output<typeof serviceLimits>;
export type RollOutPlan = z.output<typeof rollOutPlan>;
export type RollOutForm = z.input<typeof rollOutPlan>;
export type RollOut = z.infer<typeof rollOut>;
export type DeploymentRole = z.infer<typeof deploymentRole>;
export type ServiceState = z.infer<typeof serviceState>;
export type Deployment = z.infer<typeof deployment>;
export type Service = z.infer<typeof service>;
export type ServiceTraffic = z.infer<typeof serviceTraffic>;
export type ScoreCall = z.input<typeof scoreCall>;
export type ScoreAnswer = z.infer<typeof scoreAnswer>;
export type QuestionCall = z.input<typeof questionCall>;
export type QueryReply = z.infer<typeof queryReply>;
export type VerifyReply = z.infer<typeof verifyReply>;
export type ScoreReply = z.infer<typeof scoreReply>;
