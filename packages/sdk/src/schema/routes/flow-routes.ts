import { z } from "zod";
import { done, id } from "../common.ts";
import * as flows from "../flows.ts";
import { byId, listOf, route } from "./route.ts";

const revision = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);
const of = { tag: "flows", params: byId } as const;

/** Flows kept at the node. */
export const flowRoutes = {
  listFlows: route({
    method: "GET",
    path: "/api/v1/flows",
    permission: "jobs:read",
    tag: "flows",
    summary: "Flows kept at this node, the last changed first",
    response: listOf(flows.keptFlowSummary),
  }),
  createFlow: route({
    method: "POST",
    path: "/api/v1/flows",
    permission: "jobs:submit",
    tag: "flows",
    summary: "Keep a flow under its name, which no other has; it need not be sound yet",
    body: flows.newKeptFlow,
    response: flows.keptFlow,
  }),
  getFlow: route({
    method: "GET",
    path: "/api/v1/flows/:id",
    permission: "jobs:read",
    summary: "A kept flow as last saved",
    response: flows.keptFlow,
    ...of,
  }),
  saveFlow: route({
    method: "PATCH",
    path: "/api/v1/flows/:id",
    permission: "jobs:submit",
    summary: "Save the next revision, of the one it began from: refused when another has been saved since",
    body: flows.savedFlow,
    response: flows.keptFlow,
    ...of,
  }),
  deleteFlow: route({
    method: "DELETE",
    path: "/api/v1/flows/:id",
    permission: "jobs:submit",
    summary: "Delete it with its history, as of the revision that was seen; its jobs stay",
    query: z.object({ revision }),
    response: done,
    ...of,
  }),
  listFlowRevisions: route({
    method: "GET",
    path: "/api/v1/flows/:id/revisions",
    permission: "jobs:read",
    summary: "Revisions that are still kept, newest first",
    response: listOf(flows.flowRevision),
    ...of,
  }),
  getFlowRevision: route({
    method: "GET",
    path: "/api/v1/flows/:id/revisions/:revision",
    permission: "jobs:read",
    tag: "flows",
    params: z.object({ id, revision }),
    summary: "A kept flow as it was",
    response: flows.keptFlow,
  }),
};
