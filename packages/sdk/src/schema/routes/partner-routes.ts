import { z } from "zod";
import * as data from "../data.ts";
import * as partners from "../partners.ts";
import { byId, listOf, reason, route } from "./route.ts";

/** This node, its doctor, contracts with partners. */
export const partnerRoutes = {
  // node
  node: route({
    method: "GET",
    path: "/api/v1/node",
    permission: "node:read",
    tag: "node",
    summary: "This node",
    response: partners.nodeInfo,
  }),
  health: route({
    method: "GET",
    path: "/api/v1/health",
    permission: null,
    tag: "node",
    summary: "Alive: the process answers, and its database does",
    response: z.object({ ok: z.boolean() }),
  }),
  ready: route({
    method: "GET",
    path: "/api/v1/ready",
    permission: null,
    tag: "node",
    summary: "Ready to take work; refused with the reason when it is not",
    response: z.object({ ok: z.boolean() }),
  }),
  metrics: route({
    method: "GET",
    path: "/metrics",
    permission: "node:read",
    tag: "node",
    summary: "For Prometheus, in its text format",
    response: "file",
  }),
  doctor: route({
    method: "POST",
    path: "/api/v1/doctor",
    permission: "node:operate",
    tag: "node",
    summary: "Check this node and every partner's path, from both ends",
    response: listOf(partners.doctorReport),
  }),
  // partners
  listPartners: route({
    method: "GET",
    path: "/api/v1/partners",
    permission: "partners:read",
    tag: "partners",
    summary: "Contracts",
    response: listOf(partners.partner),
  }),
  invitePartner: route({
    method: "POST",
    path: "/api/v1/partners/invite",
    permission: "partners:manage",
    tag: "partners",
    summary: "Make an invite line",
    body: partners.newInvite,
    response: partners.invite,
  }),
  acceptInvite: route({
    method: "POST",
    path: "/api/v1/partners/accept",
    permission: "partners:manage",
    tag: "partners",
    summary: "Use an invite line: applies for the contract",
    body: partners.acceptInvite,
    response: partners.partner,
  }),
  confirmPartner: route({
    method: "POST",
    path: "/api/v1/partners/:id/confirm",
    permission: "partners:manage",
    tag: "partners",
    summary: "Confirm the fingerprint compared out of band",
    params: byId,
    body: partners.confirmPartner,
    response: partners.partner,
  }),
  terminatePartner: route({
    method: "POST",
    path: "/api/v1/partners/:id/terminate",
    permission: "partners:manage",
    tag: "partners",
    summary: "End the contract",
    params: byId,
    body: reason,
    response: partners.partner,
  }),
  checkPartner: route({
    method: "POST",
    path: "/api/v1/partners/:id/check",
    permission: "partners:read",
    tag: "partners",
    summary: "Test the path from both ends",
    params: byId,
    response: partners.doctorReport,
  }),
  partnerDatasets: route({
    method: "GET",
    path: "/api/v1/partners/:id/datasets",
    permission: "datasets:read",
    tag: "partners",
    summary: "What the partner published",
    params: byId,
    response: listOf(data.dataset),
  }),
};
