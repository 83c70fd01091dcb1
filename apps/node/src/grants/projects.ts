/**
 * Projects (项目): one party proposes, each member's approver joins or refuses, the proposer tells everyone how it
 * stands. Jobs run only in an active project of which every party of the flow is a joined member.
 */
import { safeText, TomboloError } from "@tombolo/base";
import type { Project as ProjectView } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import { z } from "zod";
import type { Actor, NodeContext } from "../context.ts";
import { contractWith, partnerActor } from "../partner/contract-rows.ts";
import { newId } from "../partner/ids.ts";
import type { Partner } from "../partner/inbound.ts";
import { refuseTooManyRequests } from "../partner/quota.ts";
import type { Side } from "../partner/side.ts";
import { safeLines } from "../partner/text.ts";
import { toJson } from "../store/columns.ts";
import type { PartnerTables } from "../store/tables/partners.ts";
import { queueWebhook } from "../webhook/webhook.ts";

export type Project = Selectable<PartnerTables["projects"]>;
type Member = ProjectView["members"][number];

export const PATHS = {
  apply: "/v1/interconn/project/audit/apply",
  confirm: "/v1/interconn/project/audit/confirm",
  update: "/v1/interconn/project/audit/update",
} as const;

const PROJECT_ID = z.string().regex(/^project-[a-z0-9]{16}$/);
const PARTY = z.string().regex(/^[a-z][a-z0-9-]{1,31}$/);
const MEMBERS_MAX = 64;
const APPROVAL_DAYS = 30;

export const applyBody = z.strictObject({
  project_id: PROJECT_ID,
  name: z.string().min(1).max(200),
  description: z.string().max(4000),
  members: z.array(PARTY).min(2).max(MEMBERS_MAX),
  requested_by: z.string().max(200),
});
export const confirmBody = z.strictObject({
  project_id: PROJECT_ID,
  joined: z.boolean(),
  reason: z.string().max(4000),
});
export const updateBody = z.strictObject({
  project_id: PROJECT_ID,
  status: z.enum(["PROPOSED", "ACTIVE", "REJECTED", "ARCHIVED"]),
  members: z
    .array(z.strictObject({ partyId: PARTY, status: z.enum(["INVITED", "JOINED", "REFUSED"]) }))
    .max(MEMBERS_MAX),
});

export async function createProject(
  side: Side,
  actor: Actor,
  input: { name: string; description: string; members: readonly string[] },
): Promise<Project> {
  const others = [...new Set(input.members)].filter((party) => party !== side.config.party);
  if (others.length === 0) throw new TomboloError("input.members", "a project needs another party");
  for (const party of others) await contractWith(side, party);
  const name = safeText(input.name, "the name", 200);
  const id = newId("project");
  await side.store.transaction(async (tx) => {
    const members: Member[] = [
      { partyId: side.config.party, status: "JOINED", reason: null },
      ...others.map((partyId) => ({ partyId, status: "INVITED" as const, reason: null })),
    ];
    await tx
      .insertInto("projects")
      .values({
        id,
        name,
        description: input.description,
        status: "PROPOSED",
        initiator: side.config.party,
        members: toJson(members),
        created_by: actor.name,
        created_at: side.clock.now(),
      })
      .execute();
    await side.journal.append(
      "project.proposed",
      actor,
      { en: `Proposed the project ${name}`, zh: `发起项目 ${name}` },
      { project: id, members: others },
    );
    const body = {
      project_id: id,
      name,
      description: input.description,
      members: members.map(({ partyId }) => partyId),
      requested_by: actor.name,
    };
    for (const party of others) await side.outbox.post(side, party, PATHS.apply, body);
    changed(side, id);
  });
  return projectById(side, id);
}

/** Own approver joined or refused. Part of the approval's transaction. */
export async function decideProject(
  side: Side,
  actor: Actor,
  id: string,
  joined: boolean,
  reason: string,
): Promise<void> {
  const project = await projectById(side, id);
  await setMember(side, project, side.config.party, joined ? "JOINED" : "REFUSED", reason);
  await side.journal.append(
    joined ? "project.joined" : "project.refused",
    actor,
    {
      en: `${joined ? "Joined" : "Refused"} the project ${project.name}`,
      zh: `${joined ? "加入" : "拒绝"}项目 ${project.name}`,
    },
    { project: id, reason },
  );
  await side.outbox.post(side, project.initiator, PATHS.confirm, { project_id: id, joined, reason });
}

export async function archiveProject(side: Side, actor: Actor, id: string): Promise<Project> {
  const project = await projectById(side, id);
  if (project.initiator !== side.config.party)
    throw new TomboloError("state.project", "only who proposed a project archives it", {
      remedy: `Ask ${project.initiator}.`,
    });
  await side.store.transaction(async (tx) => {
    await tx.updateTable("projects").set({ status: "ARCHIVED" }).where("id", "=", id).execute();
    await side.journal.append(
      "project.archived",
      actor,
      { en: `Archived the project ${project.name}`, zh: `归档项目 ${project.name}` },
      { project: id },
    );
    await tellMembers(side, id);
  });
  return projectById(side, id);
}

export async function onApply(side: Side, caller: Partner, body: z.infer<typeof applyBody>): Promise<void> {
  await contractWith(side, caller.party);
  const known = await side.store.db
    .selectFrom("projects")
    .select("initiator")
    .where("id", "=", body.project_id)
    .executeTakeFirst();
  if (known?.initiator === caller.party) return;
  if (known !== undefined) throw new TomboloError("state.project", "this project id is taken");
  await refuseTooManyRequests(side, caller.party);
  if (!body.members.includes(side.config.party) || !body.members.includes(caller.party))
    throw new TomboloError("input.members", "the project does not name both parties");
  const name = safeText(body.name, "the name", 200);
  const by = safeText(body.requested_by, "the requester", 200);
  const description = safeLines(body.description, "the description", 4000);
  const members: Member[] = body.members.map((partyId) => ({
    partyId,
    status: partyId === caller.party ? "JOINED" : "INVITED",
    reason: null,
  }));
  const now = side.clock.now();
  await side.store.transaction(async (tx) => {
    await tx
      .insertInto("projects")
      .values({
        id: body.project_id,
        name,
        description,
        status: "PROPOSED",
        initiator: caller.party,
        members: toJson(members),
        created_by: by,
        created_at: now,
      })
      .execute();
    await tx
      .insertInto("approvals")
      .values({
        id: newId("approval"),
        kind: "project",
        title: name,
        message: description,
        requested_by: by,
        requested_by_id: null,
        requested_party: caller.party,
        status: "WAITING",
        subject: body.project_id,
        created_at: now,
        expires_at: new Date(now.getTime() + APPROVAL_DAYS * 86_400_000),
      })
      .execute();
    await side.journal.append(
      "project.invited",
      partnerActor(caller.party),
      { en: `${caller.party} proposes the project ${name}`, zh: `${caller.party} 发起项目 ${name}` },
      { project: body.project_id, members: body.members },
    );
    changed(side, body.project_id);
    await queueWebhook(side, { event: "approval.waiting", kind: "project", title: name });
    side.store.afterCommit(() => side.events.publish({ kind: "approval", id: body.project_id, data: null }));
  });
}

export async function onConfirm(side: Side, caller: Partner, body: z.infer<typeof confirmBody>): Promise<void> {
  const project = await projectById(side, body.project_id);
  if (project.initiator !== side.config.party || !project.members.some(({ partyId }) => partyId === caller.party))
    throw new TomboloError("auth.project", "this is not a project you were invited to");
  await side.store.transaction(async () => {
    await setMember(
      side,
      project,
      caller.party,
      body.joined ? "JOINED" : "REFUSED",
      safeLines(body.reason, "the reason", 4000),
    );
    await settle(side, body.project_id);
    await side.journal.append(
      body.joined ? "project.joined" : "project.refused",
      partnerActor(caller.party),
      {
        en: `${caller.party} ${body.joined ? "joined" : "refused"} the project ${project.name}`,
        zh: `${caller.party} ${body.joined ? "加入" : "拒绝"}项目 ${project.name}`,
      },
      { project: project.id, reason: body.reason },
    );
    await tellMembers(side, body.project_id);
  });
}

export async function onUpdate(side: Side, caller: Partner, body: z.infer<typeof updateBody>): Promise<void> {
  const project = await projectById(side, body.project_id);
  if (project.initiator !== caller.party) throw new TomboloError("auth.project", "this is not your project");
  const own = project.members.find(({ partyId }) => partyId === side.config.party);
  // What this party decided is never taken from another's word.
  const members: Member[] = body.members.map((member) =>
    member.partyId === side.config.party && own !== undefined ? own : { ...member, reason: null },
  );
  await side.store.db
    .updateTable("projects")
    .set({ status: body.status, members: toJson(members) })
    .where("id", "=", project.id)
    .execute();
  changed(side, project.id);
}

/** Throws `consent.project` unless jobs of these parties may run in it. */
export async function activeProject(context: NodeContext, id: string, parties: readonly string[]): Promise<Project> {
  const project = await projectById(context, id).catch(() => undefined);
  if (project?.status !== "ACTIVE")
    throw new TomboloError("consent.project", "there is no such active project", {
      remedy: "Propose a project and wait until its members joined.",
    });
  const missing = parties.filter(
    (party) => !project.members.some((each) => each.partyId === party && each.status === "JOINED"),
  );
  if (missing.length > 0)
    throw new TomboloError("consent.project", `${missing.join(", ")} did not join the project ${project.name}`, {
      remedy: "Propose a project with them.",
    });
  return project;
}

export async function projectById({ store }: NodeContext, id: string): Promise<Project> {
  const project = await store.db.selectFrom("projects").selectAll().where("id", "=", id).executeTakeFirst();
  if (project === undefined) throw new TomboloError("state.unknown", "there is no such project");
  return project;
}

export const listProjects = ({ store }: NodeContext): Promise<Project[]> =>
  store.db.selectFrom("projects").selectAll().orderBy("created_at", "desc").execute();

export const projectView = (project: Project): ProjectView => ({
  id: project.id,
  name: project.name,
  description: project.description,
  status: project.status,
  initiator: project.initiator,
  members: project.members.map((member) => ({ ...member })),
  createdAt: project.created_at.toISOString(),
});

async function setMember(
  side: Side,
  project: Project,
  party: string,
  status: Member["status"],
  reason: string,
): Promise<void> {
  const decided: Member = { partyId: party, status, reason: reason === "" ? null : reason };
  const members = project.members.map((member) => (member.partyId === party ? decided : member));
  await side.store.db
    .updateTable("projects")
    .set({ members: toJson(members) })
    .where("id", "=", project.id)
    .execute();
  changed(side, project.id);
}

/** Active once somebody joined and nobody is still to decide; rejected once all refused. */
async function settle(side: Side, id: string): Promise<void> {
  const project = await projectById(side, id);
  const others = project.members.filter(({ partyId }) => partyId !== project.initiator);
  if (project.status !== "PROPOSED" || others.some(({ status }) => status === "INVITED")) return;
  const status = others.some((each) => each.status === "JOINED") ? "ACTIVE" : "REJECTED";
  await side.store.db.updateTable("projects").set({ status }).where("id", "=", id).execute();
}

async function tellMembers(side: Side, id: string): Promise<void> {
  const project = await projectById(side, id);
  const { status } = project;
  // Why somebody refused is for whom it was told.
  const members = project.members.map(({ partyId, status }) => ({ partyId, status }));
  for (const { partyId } of members)
    if (partyId !== side.config.party)
      await side.outbox.post(side, partyId, PATHS.update, { project_id: id, status, members });
  changed(side, id);
}

const changed = (side: Side, id: string): void =>
  side.store.afterCommit(() => side.events.publish({ kind: "project", id, data: null }));
