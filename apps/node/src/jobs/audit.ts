/**
 * A job's request for consent: made at the initiator, checked again at every partner from its own component code,
 * data and grants. What differs is refused by name; what agrees waits in the inbox, or is consented by a standing rule.
 */

import { randomBytes } from "node:crypto";
import { safeText, TomboloError } from "@tombolo/base";
import { findComponent } from "@tombolo/components";
import { type Flow, flowModels, flowToYaml, parseFlow, validateFlow, withDefaults } from "@tombolo/scheduler";
import { z } from "zod";
import { differences } from "../consent/differences.ts";
import { asJson, type ConsentDocument, type ConsentParty, consentHash } from "../consent/document.ts";
import { type Actor, systemActor } from "../context.ts";
import type { FlowOrigin } from "../flows/origin.ts";
import { grantById, grantState } from "../grants/grant-rows.ts";
import { activeProject } from "../grants/projects.ts";
import { checkGrant } from "../grants/rules.ts";
import { requireFlowModels } from "../models/usable.ts";
import { contractWith, partnerActor, SUITE } from "../partner/contract-rows.ts";
import { newId } from "../partner/ids.ts";
import type { Partner } from "../partner/inbound.ts";
import { refuseTooManyRequests } from "../partner/quota.ts";
import type { Side } from "../partner/side.ts";
import { safeLines } from "../partner/text.ts";
import { toJson } from "../store/columns.ts";
import { queueWebhook } from "../webhook/webhook.ts";
import { recordDecision } from "./consents.ts";
import { datasetsOf, derivedParts, intendedUse, knownModels, type PlannedFlow } from "./plan.ts";
import { checkReuse } from "./reuse.ts";
import { findJob, type Job, jobById, jobChanged } from "./rows.ts";
import { servingUntil } from "./services.ts";

export const AUDIT_PATH = "/v1/interconn/job/audit/apply";
const CONSENT_DAYS = 7;

const text = z.string().max(4000);
const party = z.string().regex(/^[a-z][a-z0-9-]{1,31}$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().max(200);

const documentSchema = z.strictObject({
  version: z.literal(1),
  jobId: z.string().regex(/^job-[a-z0-9]{16}$/),
  name,
  projectId: name,
  initiator: party,
  parties: z
    .array(z.strictObject({ party, role: name, signingKey: hash, certificate: hash }))
    .min(1)
    .max(16),
  receivers: z.array(party).max(16),
  flow: z.unknown(),
  datasets: z
    .array(
      z.strictObject({
        party,
        task: name,
        datasetId: name,
        snapshot: name,
        columns: z.array(name).max(5000),
        grantId: name.nullable(),
        filter: text.nullable(),
      }),
    )
    .max(64),
  components: z
    .array(
      z.strictObject({
        task: name,
        component: name,
        version: name,
        protocol: name.nullable(),
        messages: hash.nullable(),
      }),
    )
    .max(64),
  models: z.array(name).max(64),
  reuse: z
    .array(
      z.strictObject({
        task: name,
        jobId: z.string().regex(/^job-[a-z0-9]{16}$/),
        digests: z.array(z.strictObject({ party, digest: hash })).max(16),
      }),
    )
    .min(1)
    .max(64)
    .optional(),
  suite: name,
  disclosure: z
    .array(
      z.strictObject({
        task: name,
        component: name,
        recipient: party,
        about: party,
        kind: name,
        text: z.strictObject({ en: text, zh: text }),
      }),
    )
    .max(2000),
  nonce: z.string().min(16).max(64),
  expiresAt: z.iso.datetime(),
});
export const auditBody = z.strictObject({ document: documentSchema, requested_by: name, message: text });

export async function submitJob(
  side: Side,
  actor: Actor,
  input: {
    projectId: string;
    plan: PlannedFlow;
    message: string;
    origin?: FlowOrigin | undefined;
    /** What of an own approver's consents without asking again. */
    standing?: string;
    /** Part of the transaction: what must be written with the job, or refuses it. */
    within?: (jobId: string) => Promise<void>;
  },
): Promise<Job> {
  const { plan } = input;
  const document = await makeDocument(side, input.projectId, plan);
  await side.store.transaction(async () => {
    const { message, origin } = input;
    await insertJob(side, document, { yaml: plan.flowYaml, message, by: actor.name, origin });
    await input.within?.(document.jobId);
    if (input.standing === undefined)
      await insertApproval(side, document, {
        party: side.config.party,
        by: actor.name,
        byId: actor.id,
        message: input.message,
      });
    await side.journal.append(
      "job.submitted",
      actor,
      { en: `Asked for consent to the job ${document.name}`, zh: `申请作业 ${document.name} 的同意` },
      { job: document.jobId, consentHash: consentHash(document) },
    );
    for (const { party: each } of document.parties)
      if (each !== side.config.party)
        await side.outbox.post(side, each, AUDIT_PATH, { document, requested_by: actor.name, message: input.message });
    if (input.standing !== undefined)
      await recordDecision(side, systemActor, document.jobId, { approved: true, by: input.standing, reason: "" });
  });
  return jobById(side, document.jobId);
}

async function makeDocument(side: Side, projectId: string, plan: PlannedFlow): Promise<ConsentDocument> {
  const now = side.clock.now().getTime();
  return {
    version: 1,
    jobId: newId("job"),
    name: plan.flow.name,
    projectId,
    initiator: side.config.party,
    parties: await consentParties(side, plan.flow),
    receivers: plan.receivers,
    flow: asJson(plan.flow),
    datasets: plan.datasets,
    components: plan.components,
    models: plan.models,
    ...(plan.reuse === undefined || plan.reuse.length === 0 ? {} : { reuse: plan.reuse }),
    suite: SUITE,
    disclosure: plan.disclosure,
    nonce: randomBytes(18).toString("base64url"),
    expiresAt: new Date(now + CONSENT_DAYS * 86_400_000).toISOString(),
  };
}

/** Parties with the keys that the contracts of this node pin. */
export async function consentParties(side: Side, flow: Flow): Promise<ConsentParty[]> {
  return Promise.all(
    flow.parties.map(async ({ party: each, role }) => {
      if (each === side.config.party)
        return { party: each, role, signingKey: side.keys.signing.fingerprint, certificate: side.keys.tls.fingerprint };
      const contract = await contractWith(side, each);
      return {
        party: each,
        role,
        signingKey: contract.signing_key_fingerprint!,
        certificate: contract.certificate_fingerprint!,
      };
    }),
  );
}

/** At a partner: throws `consent.*` or `input.*` for anything this node would not put before its people. */
export async function onAudit(
  side: Side,
  caller: Partner,
  body: z.infer<typeof auditBody>,
): Promise<{ consent_hash: string }> {
  await contractWith(side, caller.party);
  const document = body.document as ConsentDocument;
  if (document.initiator !== caller.party)
    throw new TomboloError("auth.initiator", "only the initiator asks for a job");
  const known = await findJob(side, document.jobId);
  if (known !== undefined) {
    if (known.consent_hash !== consentHash(document))
      throw new TomboloError("consent.changed", "this job id stands for another request");
    return { consent_hash: known.consent_hash };
  }
  await refuseTooManyRequests(side, caller.party);
  const flow = await checkedFlow(side, document);
  await checkDocument(side, document, flow);
  await checkReuse(side, document);
  const standing = await checkOwnData(side, document, flow);
  const by = safeText(body.requested_by, "the requester", 200);
  const message = safeLines(body.message, "the message", 4000);
  await side.store.transaction(async () => {
    await insertJob(side, document, { yaml: flowToYaml(flow), message, by });
    await side.journal.append(
      "job.requested",
      partnerActor(caller.party),
      {
        en: `${caller.party} asks for consent to the job ${document.name}`,
        zh: `${caller.party} 申请作业 ${document.name} 的同意`,
      },
      { job: document.jobId, consentHash: consentHash(document) },
    );
    if (standing === null) return insertApproval(side, document, { party: caller.party, by, byId: null, message });
    await recordDecision(side, systemActor, document.jobId, { approved: true, by: standing, reason: "" });
  });
  return { consent_hash: consentHash(document) };
}

async function checkedFlow(side: Side, document: ConsentDocument): Promise<Flow> {
  const flow = parseFlow(document.flow);
  const parties = flow.parties.map(({ party: each }) => each);
  const own = await side.store.db.selectFrom("datasets").select(["id", "columns"]).execute();
  const problems = validateFlow(flow, findComponent, {
    knownParties: parties,
    datasetColumns: (each, id) =>
      each === side.config.party
        ? (own.find((row) => row.id === id)?.columns.map((column) => column.name) ?? null)
        : undefined,
    ...(await knownModels(side)),
  });
  const [first] = problems;
  if (first !== undefined)
    throw new TomboloError("consent.flow", `the flow is not valid here: ${first.path}: ${first.message}`);
  if (!parties.includes(side.config.party) || !parties.includes(document.initiator))
    throw new TomboloError("consent.flow", "the flow does not name both parties");
  await activeProject(side, document.projectId, parties);
  await requireFlowModels(side, flow);
  return flow;
}

/** Everything derived is made again here and compared; the initiator's text counts for nothing. */
async function checkDocument(side: Side, document: ConsentDocument, flow: Flow): Promise<void> {
  const now = side.clock.now().getTime();
  const expires = Date.parse(document.expiresAt);
  if (expires <= now || expires > now + (CONSENT_DAYS + 1) * 86_400_000)
    throw new TomboloError("consent.expired", "the request has expired, or would be open for too long");
  const expected: ConsentDocument = {
    ...document,
    ...derivedParts(flow),
    name: flow.name,
    flow: asJson(withDefaults(flow, findComponent)),
    parties: await consentParties(side, flow),
    datasets: datasetsOf(flow).map(({ party: owner, task, datasetId, columns }) => {
      // Snapshot, grant and filter are each owner's to check.
      const given = document.datasets.find((each) => each.party === owner && each.task === task);
      const { snapshot = "", grantId = null, filter = null } = given ?? {};
      return { party: owner, task, datasetId, snapshot, columns, grantId, filter };
    }),
    models: flowModels(flow),
    suite: SUITE,
  };
  const found = differences(asJson(expected), asJson(document));
  if (found.length === 0) return;
  const where = found.slice(0, 10).map(({ path }) => path);
  throw new TomboloError("consent.mismatch", `the request differs from what this node computes: ${where.join(", ")}`, {
    blame: side.config.party,
    remedy: "Check that both nodes run the same version.",
    detail: { found },
  });
}

/** Own data and grants. Answers the standing rule that consents for us, or null when a person has to. */
async function checkOwnData(side: Side, document: ConsentDocument, flow: Flow): Promise<string | null> {
  const self = side.config.party;
  const uses = datasetsOf(flow).filter((use) => use.party === self);
  const named = document.datasets.filter((use) => use.party === self);
  if (uses.length !== named.length)
    throw new TomboloError("consent.mismatch", "the request does not name all data it uses");
  const standing: string[] = [];
  for (const use of uses) {
    const given = named.find((each) => each.task === use.task);
    const row = await side.store.db
      .selectFrom("datasets")
      .select(["snapshot"])
      .where("id", "=", use.datasetId)
      .executeTakeFirst();
    const same =
      given?.datasetId === use.datasetId && differences(asJson(given.columns), asJson(use.columns)).length === 0;
    if (given === undefined || !same || given.snapshot !== row?.snapshot)
      throw new TomboloError("consent.snapshot", `the data ${use.datasetId} is not the snapshot the request names`, {
        blame: self,
      });
    if (given.grantId === null)
      throw new TomboloError("consent.grant-missing", `no grant is named for ${use.datasetId}`, {
        blame: self,
        remedy: "Ask for a grant first.",
      });
    const grant = await grantById(side, given.grantId).catch(() => undefined);
    if (grant === undefined || grant.owner !== self)
      throw new TomboloError("consent.grant-missing", `there is no such grant on ${use.datasetId}`, { blame: self });
    checkGrant(
      grantState(grant),
      intendedUse(document.initiator, document.projectId, use, document.disclosure, flow),
      side.clock.now(),
    );
    if (given.filter !== grant.terms.filter)
      throw new TomboloError("consent.filter", "the row filter is not the grant's", { blame: self });
    if (grant.terms.standing) standing.push(grant.id);
  }
  // How long a service may answer, a person decides: a standing rule knows of runs alone.
  const alone = servingUntil(flow) === 0;
  return alone && uses.length > 0 && standing.length === uses.length
    ? `standing rule of ${[...new Set(standing)].join(", ")}`
    : null;
}

async function insertJob(
  side: Side,
  document: ConsentDocument,
  about: { yaml: string; message: string; by: string; origin?: FlowOrigin | undefined },
): Promise<void> {
  await side.store.db
    .insertInto("jobs")
    .values({
      id: document.jobId,
      name: document.name,
      project_id: document.projectId,
      initiator: document.initiator,
      status: "PENDING",
      document: toJson(document),
      consent_hash: consentHash(document),
      flow_yaml: about.yaml,
      message: about.message,
      created_by: about.by,
      created_at: side.clock.now(),
      failure: toJson(null),
      fence: 0,
      kept_flow: about.origin?.id ?? null,
      kept_revision: about.origin?.revision ?? null,
    })
    .execute();
  const tasks = document.components.map(({ task }) => ({
    job_id: document.jobId,
    name: task,
    status: "PENDING" as const,
    attempt: 0,
    reused: false,
    lanes: toJson([]),
    failure: toJson(null),
  }));
  await side.store.db.insertInto("tasks").values(tasks).execute();
  jobChanged(side, document.jobId);
}

async function insertApproval(
  side: Side,
  document: ConsentDocument,
  request: { party: string; by: string; byId: string | null; message: string },
): Promise<void> {
  const id = newId("approval");
  await side.store.db
    .insertInto("approvals")
    .values({
      id,
      kind: "job",
      title: document.name,
      message: request.message,
      requested_by: request.by,
      requested_by_id: request.byId,
      requested_party: request.party,
      status: "WAITING",
      subject: document.jobId,
      created_at: side.clock.now(),
      expires_at: new Date(document.expiresAt),
    })
    .execute();
  await queueWebhook(side, { event: "approval.waiting", kind: "job", title: document.name });
  side.store.afterCommit(() => side.events.publish({ kind: "approval", id, data: null }));
}
