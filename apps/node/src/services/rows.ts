/** Services and their deployments in the store. */
import { TomboloError } from "@tombolo/base";
import type { Selectable } from "kysely";
import type { NodeContext } from "../context.ts";
import type { ServiceTables } from "../store/tables/services.ts";

export type ServiceRow = Selectable<ServiceTables["services"]>;
export type DeploymentRow = Selectable<ServiceTables["service_deployments"]>;
export type RollOutRow = Selectable<ServiceTables["service_roll_outs"]>;
export type AlertRow = Selectable<ServiceTables["service_alerts"]>;

const ALERTS_SHOWN = 50;

export const noSuchService = (): TomboloError =>
  new TomboloError("state.unknown", "there is no such service", { remedy: "See the list of services." });

/** Callers and owners read the same. */
export const serviceStopped = ({ reason, stopped_by }: ServiceRow): TomboloError =>
  new TomboloError("state.service-stopped", `the service was stopped by ${stopped_by}: ${reason}`, {
    remedy: "Ask its owner which service takes its place.",
  });

export async function serviceByName({ store }: NodeContext, name: string): Promise<ServiceRow> {
  const row = await store.db.selectFrom("services").selectAll().where("name", "=", name).executeTakeFirst();
  if (row === undefined) throw noSuchService();
  return row;
}

export const listServices = ({ store }: NodeContext): Promise<ServiceRow[]> =>
  store.db.selectFrom("services").selectAll().orderBy("created_at", "desc").limit(500).execute();

/** Oldest first. */
export const deploymentsOf = ({ store }: NodeContext, service: string): Promise<DeploymentRow[]> =>
  store.db.selectFrom("service_deployments").selectAll().where("service", "=", service).orderBy("created_at").execute();

export async function deploymentById(context: NodeContext, service: string, id: string): Promise<DeploymentRow> {
  const found = (await deploymentsOf(context, service)).find((each) => each.id === id);
  if (found === undefined) throw new TomboloError("state.unknown", "the service has no such deployment");
  return found;
}

/** The latest plans, by deployment. */
export async function rollOutsOf({ store }: NodeContext, service: string): Promise<Map<string, RollOutRow>> {
  const rows = await store.db
    .selectFrom("service_roll_outs")
    .innerJoin("service_deployments", "service_deployments.id", "service_roll_outs.deployment")
    .selectAll("service_roll_outs")
    .where("service_deployments.service", "=", service)
    .execute();
  return new Map(rows.map((row) => [row.deployment, row]));
}

export const alertsOf = ({ store }: NodeContext, service: string): Promise<AlertRow[]> =>
  store.db
    .selectFrom("service_alerts")
    .selectAll()
    .where("service", "=", service)
    .orderBy("at", "desc")
    .limit(ALERTS_SHOWN)
    .execute();

export const serviceChanged = (context: NodeContext, name: string): void =>
  context.store.afterCommit(() => context.events.publish({ kind: "service", id: name, data: null }));
