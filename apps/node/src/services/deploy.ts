/**
 * Putting models to use. A deployment is a job like any other: its flow is consented by every party's approver, drawn on
 * grants, journalled, and ends when one of them withdraws. What is decided here, which deployment answers whom, is this
 * party's own: every deployment was consented to as a whole.
 */
import { safeText, TomboloError } from "@tombolo/base";
import { findComponent, type ServiceKind } from "@tombolo/components";
import type { newService, RollOutPlan, servicePatch } from "@tombolo/sdk";
import type { z } from "zod";
import type { Actor } from "../context.ts";
import { submitJob } from "../jobs/audit.ts";
import { soundFlow } from "../jobs/plan.ts";
import { jobById } from "../jobs/rows.ts";
import { newId } from "../partner/ids.ts";
import type { Side } from "../partner/side.ts";
import { safeLines } from "../partner/text.ts";
import { toJson } from "../store/columns.ts";
import { type Form, flowOfForm } from "./flow-of-form.ts";
import { crown, inUse, journal, openService, place, refuseOverfull } from "./places.ts";
import { testReference } from "./reference.ts";
import { endByHand, keepPlan, refusePlan } from "./roll-outs.ts";
import { type DeploymentRow, deploymentById, deploymentsOf, serviceChanged } from "./rows.ts";

const SERVICES_MAX = 100;
/** Of one service, retired ones aside. */
const DEPLOYMENTS_MAX = 8;

type Role = DeploymentRow["role"];

export async function createService(side: Side, actor: Actor, input: z.output<typeof newService>): Promise<void> {
  const { name, limits } = input;
  const title = safeText(input.title, "the title", 200);
  await deploy(
    side,
    actor,
    input,
    { service: name, role: "champion", share: 0, rollOut: null, rival: "" },
    async (deployment, projectId, kind) => {
      await refuseTooMany(side);
      const made = await side.store.db
        .insertInto("services")
        .values({
          ...{ name, title, kind, limits: toJson(limits), project_id: projectId, champion: deployment },
          created_by: actor.name,
          created_at: side.clock.now(),
        })
        .onConflict((conflict) => conflict.column("name").doNothing())
        .returning("name")
        .executeTakeFirst();
      if (made === undefined)
        throw new TomboloError("state.service-name", `there is, or was, a service ${name}`, {
          remedy: "Choose another name: callers must be able to rely on it.",
        });
      await journal(side, actor, "created", name, { deployment });
    },
  );
}

export async function addDeployment(
  side: Side,
  actor: Actor,
  name: string,
  input: Form & {
    readonly role: "challenger" | "shadow";
    readonly share: number;
    readonly rollOut: RollOutPlan | null;
  },
): Promise<void> {
  const service = await openService(side, name);
  const running = (await deploymentsOf(side, name)).filter(({ role }) => role !== "retired");
  if (running.length >= DEPLOYMENTS_MAX)
    throw new TomboloError("resource.deployments", `a service has at most ${DEPLOYMENTS_MAX} deployments`, {
      remedy: "Retire one that is no longer needed.",
    });
  const { rollOut } = input;
  const role = rollOut === null ? input.role : ("standby" as const);
  const share = role === "challenger" ? input.share : 0;
  const others = running.map((each) => each.share);
  if (rollOut === null) refuseOverfull([...others, share]);
  else refusePlan(side, rollOut, { kind: service.kind, until: new Date(input.until), others });
  const at = { service: name, role, share, rollOut, rival: service.champion };
  await deploy(side, actor, input, at, async (deployment, projectId, kind) => {
    if (projectId !== service.project_id || kind !== service.kind)
      throw new TomboloError("input.model", "a service stays in its project, and answers one kind of question", {
        remedy: "Deploy a model of the same project, or make a new service.",
      });
    await journal(side, actor, "deployed", name, { deployment, role, share });
  });
}

interface Placed {
  readonly service: string;
  readonly role: Role;
  readonly share: number;
  readonly rollOut: RollOutPlan | null;
  /** The champion that the plan begins beside. */
  readonly rival: string;
}

async function deploy(
  side: Side,
  actor: Actor,
  form: Form,
  at: Placed,
  within: (deployment: string, projectId: string, kind: ServiceKind) => Promise<void>,
): Promise<void> {
  const { service, role, share, rollOut, rival } = at;
  const { model, projectId, flow } = await flowOfForm(side, form, service);
  const plan = await soundFlow(side, projectId, flow);
  const [task, kind] = servingTask(plan.flow.tasks);
  const reference = await testReference(side, model);
  const id = newId("deployment");
  await submitJob(side, actor, {
    ...{ projectId, plan, message: safeLines(form.message, "the message", 4000) },
    within: async (jobId) => {
      await within(id, projectId, kind);
      await side.store.db
        .insertInto("service_deployments")
        .values({
          ...{ id, service, role, share, job_id: jobId, task, model_id: model.id },
          until: new Date(form.until),
          created_by: actor.name,
          created_at: side.clock.now(),
          reference: toJson(reference),
        })
        .execute();
      if (rollOut !== null) await keepPlan(side, actor, { name: service, rival }, id, rollOut);
      serviceChanged(side, service);
    },
  });
}

function servingTask(
  tasks: Readonly<Record<string, { readonly component: string }>>,
): [task: string, kind: ServiceKind] {
  for (const [task, { component }] of Object.entries(tasks)) {
    const kind = findComponent(component)?.serves;
    if (kind !== undefined) return [task, kind];
  }
  throw new TomboloError("input.flow", "the flow has no step that serves");
}

export async function changeService(
  side: Side,
  actor: Actor,
  name: string,
  patch: z.output<typeof servicePatch>,
): Promise<void> {
  await side.store.transaction(async (tx) => {
    const service = await openService(side, name);
    const title = patch.title === undefined ? service.title : safeText(patch.title, "the title", 200);
    const limits = { ...service.limits, ...patch.limits };
    await tx
      .updateTable("services")
      .set({ title, limits: toJson(limits) })
      .where("name", "=", name)
      .execute();
    await journal(side, actor, "changed", name, { title, limits: JSON.parse(toJson(limits)) });
    serviceChanged(side, name);
  });
}

interface Place {
  readonly id: string;
  readonly role: "challenger" | "shadow" | "standby";
  readonly share: number;
}

export async function setShares(side: Side, actor: Actor, name: string, places: readonly Place[]): Promise<void> {
  await side.store.transaction(async () => {
    const { champion } = await openService(side, name);
    const shares = new Map((await inUse(side, name)).map(({ id, share }) => [id, share]));
    for (const { id, role, share } of places) {
      if (id === champion)
        throw new TomboloError("state.champion-share", "the champion has what the others leave", {
          remedy: "Promote another deployment first.",
        });
      if (!shares.has(id)) throw new TomboloError("state.unknown", "the service has no such deployment");
      shares.set(id, role === "challenger" ? share : 0);
    }
    refuseOverfull([...shares.values()]);
    await endByHand(
      side,
      actor,
      name,
      places.map(({ id }) => id),
    );
    for (const { id, role } of places) await place(side, id, role, shares.get(id)!);
    const told = places.map(({ id, role }) => ({ deployment: id, role, share: shares.get(id)! }));
    await journal(side, actor, "shares", name, { deployments: told });
    serviceChanged(side, name);
  });
}

/** `mayAnswer`: throws where it would have nothing to answer with. */
export async function promote(
  side: Side,
  actor: Actor,
  name: string,
  id: string,
  mayAnswer: (deployment: DeploymentRow) => void,
): Promise<void> {
  await side.store.transaction(async () => {
    const { champion } = await openService(side, name);
    await crown(side, name, await deploymentById(side, name, id), champion, mayAnswer);
    await endByHand(side, actor, name, [id]);
    await journal(side, actor, "promoted", name, { deployment: id, before: champion });
  });
}

export async function rollBack(
  side: Side,
  actor: Actor,
  name: string,
  mayAnswer: (deployment: DeploymentRow) => void,
): Promise<void> {
  await side.store.transaction(async () => {
    const { champion, previous } = await openService(side, name);
    if (previous === null)
      throw new TomboloError("state.no-previous-champion", "there was no champion before this one", {
        remedy: "Promote the deployment that should answer.",
      });
    await crown(side, name, await deploymentById(side, name, previous), champion, mayAnswer);
    await endByHand(side, actor, name, [previous]);
    await journal(side, actor, "rolled-back", name, { deployment: previous, before: champion });
  });
}

export async function retire(side: Side, actor: Actor, name: string, id: string, reason: string): Promise<void> {
  const { champion } = await openService(side, name);
  const deployment = await deploymentById(side, name, id);
  if (id === champion)
    throw new TomboloError("state.champion-needed", "the champion cannot be retired", {
      remedy: "Promote another deployment first, or stop the service.",
    });
  await side.store.transaction(async (tx) => {
    await endByHand(side, actor, name, [id]);
    await place(side, id, "retired", 0);
    await tx
      .updateTable("services")
      .set({ previous: null })
      .where("name", "=", name)
      .where("previous", "=", id)
      .execute();
    await journal(side, actor, "retired", name, { deployment: id, reason });
    serviceChanged(side, name);
  });
  await endJob(side, actor, deployment.job_id, reason);
}

/** Callers read the reason from the moment this resolves, partners' parts end with the jobs. */
export async function stopService(side: Side, actor: Actor, name: string, text: string): Promise<void> {
  const reason = safeLines(text, "the reason", 4000);
  await side.store.transaction(async (tx) => {
    await openService(side, name);
    await tx
      .updateTable("services")
      .set({ stopped_at: side.clock.now(), stopped_by: actor.name, reason })
      .where("name", "=", name)
      .execute();
    const running = await inUse(side, name);
    await endByHand(
      side,
      actor,
      name,
      running.map(({ id }) => id),
    );
    await journal(side, actor, "stopped", name, { reason });
    serviceChanged(side, name);
  });
  for (const { job_id } of await inUse(side, name)) await endJob(side, actor, job_id, reason);
}

async function endJob(side: Side, actor: Actor, job: string, reason: string): Promise<void> {
  const { status } = await jobById(side, job);
  if (["PENDING", "READY", "RUNNING"].includes(status)) await side.driver.cancel(actor, job, reason);
}

async function refuseTooMany(side: Side): Promise<void> {
  const { count } = await side.store.db
    .selectFrom("services")
    .select((row) => row.fn.countAll<number>().as("count"))
    .where("stopped_at", "is", null)
    .executeTakeFirstOrThrow();
  if (Number(count) >= SERVICES_MAX)
    throw new TomboloError("resource.services", `there are ${SERVICES_MAX} services already`, {
      remedy: "Stop those that are not needed.",
    });
}
