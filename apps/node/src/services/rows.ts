/** Services and their deployments in the store. */
import { TomboloError } from "@tombolo/base";
import type { Selectable } from "kysely";
import type { NodeContext } from "../context.ts";
import type { ServiceTables } from "../store/tables/services.ts";

export type ServiceRow = Selectable<ServiceTables["services"]>;
export type DeploymentRow = Selectable<ServiceTables["service_deployments"]>;
export type AlertRow = Selectable<ServiceTables["service_alerts"]>;

const ALERTS_SHOWN = 50;

export const noSuchService = (): TomboloError =>
  new TomboloError("state.unknown", "there is no such service", { remedy: "See the list of services." });

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
