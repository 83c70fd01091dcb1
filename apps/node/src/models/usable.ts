/**
 * Whether a model of an earlier job may be used, decided by this party for its own part: it is what was signed, nobody
 * who holds a part has withdrawn or put it away, and the own permit, where there is one, allows it. Where there is none
 * the job's approval is the consent.
 */
import { TomboloError } from "@tombolo/base";
import { findComponent } from "@tombolo/components";
import { type Flow, parseInputRef, participantsOf } from "@tombolo/scheduler";
import type { ModelUse } from "@tombolo/sdk";
import type { ConsentDocument, ReusedTask } from "../consent/document.ts";
import { systemActor } from "../context.ts";
import { comesFromRevoked } from "../grants/derivation.ts";
import type { Side } from "../partner/side.ts";
import type { InputFile } from "../runner/ipc.ts";
import { noticesOf, tellHolders } from "./notices.ts";
import { modelId as modelIdOf } from "./part.ts";
import { choosePermit } from "./permit-state.ts";
import { findVersion, notSigned, type PermitRow, permitsOf, statusOf } from "./rows.ts";
import { requireIntact } from "./verification.ts";

/**
 * Throws `state.model`, `state.model-altered`, `resource.not-yet` or `consent.*`. Answers the permit that covers the
 * use; null where there is none. `rows` are not drawn: see `drawModelRows`.
 */
export async function requireModelUsable(
  side: Side,
  modelId: string,
  use: ModelUse,
  rows: number,
): Promise<PermitRow | null> {
  const permit = await requireModelAllowed(side, modelId, use, rows);
  await requireIntact(side, modelId);
  return permit;
}

/** The party's decisions alone, without reading the model's file. */
export async function requireModelAllowed(
  side: Side,
  id: string,
  use: ModelUse,
  rows: number,
): Promise<PermitRow | null> {
  const model = await side.store.db
    .selectFrom("models")
    .select(["job_id", "summary"])
    .where("id", "=", id)
    .executeTakeFirst();
  if (model === undefined)
    throw new TomboloError("state.model", `there is no part of the model ${id} here`, { blame: side.config.party });
  if (model.summary.kind === "catalogue" && (await comesFromRevoked(side, model.job_id)))
    throw new TomboloError("consent.grant-revoked", "the grant on the table behind the catalogue was revoked", {
      blame: side.config.party,
      remedy: "Ask the owner for a new grant, and make another catalogue.",
    });
  const version = await findVersion(side, id);
  if (version === undefined) throw notSigned(side, id);
  refuseEnded(id, side.config.party, statusOf(version), version.reason);
  for (const [party, { status, reason }] of await noticesOf(side, id)) refuseEnded(id, party, status, reason);
  const wanted = { use, rows, manifestHash: version.manifest_hash, now: side.clock.now() };
  return choosePermit(await permitsOf(side, id), wanted, side.config.party);
}

function refuseEnded(id: string, party: string, status: string, reason: string | null): void {
  if (status === "WITHDRAWN")
    throw new TomboloError(
      "consent.model-withdrawn",
      `${party} withdrew the model ${id}${reason === null ? "" : `: ${reason}`}`,
      { blame: party, remedy: `Ask ${party} for a permit, or use another version.` },
    );
  if (status === "ARCHIVED")
    throw new TomboloError("consent.model-archived", `${party} put the model ${id} away`, {
      blame: party,
      remedy: `Let ${party} take it out of the archive, or use another version.`,
    });
}

/** Models that a job names, or that tasks left which it takes over. */
export const modelsBehind = ({ models, reuse = [] }: Pick<ConsentDocument, "models" | "reuse">): string[] => [
  ...models,
  ...reuse.map(({ jobId, task }) => modelIdOf(jobId, task)),
];

/** Not even what was made with it before is used again. Throws `consent.model-withdrawn`. */
export async function refuseWithdrawn(side: Side, id: string): Promise<void> {
  const version = await findVersion(side, id);
  if (version?.withdrawn === true) refuseEnded(id, side.config.party, "WITHDRAWN", version.reason);
  for (const [party, { status, reason }] of await noticesOf(side, id))
    if (status === "WITHDRAWN") refuseEnded(id, party, status, reason);
}

export interface ModelUser {
  readonly job: string;
  readonly task: string;
  readonly attempt: number;
}

interface RowsWanted {
  /** Fewer are refused. */
  readonly least: number;
  /** So many, as far as the permits have them. */
  readonly most: number;
}

/**
 * Debits rows of the permits that cover the use of these models, durably and before they are scored; answers how many, the
 * same of each. Nothing is debited where no permit limits them. Joins the caller's transaction.
 */
export async function drawModelRows(
  side: Side,
  models: readonly string[],
  use: ModelUse,
  { least, most }: RowsWanted,
  by: ModelUser,
): Promise<number> {
  return side.store.transaction(async (tx) => {
    const limits: { readonly model: string; readonly permit: string; readonly left: number }[] = [];
    const covered: { readonly model: string; readonly permit: string }[] = [];
    for (const model of models) {
      const permit = await requireModelAllowed(side, model, use, least);
      if (permit === null || most === 0) continue;
      covered.push({ model, permit: permit.id });
      if (permit.rows_left === null) continue;
      const row = await tx
        .selectFrom("model_permits")
        .select("rows_left")
        .where("id", "=", permit.id)
        .forUpdate()
        .executeTakeFirstOrThrow();
      limits.push({ model, permit: permit.id, left: Number(row.rows_left) });
    }
    const rows = Math.min(most, ...limits.map(({ left }) => left));
    if (rows < least) throw drawnMeanwhile(side.config.party);
    for (const { model, permit, left } of limits) {
      await tx
        .updateTable("model_permits")
        .set({ rows_left: left - rows })
        .where("id", "=", permit)
        .execute();
      if (rows === left) await tellHolders(side, model);
    }
    for (const { model, permit } of covered)
      await side.journal.append(
        "model.used",
        systemActor,
        {
          en: `${rows} rows were drawn of a permit for the model ${model}`,
          zh: `模型 ${model} 的使用许可扣减 ${rows} 行`,
        },
        { model, permit, use, rows, ...by },
      );
    return rows;
  });
}

const drawnMeanwhile = (party: string): TomboloError =>
  new TomboloError("consent.permit-used-up", "the permit's rows were drawn meanwhile", {
    blame: party,
    remedy: `Ask ${party} for a new permit.`,
  });

/** A component that serves, or prepares that, is for callers; any other scores a table. */
export function useOf(component: string): ModelUse {
  const found = findComponent(component);
  return found?.serves === undefined && found?.prepares === undefined ? "batch" : "online";
}

export interface ModelRead {
  readonly modelId: string;
  readonly use: ModelUse;
}

/** Of earlier jobs, whose models are theirs still. */
type Reused = readonly Pick<ReusedTask, "task" | "jobId">[];

/** Own reads of earlier jobs' models in a task: named ones, and those of tasks that are taken over (`reuse`). */
export function modelsRead(flow: Flow, task: string, party: string, reuse: Reused = []): ModelRead[] {
  const definition = flow.tasks[task];
  const component = definition === undefined ? undefined : findComponent(definition.component);
  if (definition === undefined || component === undefined) return [];
  const role = participantsOf(flow, definition).find((each) => each.party === party)?.role;
  if (role === undefined) return [];
  const ids = Object.entries(definition.inputs).flatMap(([port, text]) => {
    const ref = parseInputRef(text);
    const { kind, roles = null } = component.inputs[port] ?? {};
    if (kind !== "model" || (roles !== null && !roles.includes(role))) return [];
    if (ref.kind === "model") return [ref.modelId];
    return reuse.filter((each) => each.task === ref.task).map(({ jobId }) => modelIdOf(jobId, ref.task));
  });
  return [...new Set(ids)].map((modelId) => ({ modelId, use: useOf(definition.component) }));
}

/** Before a flow is proposed or put before people: what this party would refuse anyway is said at once. */
export async function requireFlowModels(side: Side, flow: Flow, reuse: Reused = []): Promise<void> {
  const again = Object.keys(flow.tasks).filter((task) => !reuse.some((each) => each.task === task));
  for (const task of again)
    for (const { modelId, use } of modelsRead(flow, task, side.config.party, reuse))
      await requireModelUsable(side, modelId, use, 0);
}

/** Rows that the task's own tables bring to a model. */
export const rowsOf = (inputs: Readonly<Record<string, InputFile>>): number =>
  Math.max(0, ...Object.values(inputs).map(({ rows }) => rows ?? 0));
