/**
 * Plans of deployments: kept, followed, ended. Where a plan stands is written in the transaction that changes who
 * answers, so a node that is killed goes on from there, with the figures of at most a second ago.
 */
import { TomboloError } from "@tombolo/base";
import type { RollOut, RollOutPlan } from "@tombolo/sdk";
import { type Actor, systemActor } from "../context.ts";
import { findJob } from "../jobs/rows.ts";
import { ENDED } from "../jobs/views.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { queueWebhook } from "../webhook/webhook.ts";
import type { LiveDeployment } from "./live-deployment.ts";
import { crown, heldService, inUse, isChampion, isRetired, journal, openService, refuseOverfull } from "./places.ts";
import { because, errorRate, isOpen, type Look, type Move, nextMove, type Standing, waitsFor } from "./roll-out.ts";
import {
  type DeploymentRow,
  deploymentById,
  type RollOutRow,
  rollOutsOf,
  type ServiceRow,
  serviceChanged,
} from "./rows.ts";
import { emptyTrial, figuresOf, nextStep } from "./trial.ts";

/** A start that lies back no further than clocks of people and nodes differ. */
const START_SLACK_MS = 5 * 60_000;

export async function planRollOut(
  side: Side,
  actor: Actor,
  name: string,
  id: string,
  plan: RollOutPlan,
): Promise<void> {
  await side.store.transaction(async () => {
    const service = await openService(side, name);
    const deployment = await deploymentById(side, name, id);
    if (id === service.champion) throw isChampion();
    if (deployment.role === "retired") throw isRetired();
    const before = (await rollOutsOf(side, name)).get(id);
    if (before !== undefined && isOpen(before))
      throw new TomboloError("state.roll-out", "a plan of this deployment is under way", {
        remedy: "Stop it first.",
      });
    const others = (await inUse(side, name)).filter((each) => each.id !== id).map(({ share }) => share);
    refusePlan(side, plan, { kind: service.kind, until: deployment.until, others });
    await keepPlan(side, actor, { name, rival: service.champion }, id, plan);
  });
}

/** What is wrong with a plan however the deployment goes. */
export function refusePlan(
  side: Side,
  plan: RollOutPlan,
  { kind, until, others }: { readonly kind: string; readonly until: Date; readonly others: readonly number[] },
): void {
  const start = plan.startAt === null ? undefined : Date.parse(plan.startAt);
  if (start !== undefined && (start < side.clock.now().getTime() - START_SLACK_MS || start >= until.getTime()))
    throw new TomboloError("input.roll-out", "the plan must begin from now on and before the deployment ends", {
      remedy: "Choose another time.",
    });
  if (plan.guards.driftMax !== null && kind !== "score")
    throw new TomboloError("input.roll-out", "only scores can drift: this service gives none", {
      remedy: "Leave the guard on drift out.",
    });
  refuseOverfull([...others, plan.steps.at(-1)?.share ?? 0]);
}

/** In the caller's transaction. */
export async function keepPlan(
  side: Side,
  actor: Actor,
  { name, rival }: { readonly name: string; readonly rival: string },
  deployment: string,
  plan: RollOutPlan,
): Promise<void> {
  const fresh = {
    ...{ plan: toJson(plan), state: "WAITING" as const, step: 0, since: null, rival, reason: toJson(null) },
    ...{ counts: toJson(emptyTrial(null)), created_by: actor.name, created_at: side.clock.now(), ended_at: null },
  };
  await side.store.db
    .insertInto("service_roll_outs")
    .values({ deployment, ...fresh })
    .onConflict((conflict) => conflict.column("deployment").doUpdateSet(fresh))
    .execute();
  await journal(side, actor, "planned", name, { deployment, plan: JSON.parse(toJson(plan)) });
  serviceChanged(side, name);
}

/** By hand: the deployment stands by. */
export async function stopRollOut(side: Side, actor: Actor, name: string, id: string): Promise<void> {
  await side.store.transaction(async () => {
    await openService(side, name);
    await deploymentById(side, name, id);
    if (!(await endByHand(side, actor, name, [id])))
      throw new TomboloError("state.no-roll-out", "no plan of this deployment is under way");
    await withdraw(side, id);
  });
}

/** Whoever changes by hand who answers ends the plans of what is changed. In the caller's transaction. */
export async function endByHand(side: Side, actor: Actor, name: string, ids: readonly string[]): Promise<boolean> {
  const open = [...(await rollOutsOf(side, name)).values()].filter(
    (each) => isOpen(each) && ids.includes(each.deployment),
  );
  for (const row of open) {
    const reason = { ...because("by-hand"), by: actor.name };
    await write(side, row, { ...standingOf(row), state: "STOPPED", reason });
    await tell(side, actor, name, row.deployment, { state: "STOPPED", step: row.step, reason });
  }
  return open.length > 0;
}

/** Makes the next move of what stands in the live deployment, if it is time. True if there was one: it is to be read again. */
export async function moveOn(
  side: Side,
  service: ServiceRow,
  live: LiveDeployment,
  champion: LiveDeployment | undefined,
): Promise<boolean> {
  const row = live.rollOut;
  if (row === undefined || service.stopped_at !== null) return false;
  const move = nextMove(row.plan, standingOf(row), await lookAt(side, service, live, row));
  if (move === null) return false;
  const { to, act } = move;
  const running = live.trial?.counts ?? row.counts;
  const counts =
    act.kind !== "share" ? running : to.step === 0 ? emptyTrial(champion?.row.reference ?? null) : nextStep(running);
  await side.store.transaction(async () => {
    // What a person changed meanwhile holds: the move is thought over again with what is then read.
    const held = await heldService(side, service.name);
    if (held.stopped_at !== null || held.champion !== service.champion) return;
    if (!(await write(side, row, to, toJson(counts)))) return;
    await apply(side, held, live.row, act);
    await tell(side, systemActor, service.name, row.deployment, { ...to, ...(act.kind === "share" ? act : {}) });
  });
  return true;
}

async function lookAt(side: Side, service: ServiceRow, live: LiveDeployment, row: RollOutRow): Promise<Look> {
  const job = await findJob(side, live.row.job_id);
  const others = (await inUse(side, service.name)).filter(({ id }) => id !== live.row.id);
  return {
    now: side.clock.now().getTime(),
    deployment: job === undefined || ENDED.includes(job.status) ? "ended" : live.isUp ? "up" : "not-up",
    besideRival: service.champion === row.rival,
    // Shares of a percent are no exact numbers.
    room: 1 + 1e-9 - others.reduce((sum, { share }) => sum + share, 0),
    figures: figuresOf(live.trial?.counts ?? row.counts, row.plan.guards.p99MsMax),
  };
}

async function apply(side: Side, service: ServiceRow, deployment: DeploymentRow, act: Move["act"]): Promise<void> {
  const { name, champion } = service;
  switch (act.kind) {
    case "share":
      return place(side, deployment.id, "challenger", act.share);
    case "withdraw":
      return withdraw(side, deployment.id);
    case "promote":
      await crown(side, name, await deploymentById(side, name, deployment.id), champion, () => undefined);
      await journal(side, systemActor, "promoted", name, { deployment: deployment.id, before: champion });
      return;
    case "none":
      return;
  }
}

const withdraw = (side: Side, id: string): Promise<void> => place(side, id, "standby", 0);

/** Never of what was retired or promoted meanwhile. */
async function place(side: Side, id: string, role: "challenger" | "standby", share: number): Promise<void> {
  await side.store.db
    .updateTable("service_deployments")
    .set({ role, share })
    .where("id", "=", id)
    .where("role", "not in", ["champion", "retired"])
    .execute();
}

/** False where the row is no longer what it was. */
async function write(side: Side, row: RollOutRow, to: Standing, counts?: string): Promise<boolean> {
  const written = await side.store.db
    .updateTable("service_roll_outs")
    .set({
      ...{ state: to.state, step: to.step, since: to.since === null ? null : new Date(to.since) },
      ...{ reason: toJson(to.reason), ended_at: isOpen(to) ? null : side.clock.now() },
      ...(counts === undefined ? {} : { counts }),
    })
    .where("deployment", "=", row.deployment)
    .where("created_at", "=", row.created_at)
    .where("state", "=", row.state)
    .where("step", "=", row.step)
    .returning("deployment")
    .executeTakeFirst();
  return written !== undefined;
}

interface Told {
  readonly state: RollOut["state"];
  readonly step: number;
  readonly share?: number;
  readonly reason: RollOut["reason"];
}

async function tell(side: Side, actor: Actor, service: string, deployment: string, told: Told): Promise<void> {
  const { state, step, share = null, reason } = told;
  const body = { deployment, step, share, reason: reason === null ? null : { ...reason } };
  const what =
    ({ DONE: "roll-out-done", STOPPED: "roll-out-stopped" } as const)[state as "DONE" | "STOPPED"] ?? "roll-out";
  await journal(side, actor, what, service, body);
  await queueWebhook(side, { event: "service.roll-out", service, state, ...body });
  serviceChanged(side, service);
}

/** Of one that runs: what was counted so far. */
export async function keepCounts(side: Side, { rollOut, trial }: LiveDeployment): Promise<void> {
  if (rollOut === undefined || trial?.isChanged !== true) return;
  trial.isChanged = false;
  try {
    await write(side, rollOut, standingOf(rollOut), toJson(trial.counts));
  } catch (error) {
    trial.isChanged = true;
    throw error;
  }
}

const standingOf = ({ state, step, since, reason }: RollOutRow): Standing => ({
  ...{ state, step, reason },
  since: since?.getTime() ?? null,
});

export async function rollOutView(
  side: Side,
  service: ServiceRow,
  live: LiveDeployment | undefined,
  row: RollOutRow | undefined,
): Promise<RollOut | null> {
  if (row === undefined) return null;
  const figures = figuresOf((isOpen(row) ? live?.trial?.counts : undefined) ?? row.counts, null);
  const { state, step, since, plan, reason, created_by, created_at, ended_at } = row;
  return {
    ...{ plan, state, step, reason, createdBy: created_by, createdAt: created_at.toISOString() },
    since: since?.toISOString() ?? null,
    endedAt: ended_at?.toISOString() ?? null,
    waitsFor:
      isOpen(row) && live !== undefined
        ? waitsFor(plan, standingOf(row), await lookAt(side, service, live, row))
        : null,
    figures: { calls: figures.calls, errorRate: errorRate(figures), p99Ms: figures.p99Ms, drift: figures.drift },
  };
}
