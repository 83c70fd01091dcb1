import { z } from "zod";
import { id } from "../common.ts";
import { flowCheck } from "../jobs.ts";
import * as services from "../services.ts";
import { byId, listOf, reason, route } from "./route.ts";

const byName = z.object({ name: services.serviceName });
const ofDeployment = byName.extend({ deployment: id });
const of = { tag: "services", params: byName } as const;

/** Models in use: what business systems call, how it goes, and what takes their place. */
export const serviceRoutes = {
  serviceFlow: route({
    method: "POST",
    path: "/api/v1/flows/service",
    permission: "jobs:read",
    tag: "services",
    summary: "The flow of a service: what each side learns, and whom it will wait for",
    body: services.deploymentForm.extend({ name: services.serviceName }),
    response: flowCheck,
  }),
  listServices: route({
    method: "GET",
    path: "/api/v1/services",
    permission: "services:read",
    tag: "services",
    summary: "Services of this party",
    response: listOf(services.service),
  }),
  createService: route({
    method: "POST",
    path: "/api/v1/services",
    permission: "services:manage",
    tag: "services",
    summary: "Deploy a model as a new service; it is up once every party consented",
    body: services.newService,
    response: services.service,
  }),
  getService: route({
    method: "GET",
    path: "/api/v1/services/:name",
    permission: "services:read",
    summary: "One service with its deployments, stability and alerts",
    response: services.service,
    ...of,
  }),
  changeService: route({
    method: "PATCH",
    path: "/api/v1/services/:name",
    permission: "services:manage",
    summary: "Its title, who may call it how much, and what counts as drift",
    body: services.servicePatch,
    response: services.service,
    ...of,
  }),
  serviceTraffic: route({
    method: "GET",
    path: "/api/v1/services/:name/traffic",
    permission: "services:read",
    summary: "Calls, errors, latency and scores by the minute",
    query: z.object({ minutes: z.coerce.number().int().min(1).max(1440).default(60) }),
    response: services.serviceTraffic,
    ...of,
  }),
  deployModel: route({
    method: "POST",
    path: "/api/v1/services/:name/deployments",
    permission: "services:manage",
    summary: "Deploy another model beside the champion: for a share of callers, or in the shadow",
    body: services.deploymentForm.extend({
      role: z.enum(["challenger", "shadow"]),
      share: z.number().min(0).max(1).default(0),
      /** Of a challenger, in place of a share: it stands by until the plan begins. */
      rollOut: services.rollOutPlan.nullable().default(null),
    }),
    response: services.service,
    ...of,
  }),
  setShares: route({
    method: "POST",
    path: "/api/v1/services/:name/shares",
    permission: "services:manage",
    summary: "Who gets how much of the calls; the champion has the rest",
    body: z.object({
      deployments: z
        .array(
          z.object({
            id,
            role: z.enum(["challenger", "shadow", "standby"]),
            share: z.number().min(0).max(1).default(0),
          }),
        )
        .min(1)
        .max(8),
    }),
    response: services.service,
    ...of,
  }),
  promoteDeployment: route({
    method: "POST",
    path: "/api/v1/services/:name/deployments/:deployment/promote",
    permission: "services:manage",
    tag: "services",
    summary: "Make it the champion; the one before stands by",
    params: ofDeployment,
    response: services.service,
  }),
  planRollOut: route({
    method: "POST",
    path: "/api/v1/services/:name/deployments/:deployment/roll-out",
    permission: "services:manage",
    tag: "services",
    summary: "Raise its share step by step while the guards hold; or promote or withdraw it at a time",
    params: ofDeployment,
    body: services.rollOutPlan,
    response: services.service,
  }),
  stopRollOut: route({
    method: "DELETE",
    path: "/api/v1/services/:name/deployments/:deployment/roll-out",
    permission: "services:manage",
    tag: "services",
    summary: "End the plan: the deployment stands by",
    params: ofDeployment,
    response: services.service,
  }),
  rollBackService: route({
    method: "POST",
    path: "/api/v1/services/:name/rollback",
    permission: "services:manage",
    summary: "Back to the champion before",
    response: services.service,
    ...of,
  }),
  retireDeployment: route({
    method: "POST",
    path: "/api/v1/services/:name/deployments/:deployment/retire",
    permission: "services:manage",
    tag: "services",
    summary: "Stop one deployment at every party; not the champion",
    params: ofDeployment,
    body: reason,
    response: services.service,
  }),
  stopService: route({
    method: "POST",
    path: "/api/v1/services/:name/stop",
    permission: "services:stop",
    summary: "Withdraw the service: all its deployments end at every party, callers read the reason",
    body: reason,
    response: services.service,
    ...of,
  }),
  callService: route({
    method: "POST",
    path: "/api/v1/services/:name/score",
    permission: "services:call",
    summary: "Score up to 1000 rows. Header idempotency-key: a repeated call gets the same answer for ten minutes",
    body: services.scoreCall,
    bodyBytesMax: 8 * 2 ** 20,
    response: services.scoreReply,
    ...of,
  }),
  changeServedRows: route({
    method: "POST",
    path: "/api/v1/jobs/:id/served-rows",
    permission: "datasets:manage",
    tag: "services",
    summary: "At a party whose table answers in a service: rows that are new, have changed or are gone, at once",
    params: byId,
    body: services.servedRows,
    bodyBytesMax: 8 * 2 ** 20,
    response: services.servedRowsTaken,
  }),
  queryService: route({
    method: "POST",
    path: "/api/v1/services/:name/query",
    permission: "services:call",
    summary: "Ask about up to 1000 keys; the partner learns how many, never which. Header idempotency-key as in score",
    body: services.questionCall,
    bodyBytesMax: 8 * 2 ** 20,
    response: services.queryReply,
    ...of,
  }),
  verifyService: route({
    method: "POST",
    path: "/api/v1/services/:name/verify",
    permission: "services:call",
    summary: "Verify that the parts of up to 1000 keys belong together: yes or no. Header idempotency-key as in score",
    body: services.questionCall,
    bodyBytesMax: 8 * 2 ** 20,
    response: services.verifyReply,
    ...of,
  }),
  sendOutcomes: route({
    method: "POST",
    path: "/api/v1/services/:name/outcomes",
    permission: "services:call",
    summary: "What became of those who were scored, by trace id",
    body: services.outcomes,
    response: services.outcomesKept,
    ...of,
  }),
};
