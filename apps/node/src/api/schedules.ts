/** Flows that run by the clock. */
import type { Services } from "../partner/services.ts";
import { listSchedules, scheduleById, scheduleView } from "../schedules/rows.ts";
import {
  createSchedule,
  deleteSchedule,
  pauseSchedule,
  resumeSchedule,
  runNow,
  withdrawSchedule,
} from "../schedules/schedules.ts";
import type { Handlers } from "./handlers.ts";

type Names =
  | "listSchedules"
  | "createSchedule"
  | "getSchedule"
  | "pauseSchedule"
  | "withdrawSchedule"
  | "resumeSchedule"
  | "runSchedule"
  | "deleteSchedule";

export const schedulesApi = ({ side }: Services): Handlers<Names> => ({
  listSchedules: async () => {
    const rows = await listSchedules(side);
    return { items: await Promise.all(rows.map((row) => scheduleView(side, row))) };
  },
  createSchedule: async ({ body, actor }) => scheduleView(side, await createSchedule(side, actor, body)),
  getSchedule: async ({ params }) => scheduleView(side, await scheduleById(side, params.id)),
  pauseSchedule: async ({ params, body, actor }) =>
    scheduleView(side, await pauseSchedule(side, actor, params.id, body.reason)),
  withdrawSchedule: async ({ params, body, actor }) =>
    scheduleView(side, await withdrawSchedule(side, actor, params.id, body.reason)),
  resumeSchedule: async ({ params, actor }) => scheduleView(side, await resumeSchedule(side, actor, params.id)),
  runSchedule: async ({ params, actor }) => scheduleView(side, await runNow(side, actor, params.id)),
  deleteSchedule: async ({ params, actor }) => {
    await deleteSchedule(side, actor, params.id);
    return { done: true };
  },
});
