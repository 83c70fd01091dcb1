/**
 * Drift: the population stability index of what the last hour was asked and answered, against the reference. An alert is
 * raised once, when it passes the service's limit, and ends when it falls below.
 */
import { systemActor } from "../context.ts";
import { newId } from "../partner/ids.ts";
import type { Side } from "../partner/side.ts";
import { queueWebhook } from "../webhook/webhook.ts";
import { addCounts, stabilityIndex, sum } from "./figures.ts";
import type { LiveDeployment } from "./live-deployment.ts";
import { type DeploymentRow, type ServiceRow, serviceChanged } from "./rows.ts";

const WINDOW_MS = 3_600_000;
const SCORES = "scores";

export interface Stability {
  readonly rows: number;
  readonly index: number | null;
}

export async function scoreStability(side: Side, { id, reference }: DeploymentRow): Promise<Stability> {
  if (reference === null) return { rows: 0, index: null };
  const since = new Date(side.clock.now().getTime() - WINDOW_MS);
  const minutes = await side.store.db
    .selectFrom("service_minutes")
    .select("scores")
    .where("deployment", "=", id)
    .where("at", ">=", since)
    .execute();
  const seen: number[] = [];
  for (const { scores } of minutes) addCounts(seen, scores);
  return { rows: sum(seen), index: stabilityIndex(reference.counts, seen) };
}

export async function watchDrift(side: Side, service: ServiceRow, { row, inputs }: LiveDeployment): Promise<void> {
  const scores = await scoreStability(side, row);
  await judge(side, service, row, SCORES, scores.index);
  for (const { column, index } of inputs.stability) await judge(side, service, row, column, index);
}

/** An index that cannot be told, for want of rows, changes nothing. */
async function judge(
  side: Side,
  service: ServiceRow,
  deployment: DeploymentRow,
  about: string,
  index: number | null,
): Promise<void> {
  if (index === null) return;
  const limit = service.limits.driftMax;
  const open = await side.store.db
    .selectFrom("service_alerts")
    .selectAll()
    .where("deployment", "=", deployment.id)
    .where("about", "=", about)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  if (open === undefined && index > limit) await raise(side, service, deployment, { about, index, limit });
  if (open === undefined || index > limit) return;
  await side.store.db
    .updateTable("service_alerts")
    .set({ ended_at: side.clock.now() })
    .where("id", "=", open.id)
    .execute();
  serviceChanged(side, service.name);
}

async function raise(
  side: Side,
  { name }: ServiceRow,
  { id: deployment }: DeploymentRow,
  found: { readonly about: string; readonly index: number; readonly limit: number },
): Promise<void> {
  await side.store.transaction(async (tx) => {
    await tx
      .insertInto("service_alerts")
      .values({ ...found, id: newId("alert"), service: name, deployment, at: side.clock.now() })
      .execute();
    await side.journal.append(
      "service.drift",
      systemActor,
      { en: `Drift in the service ${name}: ${found.about}`, zh: `服务 ${name} 出现漂移：${found.about}` },
      { service: name, deployment, ...found },
    );
    await queueWebhook(side, { event: "service.drift", service: name, deployment, ...found });
    serviceChanged(side, name);
  });
}
