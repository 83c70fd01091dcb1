import { z } from "zod";
import { id } from "../common.ts";
import * as models from "../models.ts";
import { byId, listOf, reason, route } from "./route.ts";

const of = { tag: "models", params: byId } as const;

/** The model library. */
export const modelRoutes = {
  listModels: route({
    method: "GET",
    path: "/api/v1/models",
    permission: "models:read",
    tag: "models",
    summary: "Model versions with an own part",
    response: listOf(models.model),
  }),
  getModel: route({
    method: "GET",
    path: "/api/v1/models/:id",
    permission: "models:read",
    summary: "Own view of a version: its parts with verified signatures, lineage, permits",
    response: models.modelDetail,
    ...of,
  }),
  verifyModel: route({
    method: "GET",
    path: "/api/v1/models/:id/verification",
    permission: "models:read",
    summary: "Checks files, records, manifest and every party's signatures",
    response: models.modelVerification,
    ...of,
  }),
  modelReports: route({
    method: "GET",
    path: "/api/v1/models/:id/reports",
    permission: "jobs:read",
    summary: "Own reports of the version's training, and evaluations of what was scored with it",
    response: listOf(models.modelReport),
    ...of,
  }),
  compareModels: route({
    method: "GET",
    path: "/api/v1/models/:id/compare/:other",
    permission: "models:read",
    tag: "models",
    summary: "Metrics, parameters and importance of two versions side by side",
    params: z.object({ id, other: id }),
    response: models.modelComparison,
  }),
  describeModel: route({
    method: "PATCH",
    path: "/api/v1/models/:id",
    permission: "models:manage",
    summary: "Name a version, or write notes; partners that may see them hear of it",
    body: models.describeModel,
    response: models.model,
    ...of,
  }),
  publishModel: route({
    method: "POST",
    path: "/api/v1/models/:id/publish",
    permission: "models:manage",
    summary: "Let partners that hold a part see its name, version and notes, or no longer",
    body: z.object({ published: z.boolean() }),
    response: models.model,
    ...of,
  }),
  archiveModel: route({
    method: "POST",
    path: "/api/v1/models/:id/archive",
    permission: "models:manage",
    summary: "Put a version away, which bars its use, or take it out again",
    body: z.object({ archived: z.boolean() }),
    response: models.model,
    ...of,
  }),
  requestPermit: route({
    method: "POST",
    path: "/api/v1/models/:id/permits",
    permission: "models:manage",
    summary: "Ask each party that holds a part for its permit; an approver of each decides",
    body: models.requestPermit,
    response: models.modelDetail,
    ...of,
  }),
  withdrawModel: route({
    method: "POST",
    path: "/api/v1/models/:id/withdraw",
    permission: "approvals:decide",
    summary: "End this party's consent: jobs that use it stop at once, new ones are refused",
    body: reason,
    response: models.modelDetail,
    ...of,
  }),
  exportModel: route({
    method: "GET",
    path: "/api/v1/models/:id/export",
    permission: "models:export",
    summary: "The own part with manifest and signatures, one file: sealed, or as JSON with its schema",
    query: z.object({ format: z.enum(["sealed", "json"]).default("sealed") }),
    response: "file",
    ...of,
  }),
  importModel: route({
    method: "POST",
    path: "/api/v1/models/import",
    permission: "models:export",
    tag: "models",
    summary: "An own part that was exported before, verified",
    body: "stream",
    response: models.model,
  }),
};
