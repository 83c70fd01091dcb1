import { done } from "../common.ts";
import * as schedules from "../schedules.ts";
import { byId, listOf, reason, route } from "./route.ts";

const of = { tag: "schedules", params: byId } as const;

/** Flows that run by the clock. */
export const scheduleRoutes = {
  listSchedules: route({
    method: "GET",
    path: "/api/v1/schedules",
    permission: "jobs:read",
    tag: "schedules",
    summary: "Periodic flows with their history",
    response: listOf(schedules.schedule),
  }),
  createSchedule: route({
    method: "POST",
    path: "/api/v1/schedules",
    permission: "jobs:submit",
    tag: "schedules",
    summary: "Ask for a flow to run by the clock; an own approver says yes once",
    body: schedules.newSchedule,
    response: schedules.schedule,
  }),
  getSchedule: route({
    method: "GET",
    path: "/api/v1/schedules/:id",
    permission: "jobs:read",
    summary: "One periodic flow with its history",
    response: schedules.schedule,
    ...of,
  }),
  pauseSchedule: route({
    method: "POST",
    path: "/api/v1/schedules/:id/pause",
    permission: "schedules:hold",
    summary: "No further runs until it is resumed; running jobs go on. What an approver paused, an approver resumes",
    body: reason,
    response: schedules.schedule,
    ...of,
  }),
  withdrawSchedule: route({
    method: "POST",
    path: "/api/v1/schedules/:id/withdraw",
    permission: "approvals:decide",
    summary: "An approver takes the yes back for good; running jobs go on",
    body: reason,
    response: schedules.schedule,
    ...of,
  }),
  resumeSchedule: route({
    method: "POST",
    path: "/api/v1/schedules/:id/resume",
    permission: "schedules:hold",
    summary: "Run it by the clock again, under the yes it has",
    response: schedules.schedule,
    ...of,
  }),
  runSchedule: route({
    method: "POST",
    path: "/api/v1/schedules/:id/run",
    permission: "jobs:submit",
    summary: "One run now, under the yes it has; the next by the clock stays",
    response: schedules.schedule,
    ...of,
  }),
  deleteSchedule: route({
    method: "DELETE",
    path: "/api/v1/schedules/:id",
    permission: "jobs:submit",
    summary: "Remove it; its jobs stay",
    response: done,
    ...of,
  }),
};
