/** Services that answer questions about partners' tables, as those who may ask them see them. */
import type { Askable } from "@tombolo/sdk";
import type { Caller } from "../api/handlers.ts";
import { findJob, flowOf } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";
import type { OnlineServices } from "../services/online.ts";
import { type DeploymentRow, deploymentById, listServices, type ServiceRow } from "../services/rows.ts";
import { stateOf } from "../services/views.ts";
import type { DayLimits } from "./day-limits.ts";

export async function listAskable(
  side: Side,
  online: OnlineServices,
  days: DayLimits,
  actor: Caller,
): Promise<Askable[]> {
  const open = (await listServices(side)).filter(({ kind, stopped_at }) => kind !== "score" && stopped_at === null);
  const found = await Promise.all(open.map((row) => askableOf(side, online, days, actor, row)));
  return found.filter((each) => each !== undefined);
}

/** Undefined where the caller may not ask it. */
async function askableOf(
  side: Side,
  online: OnlineServices,
  days: DayLimits,
  actor: Caller,
  service: ServiceRow,
): Promise<Askable | undefined> {
  const rowsMax = quotaOf(online, service.name, actor);
  const row = await deploymentById(side, service.name, service.champion);
  const job = await findJob(side, row.job_id);
  if (rowsMax === undefined || job === undefined) return undefined;
  const flow = flowOf(job);
  const parameters = (flow.tasks[row.task]?.parameters ?? {}) as Serving;
  const partner = flow.parties.find(({ role }) => role === "host")?.party ?? "";
  const own = online.usage(service.name).today.find(({ caller }) => caller === actor.id);
  return {
    ...{ name: service.name, title: service.title, partner, until: row.until.toISOString() },
    kind: service.kind === "verify" ? "verify" : "query",
    state: stateOf(job, online.deployment(service.name, row.id)?.isUp === true),
    keys: await keysOf(side, row, partner, parameters.keyParts ?? 1),
    columns: [...(parameters.columns ?? [])],
    catalogue: row.model_id,
    authorisedFor: parameters.authorisedFor ?? null,
    today: { rows: own?.rows ?? 0, rowsMax },
    inAll: { rows: await rowsOf(side, row), idsMax: parameters.idsMax ?? 0 },
    day: await days.today(service.name),
  };
}

interface Serving {
  readonly columns?: readonly string[];
  readonly keyParts?: number;
  readonly idsMax?: number;
  readonly authorisedFor?: string | null;
}

function quotaOf(online: OnlineServices, service: string, actor: Caller): number | undefined {
  try {
    return online.usage(service).quotaOf(actor);
  } catch {
    return undefined;
  }
}

/** As the partner's columns are called that the catalogue was made of; by number where that is not known. */
async function keysOf(side: Side, { model_id }: DeploymentRow, partner: string, parts: number): Promise<string[]> {
  const model = await side.store.db
    .selectFrom("models")
    .select(["job_id", "task"])
    .where("id", "=", model_id)
    .executeTakeFirst();
  const job = model === undefined ? undefined : await findJob(side, model.job_id);
  const tasks = job === undefined ? {} : flowOf(job).tasks;
  const from = tasks[model?.task ?? ""]?.inputs.data?.split(".")[0] ?? "";
  const read = tasks[from]?.partyParameters[partner] as { readonly keys?: readonly string[] } | undefined;
  const keys = read?.keys ?? [];
  return keys.length === parts ? [...keys] : Array.from({ length: parts }, (_, i) => String(i + 1));
}

async function rowsOf(side: Side, { id }: DeploymentRow): Promise<number> {
  const { rows } = await side.store.db
    .selectFrom("service_minutes")
    .select((row) => row.fn.sum<number | null>("rows").as("rows"))
    .where("deployment", "=", id)
    .executeTakeFirstOrThrow();
  return Number(rows ?? 0);
}
