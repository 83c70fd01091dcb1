/** What reads models for long ends with what allowed it: a permit or grant may run out while a service runs. */
import { TomboloError } from "@tombolo/base";
import { grantById } from "../grants/grant-rows.ts";
import { failureOf, flowOf, type Job } from "../jobs/rows.ts";
import { serviceOver, servingUntil } from "../jobs/services.ts";
import type { Side } from "../partner/side.ts";
import { modelsRead, requireModelAllowed } from "./usable.ts";

/** Ends running services whose models this party no longer allows. */
export async function endBarredServices(side: Side): Promise<void> {
  const running = await side.store.db.selectFrom("jobs").selectAll().where("status", "=", "RUNNING").execute();
  for (const job of running.filter(({ document: { models, reuse } }) => models.length > 0 || reuse !== undefined)) {
    const barred = await barredBy(side, job);
    if (barred !== undefined)
      await side.driver.end(job, { status: "FAILED", failure: failureOf(barred, side.config.party, null) });
  }
}

/** What the one that drives a service may take to end it. */
const END_MS = 5 * 60_000;

async function barredBy(side: Side, job: Job): Promise<TomboloError | undefined> {
  const flow = flowOf(job);
  const until = servingUntil(flow);
  const now = side.clock.now().getTime();
  if (until > 0 && now > until + END_MS) return serviceOver(side.config.party);
  const lapsed = until > 0 ? await lapsedGrant(side, job) : undefined;
  if (lapsed !== undefined) return lapsed;
  const online = Object.keys(flow.tasks)
    .flatMap((task) => modelsRead(flow, task, side.config.party, job.document.reuse))
    .filter(({ use }) => use === "online");
  for (const { modelId, use } of online) {
    try {
      await requireModelAllowed(side, modelId, use, 0);
    } catch (error) {
      const refusal = TomboloError.from(error);
      // The rows of a permit are counted where they are drawn, and may be drawn ahead to its end.
      if (refusal.family === "consent" && refusal.code !== "consent.permit-used-up") return refusal;
    }
  }
  return undefined;
}

/** An own grant whose last day is over; one that is used up still covers what has begun. */
async function lapsedGrant(side: Side, { document }: Job): Promise<TomboloError | undefined> {
  const ids = document.datasets.filter(({ party }) => party === side.config.party).map(({ grantId }) => grantId);
  for (const id of ids.filter((each) => each !== null)) {
    const { terms } = await grantById(side, id);
    if (Date.parse(terms.expiresAt) <= side.clock.now().getTime())
      return new TomboloError("consent.grant-expired", `the grant on ${terms.datasetId} has expired`, {
        blame: side.config.party,
        remedy: "Ask the owner for a new grant.",
      });
  }
  return undefined;
}
