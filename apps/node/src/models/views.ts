/** A version as its page shows it: the own part, and of partners what they signed and said. */
import { join } from "node:path";
import { describeModel, findComponent, isTransformModel, type ModelView, type Text } from "@tombolo/components";
import { participantsOf } from "@tombolo/scheduler";
import type { ModelComparison, ModelDetail, ModelPartView, ModelPermit } from "@tombolo/sdk";
import { sha256Hex } from "../config/keys.ts";
import { flowOf, type Job, jobById } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";
import { loadJson } from "../runner/files.ts";
import { viewModel } from "./list.ts";
import { bytesOf } from "./manifest.ts";
import { type ModelNotice, noticesOf } from "./notices.ts";
import { holdersOf, stepsBefore } from "./part.ts";
import { permitState } from "./permit-state.ts";
import {
  findVersion,
  type ModelRow,
  modelById,
  type PermitRow,
  permitsOf,
  signaturesOf,
  statusOf,
  type VersionRow,
} from "./rows.ts";
import { verifyModel } from "./verification.ts";

const USES_SHOWN = 50;

export async function modelDetail(side: Side, id: string): Promise<ModelDetail> {
  const row = await modelById(side, id);
  const job = await jobById(side, row.job_id);
  const version = await findVersion(side, id);
  // A damaged file is a finding to be shown, not a page that fails.
  const part = await ownView(side, row);
  return {
    ...(await viewModel(side, id)),
    importance: (part?.importance ?? []).map((each) => ({ ...each })),
    trees: part?.trees ?? null,
    regression: part?.regression ?? null,
    scorecard: part?.scorecard ?? null,
    parameters: part?.parameters ?? {},
    pipeline: (part?.pipeline ?? []).map((each) => ({ ...each, title: { ...each.title }, steps: [...each.steps] })),
    schema: (version?.part.schema ?? []).map((each) => ({ ...each })),
    verification: await verifyModel(side, id),
    parts: await partViews(side, row, job, { version, own: part }),
    lineage: await lineageOf(side, row, job),
  };
}

async function ownView(side: Side, row: ModelRow) {
  try {
    return describeModel(await loadJson(join(side.paths.root, row.file)));
  } catch {
    return null;
  }
}

async function partViews(
  side: Side,
  row: ModelRow,
  job: Job,
  { version, own: view }: { version: VersionRow | undefined; own: ModelView | null },
): Promise<ModelPartView[]> {
  const signed = version === undefined ? [] : await signaturesOf(side, row.id, version.attempt);
  const notices = await noticesOf(side, row.id);
  const permits = await permitsOf(side, row.id);
  return holdersOf(flowOf(job), row.task).map(({ party, role }) => {
    const own = party === side.config.party;
    const signature = signed.find((each) => each.party === party);
    const notice = notices.get(party);
    return {
      party,
      role,
      own,
      digest: signature?.digest ?? null,
      keyFingerprint:
        signature === undefined
          ? (job.document.parties.find((each) => each.party === party)?.signingKey ?? "")
          : sha256Hex(bytesOf(signature.signing_key)),
      partSigned: signature !== undefined,
      manifestSigned: signature?.manifest_hash != null && signature.manifest_hash === version?.manifest_hash,
      status: own ? (version === undefined ? null : statusOf(version)) : (notice?.status ?? null),
      published: own ? null : (notice?.published ?? null),
      steps: own ? ownSteps(view) : toldSteps(side, row, job, party),
      permits: own ? permits.map((each) => permitView(each, side.clock.now())) : (notice?.permits ?? []).map(told),
    };
  });
}

const ownSteps = (view: ModelView | null): Text[] =>
  (view?.pipeline ?? []).flatMap(({ steps }) => steps.map((step) => ({ en: step, zh: step })));

/** What the party's rows went through before training, as the consent told this one. */
function toldSteps(side: Side, row: ModelRow, job: Job, party: string): Text[] {
  const flow = flowOf(job);
  const fitting = stepsBefore(flow, row.task).filter((task) =>
    Object.values(findComponent(flow.tasks[task]!.component)?.outputs ?? {}).some(({ holds }) =>
      isTransformModel(holds ?? ""),
    ),
  );
  return job.document.disclosure
    .filter(({ task, recipient, about, kind }) => {
      const ours = recipient === side.config.party && about === party;
      return ours && fitting.includes(task) && kind !== "early-end";
    })
    .map(({ text }) => ({ ...text }));
}

const permitView = (permit: PermitRow, now: Date): ModelPermit => ({
  id: permit.id,
  terms: permit.terms,
  status: permitState(permit, now),
  rowsLeft: permit.rows_left,
  requestedBy: permit.requested_by,
  requestedParty: permit.requested_party,
  decidedBy: permit.decided_by,
  reason: permit.reason,
  createdAt: permit.created_at.toISOString(),
});

const told = (permit: ModelNotice["permits"][number]): ModelPermit => ({ ...permit, rowsLeft: null });

async function lineageOf(side: Side, row: ModelRow, job: Job): Promise<ModelDetail["lineage"]> {
  const flow = flowOf(job);
  const steps = stepsBefore(flow, row.task);
  const names = await knownNames(side);
  const later = await side.store.db
    .selectFrom("jobs")
    .select(["id", "name", "status", "created_at", "document"])
    .orderBy("created_at", "desc")
    .execute();
  return {
    consentHash: job.consent_hash,
    pipeline: steps.map((task) => {
      const { component } = flow.tasks[task]!;
      return {
        task,
        component,
        version: job.document.components.find((each) => each.task === task)?.version ?? "",
        title: { ...(findComponent(component)?.title ?? { en: component, zh: component }) },
        parties: participantsOf(flow, flow.tasks[task]!).map(({ party }) => party),
      };
    }),
    datasets: job.document.datasets
      .filter(({ task }) => steps.includes(task))
      .map(({ party, task, datasetId, snapshot, columns, grantId }) => ({
        party,
        task,
        datasetId,
        name: names.get(`${party} ${datasetId}`) ?? null,
        snapshot,
        columns: columns.length,
        grantId,
      })),
    models: [...job.document.models],
    usedBy: later
      .filter(({ document }) => document.models.includes(row.id))
      .slice(0, USES_SHOWN)
      .map(({ id, name, status, created_at: at }) => ({ id, name, status, createdAt: at.toISOString() })),
  };
}

/** Own datasets by name, partners' by the grants this party holds. */
async function knownNames(side: Side): Promise<ReadonlyMap<string, string>> {
  const own = await side.store.db.selectFrom("datasets").select(["id", "name"]).execute();
  const granted = await side.store.db.selectFrom("grants").select(["terms", "owner", "dataset_name"]).execute();
  return new Map([
    ...granted.map(({ owner, terms, dataset_name }) => [`${owner} ${terms.datasetId}`, dataset_name] as const),
    ...own.map(({ id, name }) => [`${side.config.party} ${id}`, name] as const),
  ]);
}

export async function compareModels(side: Side, first: string, second: string): Promise<ModelComparison> {
  const [a, b] = [await modelById(side, first), await modelById(side, second)];
  const [of, other] = [await ownView(side, a), await ownView(side, b)];
  const numbers = (left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): string[] => [
    ...new Set([...Object.keys(left), ...Object.keys(right)]),
  ];
  const left = of?.parameters ?? {};
  const right = other?.parameters ?? {};
  const shares = [shareOf(of?.importance ?? []), shareOf(other?.importance ?? [])] as const;
  const features = [...new Set([...shares[0].keys(), ...shares[1].keys()])];
  return {
    a: await viewModel(side, first),
    b: await viewModel(side, second),
    metrics: numbers(a.summary.metrics, b.summary.metrics).map((name) => ({
      name,
      a: a.summary.metrics[name] ?? null,
      b: b.summary.metrics[name] ?? null,
    })),
    parameters: numbers(left, right).map((name) => ({ name, a: left[name] ?? null, b: right[name] ?? null })),
    coefficients: coefficientsOf(of, other),
    importance: features.map((key) => {
      const [party = "", feature = ""] = key.split("\n");
      return { party, feature, a: shares[0].get(key) ?? null, b: shares[1].get(key) ?? null };
    }),
  };
}

/** Of regressions: effects of one standard deviation, so that versions of other data compare too. */
function coefficientsOf(of: ModelView | null, other: ModelView | null): ModelComparison["coefficients"] {
  const [left, right] = [of, other].map(
    (view) =>
      new Map(
        (view?.regression?.coefficients ?? []).map(({ column, category, coefficient, scale, estimate, ...of }) => {
          const term = category === null ? column : `${column} = ${category}`;
          const classes = view?.regression?.classes?.names;
          const name = of.class === null ? term : `${term} → ${classes?.[of.class] ?? of.class + 1}`;
          const [low, high] = estimate === null ? [null, null] : [estimate.low * scale, estimate.high * scale];
          return [name, { effect: coefficient * scale, low, high }] as const;
        }),
      ),
  ) as [Map<string, Effect>, Map<string, Effect>];
  return [...new Set([...left.keys(), ...right.keys()])].map((name) => ({
    name,
    a: left.get(name) ?? null,
    b: right.get(name) ?? null,
  }));
}

type Effect = NonNullable<ModelComparison["coefficients"][number]["a"]>;

/** Shares of the gain; of the splits, for who learns no gain. */
function shareOf(
  rows: readonly { readonly party: string; readonly feature: string; readonly gain: number; readonly count: number }[],
): Map<string, number> {
  const byGain = rows.some(({ gain }) => gain > 0);
  const weight = ({ gain, count }: (typeof rows)[number]): number => (byGain ? gain : count);
  const total = rows.reduce((sum, row) => sum + weight(row), 0);
  return new Map(rows.map((row) => [`${row.party}\n${row.feature}`, total === 0 ? 0 : weight(row) / total] as const));
}
