/**
 * What a partner may ask about an own dataset by matching: so many runs, so many ids (SECURITY.md rule 8). A phone
 * number can be guessed; who may ask about enough of them learns who is in the table. Blinded ids cannot be told apart
 * between runs, so every id counts, also one asked before. Drawn durably before anything leaves that depends on own
 * ids, by attempt, and never given back.
 */
import { TomboloError } from "@tombolo/base";
import { findComponent, type GivenReference } from "@tombolo/components";
import { parseInputRef, participantsOf } from "@tombolo/scheduler";
import type { AskBudget } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import { type Actor, type NodeContext, systemActor } from "../context.ts";
import { findJob, flowOf, type Job, jobById } from "../jobs/rows.ts";
import type { TaskOrder } from "../jobs/wire.ts";
import { contractWith } from "../partner/contract-rows.ts";
import type { Side } from "../partner/side.ts";
import type { JobTables } from "../store/tables/jobs.ts";
import { notAuthorised, refuseUnauthorised } from "./authorisations.ts";
import { countRefused, drawOnGrants } from "./grant-asks.ts";

/** More ids than this are no table's. */
const IDS_MAX = 2 ** 40;

/** What a task asks its node for. */
export interface Draw {
  readonly party: string;
  readonly ids: number;
  /** That came with the questions; null or absent: none did. */
  readonly references?: readonly GivenReference[] | null;
}

export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

export async function drawIds(
  side: NodeContext,
  order: Pick<TaskOrder, "job_id" | "task" | "attempt">,
  draw: Draw,
): Promise<void> {
  const job = await jobById(side, order.job_id);
  const flow = flowOf(job);
  const participants = participantsOf(flow, flow.tasks[order.task]!).map(({ party }) => party);
  const known = participants.includes(draw.party) && draw.party !== side.config.party;
  if (!known || !Number.isInteger(draw.ids) || draw.ids < 0 || draw.ids > IDS_MAX)
    throw new TomboloError("consent.budget", "a task drew on a budget that is not its own");
  const behind = await behindTask(side, job, order.task);
  const datasets = [...behind.datasets].sort();
  const unauthorised = await notAuthorised(side, job, flow, order.task, draw, datasets);
  const drawn = side.store.transaction(async () => {
    await refuseUnauthorised(side, draw.party, unauthorised, behind.grants);
    for (const datasetId of datasets) await drawOne(side, order, draw, datasetId);
    await drawOnGrants(side, draw, [...behind.grants].sort());
    await side.journal.append(
      "budget.drawn",
      systemActor,
      {
        en: `${draw.party} asks about ${draw.ids} ids in ${order.job_id}/${order.task}`,
        zh: `${draw.party} 在作业 ${order.job_id}/${order.task} 中询问 ${draw.ids} 个标识`,
      },
      {
        ...{
          job: order.job_id,
          task: order.task,
          attempt: order.attempt,
          partner: draw.party,
          ids: draw.ids,
          datasets,
        },
        ...(draw.references == null ? {} : { authorisations: draw.references.map(({ hash }) => hash) }),
      },
    );
  });
  await drawn.catch(async (error: unknown) => {
    if (TomboloError.from(error).code === "consent.budget") await countRefused(side, draw, [...behind.grants]);
    throw error;
  });
}

async function drawOne(
  side: NodeContext,
  order: Pick<TaskOrder, "job_id" | "task" | "attempt">,
  { party: partner, ids }: Draw,
  datasetId: string,
): Promise<void> {
  const now = side.clock.now();
  const key = { job_id: order.job_id, task: order.task, attempt: order.attempt, partner, dataset_id: datasetId };
  const first = await side.store.db
    .insertInto("asks")
    .values({ ...key, ids, at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning("ids")
    .executeTakeFirst();
  if (first === undefined)
    await side.store.db
      .updateTable("asks")
      .set((eb) => ({ ids: eb("ids", "+", ids) }))
      .where((eb) => eb.and(key))
      .execute();
  const runs = first === undefined ? 0 : 1;
  await ensureBudget(side, partner, datasetId);
  await beginDay(side, partner, datasetId, dayOf(now));
  const drawn = await side.store.db
    .updateTable("ask_budgets")
    .set((eb) => ({
      ...{ runs_used: eb("runs_used", "+", runs), ids_used: eb("ids_used", "+", ids) },
      ...{ ids_day_used: eb("ids_day_used", "+", ids), updated_at: now },
    }))
    .where("partner", "=", partner)
    .where("dataset_id", "=", datasetId)
    .where((eb) => eb.or([eb("runs_max", "is", null), eb(eb("runs_used", "+", runs), "<=", eb.ref("runs_max"))]))
    .where((eb) => eb.or([eb("ids_max", "is", null), eb(eb("ids_used", "+", ids), "<=", eb.ref("ids_max"))]))
    .where((eb) =>
      eb.or([eb("ids_day_max", "is", null), eb(eb("ids_day_used", "+", ids), "<=", eb.ref("ids_day_max"))]),
    )
    .returning("partner")
    .executeTakeFirst();
  if (drawn === undefined)
    throw new TomboloError("consent.budget", `${partner} may not ask about so many more ids of these data`, {
      blame: side.config.party,
      remedy:
        "Ask about fewer ids, wait for the next day (UTC) if it has a limit, or ask the data's owner for a larger budget.",
      detail: { partner, datasetId, ids },
    });
}

const beginDay = ({ store }: NodeContext, partner: string, datasetId: string, day: string) =>
  store.db
    .updateTable("ask_budgets")
    .set({ day, ids_day_used: 0 })
    .where("partner", "=", partner)
    .where("dataset_id", "=", datasetId)
    .where("day", "!=", day)
    .execute();

interface Behind {
  readonly datasets: Set<string>;
  /** Grants given on them, under which the jobs ran that made what is asked about. */
  readonly grants: Set<string>;
}

/** Own datasets whose rows reach the task, also by way of what earlier jobs left, kept as datasets or models. */
async function behindTask(
  side: NodeContext,
  job: Job,
  task: string,
  found: Behind = { datasets: new Set(), grants: new Set() },
): Promise<Behind> {
  const flow = flowOf(job);
  const own = job.document.datasets.filter(({ party }) => party === side.config.party);
  const [seen, open] = [new Set<string>(), [task]];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const definition = flow.tasks[name];
    if (definition === undefined || seen.has(name)) continue;
    seen.add(name);
    const component = findComponent(definition.component);
    const parameters = definition.partyParameters[side.config.party];
    const use = parameters === undefined ? null : component?.reads?.(component.partyParameters.parse(parameters));
    for (const { task: at, grantId } of own) if (at === name && grantId !== null) found.grants.add(grantId);
    if (use != null && !found.datasets.has(use.datasetId)) {
      found.datasets.add(use.datasetId);
      await addOrigin(side, use.datasetId, found);
    }
    for (const ref of Object.values(definition.inputs).map(parseInputRef)) {
      if (ref.kind === "task") open.push(ref.task);
      else await addMadeWith(side, ref.modelId, found);
    }
  }
  return found;
}

async function addMadeWith(side: NodeContext, id: string, found: Behind): Promise<void> {
  const model = await side.store.db
    .selectFrom("models")
    .select(["job_id", "task"])
    .where("id", "=", id)
    .executeTakeFirst();
  if (model !== undefined) await behindTask(side, await jobById(side, model.job_id), model.task, found);
}

/** A kept output has the rows of what it was made from: who asks about it asks about those. */
async function addOrigin(side: NodeContext, datasetId: string, found: Behind): Promise<void> {
  const dataset = await side.store.db
    .selectFrom("datasets")
    .select("origin")
    .where("id", "=", datasetId)
    .executeTakeFirst();
  const job = dataset?.origin == null ? undefined : await findJob(side, dataset.origin.jobId);
  if (job !== undefined) await behindTask(side, job, dataset!.origin!.task, found);
}

const ensureBudget = ({ store, clock }: NodeContext, partner: string, datasetId: string) =>
  store.db
    .insertInto("ask_budgets")
    .values({
      ...{ partner, dataset_id: datasetId, runs_max: null, ids_max: null, ids_day_max: null },
      ...{ runs_used: 0, ids_used: 0, updated_at: clock.now(), set_by: null },
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();

export interface BudgetLimits {
  readonly partner: string;
  readonly datasetId: string;
  /** null: counted, and not limited. */
  readonly runsMax: number | null;
  readonly idsMax: number | null;
  /** Undefined: as it was. */
  readonly idsPerDayMax?: number | null | undefined;
  readonly authorisationRequired?: boolean | undefined;
}

export async function setBudget(side: Side, actor: Actor, limits: BudgetLimits): Promise<AskBudget> {
  const { partner, datasetId, runsMax, idsMax, idsPerDayMax, authorisationRequired } = limits;
  await contractWith(side, partner);
  const dataset = await side.store.db
    .selectFrom("datasets")
    .select("id")
    .where("id", "=", datasetId)
    .executeTakeFirst();
  if (dataset === undefined) throw new TomboloError("state.unknown", "there is no such dataset");
  await side.store.transaction(async (tx) => {
    await ensureBudget(side, partner, datasetId);
    await tx
      .updateTable("ask_budgets")
      .set({
        ...{ runs_max: runsMax, ids_max: idsMax, set_by: actor.name, updated_at: side.clock.now() },
        ...(idsPerDayMax === undefined ? {} : { ids_day_max: idsPerDayMax }),
        ...(authorisationRequired === undefined ? {} : { authorisation_required: authorisationRequired }),
      })
      .where("partner", "=", partner)
      .where("dataset_id", "=", datasetId)
      .execute();
    await side.journal.append(
      "budget.set",
      actor,
      {
        en: `${partner} may ask about ${datasetId}: ${runsMax ?? "any number of"} runs, ${idsMax ?? "any number of"} ids`,
        zh: `${partner} 可询问 ${datasetId}：${runsMax ?? "不限"} 次，${idsMax ?? "不限"} 个标识`,
      },
      { partner, dataset: datasetId, runsMax, idsMax, ...(await guardsOf(side, partner, datasetId)) },
    );
  });
  return (await listBudgets(side)).find((each) => each.partner === partner && each.datasetId === datasetId)!;
}

/** As they hold now, for the journal. */
async function guardsOf({ store }: NodeContext, partner: string, datasetId: string) {
  const row = await store.db
    .selectFrom("ask_budgets")
    .select(["ids_day_max", "authorisation_required"])
    .where("partner", "=", partner)
    .where("dataset_id", "=", datasetId)
    .executeTakeFirstOrThrow();
  return { idsPerDayMax: row.ids_day_max, authorisationRequired: row.authorisation_required };
}

export async function listBudgets({ store, clock }: NodeContext): Promise<AskBudget[]> {
  const rows = await store.db
    .selectFrom("ask_budgets")
    .leftJoin("datasets", "datasets.id", "ask_budgets.dataset_id")
    .selectAll("ask_budgets")
    .select("datasets.name as dataset_name")
    .orderBy("ask_budgets.partner")
    .orderBy("ask_budgets.dataset_id")
    .execute();
  return rows.map((row) => budgetView(row, dayOf(clock.now())));
}

const budgetView = (
  row: Selectable<JobTables["ask_budgets"]> & { dataset_name: string | null },
  day: string,
): AskBudget => ({
  partner: row.partner,
  datasetId: row.dataset_id,
  datasetName: row.dataset_name ?? row.dataset_id,
  runs: { used: row.runs_used, max: row.runs_max },
  ids: { used: row.ids_used, max: row.ids_max },
  today: { used: row.day === day ? row.ids_day_used : 0, max: row.ids_day_max },
  authorisationRequired: row.authorisation_required,
  setBy: row.set_by,
  updatedAt: row.updated_at.toISOString(),
});
