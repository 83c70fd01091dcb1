/** Who answers in a service, and the record of what was changed: shared by what people do and what plans do. */
import { TomboloError } from "@tombolo/base";
import type { Actor } from "../context.ts";
import type { Side } from "../partner/side.ts";
import {
  type DeploymentRow,
  deploymentsOf,
  noSuchService,
  type ServiceRow,
  serviceChanged,
  serviceStopped,
} from "./rows.ts";

type Role = DeploymentRow["role"];

/** Held until the caller's transaction is over: who answers is changed by one at a time. */
export async function openService(side: Side, name: string): Promise<ServiceRow> {
  const service = await heldService(side, name);
  if (service.stopped_at !== null) throw serviceStopped(service);
  return service;
}

export async function heldService({ store }: Side, name: string): Promise<ServiceRow> {
  const row = await store.db.selectFrom("services").selectAll().where("name", "=", name).forUpdate().executeTakeFirst();
  if (row === undefined) throw noSuchService();
  return row;
}

export const inUse = async (side: Side, name: string): Promise<DeploymentRow[]> =>
  (await deploymentsOf(side, name)).filter(({ role }) => role !== "retired");

export const place = (side: Side, id: string, role: Role, share: number): Promise<unknown> =>
  side.store.db.updateTable("service_deployments").set({ role, share }).where("id", "=", id).execute();

export function refuseOverfull(shares: readonly number[]): void {
  if (shares.reduce((sum, share) => sum + share, 0) <= 1) return;
  throw new TomboloError("input.share", "the challengers' shares are more than all calls", {
    remedy: "Let them add up to at most 100 %.",
  });
}

export async function crown(
  side: Side,
  service: string,
  next: DeploymentRow,
  champion: string,
  mayAnswer: (deployment: DeploymentRow) => void,
): Promise<void> {
  if (next.id === champion) throw isChampion();
  if (next.role === "retired") throw isRetired();
  mayAnswer(next);
  await place(side, champion, "standby", 0);
  await place(side, next.id, "champion", 0);
  await side.store.db
    .updateTable("services")
    .set({ champion: next.id, previous: champion })
    .where("name", "=", service)
    .execute();
  serviceChanged(side, service);
}

export const isChampion = (): TomboloError =>
  new TomboloError("state.champion-already", "this deployment is the champion already");

export const isRetired = (): TomboloError =>
  new TomboloError("state.deployment-retired", "this deployment was retired", {
    remedy: "Deploy the model again.",
  });

const STEPS = {
  created: { en: "Deployed the service", zh: "部署服务" },
  deployed: { en: "Deployed another model for the service", zh: "为服务部署另一模型" },
  changed: { en: "Changed the service", zh: "修改服务设置" },
  shares: { en: "Changed who answers in the service", zh: "调整服务的流量分配" },
  promoted: { en: "Promoted another deployment of the service", zh: "切换服务的主用部署" },
  "rolled-back": { en: "Rolled back the service", zh: "回滚服务" },
  retired: { en: "Retired a deployment of the service", zh: "下线服务的一个部署" },
  planned: { en: "Planned the roll-out of a deployment of the service", zh: "制定服务部署的发布计划" },
  "roll-out": { en: "The roll-out of a deployment moved on in the service", zh: "部署的发布计划进入下一步，服务" },
  "roll-out-done": {
    en: "The roll-out of a deployment ended as planned in the service",
    zh: "部署的发布计划按计划完成，服务",
  },
  "roll-out-stopped": {
    en: "The roll-out of a deployment was stopped in the service",
    zh: "部署的发布计划被中止，服务",
  },
  stopped: { en: "Stopped the service", zh: "停止服务" },
} as const;

type Body = Parameters<Side["journal"]["append"]>[3];

export const journal = (
  side: Side,
  actor: Actor,
  what: keyof typeof STEPS,
  name: string,
  body: Record<string, Exclude<Body, undefined>>,
) =>
  side.journal.append(
    `service.${what}`,
    actor,
    { en: `${STEPS[what].en} ${name}`, zh: `${STEPS[what].zh} ${name}` },
    { service: name, ...body },
  );
