import { allows, type LiveEvent, type Permission } from "@tombolo/sdk";
import type { NodeContext } from "../context.ts";
import type { Handlers } from "./handlers.ts";

/** A live event tells no more than the page it belongs to. */
const PERMISSION_OF: Readonly<Record<LiveEvent["kind"], Permission>> = {
  job: "jobs:read",
  task: "jobs:read",
  meter: "jobs:read",
  figures: "jobs:read",
  log: "jobs:read",
  approval: "approvals:read",
  partner: "partners:read",
  dataset: "datasets:read",
  grant: "grants:read",
  project: "projects:read",
  model: "models:read",
  journal: "journal:read",
  schedule: "jobs:read",
  flow: "jobs:read",
  service: "services:read",
};

export function eventsApi(context: NodeContext): Handlers<"events"> {
  return {
    events: async ({ actor, query, http }) =>
      context.events.subscribe(
        (event) =>
          allows(actor.roles, PERMISSION_OF[event.kind]) && (query.job === undefined || isOf(event, query.job)),
        http.signal,
      ),
  };
}

/** Events of a job carry its id, or `<job>/<task>`. */
const isOf = (event: LiveEvent, job: string): boolean => event.id === job || event.id.startsWith(`${job}/`);
