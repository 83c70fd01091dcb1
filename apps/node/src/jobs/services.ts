/** Jobs that are services: they last until an agreed moment, and outlive the absence of a partner. */
import { TomboloError } from "@tombolo/base";
import { findComponent, serviceUntil } from "@tombolo/components";
import type { Flow } from "@tombolo/scheduler";

/** The latest end of a flow's services, in ms since 1970; 0 if it has none. */
export const servingUntil = (flow: Flow): number =>
  Math.max(
    0,
    ...Object.keys(flow.tasks)
      .filter((name) => isService(flow, name))
      .map((name) => serviceUntil(flow.tasks[name]!.parameters)),
  );

export const serviceOver = (party: string): TomboloError =>
  new TomboloError("consent.expired", "the service's time is over", {
    blame: party,
    remedy: "Deploy it anew, for as long as it is needed.",
  });

export const isService = (flow: Flow, task: string): boolean =>
  findComponent(flow.tasks[task]!.component)?.serves !== undefined;
