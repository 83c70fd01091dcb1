/**
 * References to what data subjects authorised, as queries carry them: checked when a part starts and again with every draw, and
 * journalled at both parties by hash alone. An owner may refuse a partner every question without one.
 */
import { TomboloError } from "@tombolo/base";
import { type Authorisation, authorisationIn, findComponent, takesAuthorisation } from "@tombolo/components";
import { type Flow, participantsOf } from "@tombolo/scheduler";
import { type NodeContext, systemActor } from "../context.ts";
import type { Job } from "../jobs/rows.ts";
import type { TaskOrder } from "../jobs/wire.ts";
import type { Side } from "../partner/side.ts";
import type { Draw } from "./budgets.ts";
import { listGrants } from "./grant-rows.ts";

/** Components that hand nothing over which can be read without a question of its own. */
const SILENT: ReadonlySet<string> = new Set(["match-catalogue", "query-prepare"]);

const referenceOf = (flow: Flow, task: string): Authorisation | null => {
  const { component, parameters } = flow.tasks[task]!;
  const known = findComponent(component);
  return known !== undefined && takesAuthorisation(known) ? authorisationIn(parameters) : null;
};

/** Before a part starts, at every party of it. Throws `consent.authorisation`. */
export async function noteAuthorisation(side: Side, job: Job, flow: Flow, order: TaskOrder): Promise<void> {
  const reference = referenceOf(flow, order.task);
  if (reference === null) return;
  refuseExpired(side, reference);
  const asker = participantsOf(flow, flow.tasks[order.task]!).find(({ role }) => role === "guest")?.party ?? "";
  await side.journal.append(
    "query.authorised",
    systemActor,
    {
      en: `${asker} asks in ${job.id}/${order.task} with the authorisation ${reference.hash.slice(0, 16)}…`,
      zh: `${asker} 在作业 ${job.id}/${order.task} 中凭授权 ${reference.hash.slice(0, 16)}… 查询`,
    },
    { job: job.id, task: order.task, attempt: order.attempt, asker, ...reference },
  );
}

/**
 * Of the own datasets behind a draw, those for which no reference that came with it holds: one that names a dataset, or the
 * purpose of a grant on it, says nothing of the others. Throws if one is there and holds for none.
 */
export async function notAuthorised(
  side: NodeContext,
  job: Job,
  flow: Flow,
  task: string,
  draw: Draw,
  datasets: readonly string[],
): Promise<string[]> {
  if (SILENT.has(flow.tasks[task]!.component)) return [];
  const scope = scopeGiven(side, flow, task, draw);
  if (scope === null) return [...datasets];
  const granted = await grantedFor(side, scope, draw.party);
  const others = datasets.filter((id) => id !== scope && !granted.has(id));
  if (others.length < datasets.length) return others;
  throw new TomboloError("consent.authorisation", "the authorisation is for another purpose or table", {
    blame: job.initiator,
    remedy: "Its scope is to be the purpose of the owner's grant, word for word, or the dataset's id.",
  });
}

/** What the questions are authorised for: each by a reference that came with it, or all by the task's own. */
function scopeGiven(side: NodeContext, flow: Flow, task: string, { party, ids, references }: Draw): string | null {
  const { authorisedFor } = flow.tasks[task]!.parameters as { readonly authorisedFor?: string | null };
  if (authorisedFor != null) {
    const now = side.clock.now().getTime();
    const holding = (references ?? []).filter(({ hash, expires }) => /^[0-9a-f]{64}$/.test(hash) && expires > now);
    if (holding.length >= ids && holding.length === references?.length) return authorisedFor;
    throw new TomboloError("consent.authorisation", "a question came without an authorisation that holds", {
      blame: party,
    });
  }
  const reference = referenceOf(flow, task);
  if (reference === null) return null;
  refuseExpired(side, reference);
  return reference.scope;
}

/** Throws where the owner demands a reference for one of these, for which none holds: of this partner, or in a grant behind. */
export async function refuseUnauthorised(
  side: NodeContext,
  partner: string,
  datasets: readonly string[],
  grants: ReadonlySet<string> = new Set(),
): Promise<void> {
  if (datasets.length === 0) return;
  if (!(await isSet(side, partner, datasets)) && !(await isInTerms(side, datasets, grants))) return;
  throw new TomboloError("consent.authorisation", "the owner answers only with an authorisation of the data subjects", {
    blame: partner,
    remedy: `Name its SHA-256, scope and end in the query, of a kind that takes one, for each table that is asked; ${side.config.party} set this.`,
  });
}

async function isInTerms(
  { store, config }: NodeContext,
  datasets: readonly string[],
  ids: ReadonlySet<string>,
): Promise<boolean> {
  if (ids.size === 0) return false;
  const grants = await store.db
    .selectFrom("grants")
    .select(["owner", "terms"])
    .where("id", "in", [...ids])
    .execute();
  return grants.some(
    ({ owner, terms }) =>
      owner === config.party && datasets.includes(terms.datasetId) && terms.query?.authorisationRequired === true,
  );
}

async function isSet({ store }: NodeContext, partner: string, datasets: readonly string[]): Promise<boolean> {
  const demanded = await store.db
    .selectFrom("ask_budgets")
    .select("dataset_id")
    .where("partner", "=", partner)
    .where("dataset_id", "in", [...datasets])
    .where("authorisation_required", "=", true)
    .executeTakeFirst();
  return demanded !== undefined;
}

/** Own datasets that the partner may use for this purpose. */
async function grantedFor(side: NodeContext, purpose: string, partner: string): Promise<Set<string>> {
  const grants = await listGrants(side);
  const holding = grants.filter(
    ({ owner, status, terms }) =>
      owner === side.config.party &&
      status === "ACTIVE" &&
      terms.purpose === purpose &&
      terms.partners.includes(partner),
  );
  return new Set(holding.map(({ terms }) => terms.datasetId));
}

function refuseExpired({ clock }: NodeContext, { expires }: Authorisation): void {
  if (Date.parse(expires) > clock.now().getTime()) return;
  throw new TomboloError("consent.authorisation", "the authorisation of the data subjects is over", {
    remedy: "Have it renewed, and name the new one.",
  });
}
