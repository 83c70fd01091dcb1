/** What reads models for long ends with what allowed it: a permit may run out while a service runs. */
import { TomboloError } from "@tombolo/base";
import { failureOf, flowOf, type Job } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";
import { modelsRead, requireModelAllowed } from "./usable.ts";

/** Ends running services whose models this party no longer allows. */
export async function endBarredServices(side: Side): Promise<void> {
  const running = await side.store.db.selectFrom("jobs").selectAll().where("status", "=", "RUNNING").execute();
  for (const job of running.filter(({ document }) => document.models.length > 0)) {
    const barred = await barredBy(side, job);
    if (barred !== undefined)
      await side.driver.end(job, { status: "FAILED", failure: failureOf(barred, side.config.party, null) });
  }
}

async function barredBy(side: Side, job: Job): Promise<TomboloError | undefined> {
  const flow = flowOf(job);
  const online = Object.keys(flow.tasks)
    .flatMap((task) => modelsRead(flow, task, side.config.party))
    .filter(({ use }) => use === "online");
  for (const { modelId, use } of online) {
    try {
      await requireModelAllowed(side, modelId, use, 0);
    } catch (error) {
      const refusal = TomboloError.from(error);
      if (refusal.family === "consent") return refusal;
    }
  }
  return undefined;
}
