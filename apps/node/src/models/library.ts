/** What people do with versions: name, publish, put away, withdraw. Each party for its own part. */
import { safeText, TomboloError } from "@tombolo/base";
import type { Actor } from "../context.ts";
import type { Side } from "../partner/side.ts";
import { safeLines } from "../partner/text.ts";
import { tellHolders } from "./notices.ts";
import { modelById, modelChanged, versionById } from "./rows.ts";
import { entryNamed, nextVersion } from "./sealing.ts";
import { modelsBehind } from "./usable.ts";

/** Under another name it is the newest version there; the old number is not given again. */
export async function describeVersion(
  side: Side,
  actor: Actor,
  id: string,
  { name, notes }: { readonly name?: string | undefined; readonly notes?: string | undefined },
): Promise<void> {
  await side.store.transaction(async (tx) => {
    const before = await versionById(side, id);
    const text = notes === undefined ? before.notes : safeLines(notes, "the notes", 4000);
    const entry = name === undefined ? before.entry_id : await entryNamed(side, safeText(name, "the name", 200));
    const version = entry === before.entry_id ? before.version : await nextVersion(side, entry);
    await tx
      .updateTable("model_versions")
      .set({ notes: text, entry_id: entry, version })
      .where("model_id", "=", id)
      .execute();
    await side.journal.append(
      "model.described",
      actor,
      { en: `Named or described the model ${id}`, zh: `命名或备注模型 ${id}` },
      { model: id, ...(name === undefined ? {} : { name, version }) },
    );
    if (before.published) await tellHolders(side, id);
    modelChanged(side, id);
  });
}

export async function publishVersion(side: Side, actor: Actor, id: string, published: boolean): Promise<void> {
  await side.store.transaction(async (tx) => {
    await versionById(side, id);
    await tx.updateTable("model_versions").set({ published }).where("model_id", "=", id).execute();
    await side.journal.append(
      published ? "model.published" : "model.unpublished",
      actor,
      published
        ? { en: `Published the model ${id} to the parties that hold a part`, zh: `向持有部分的各方发布模型 ${id}` }
        : { en: `Took back the publication of the model ${id}`, zh: `撤回模型 ${id} 的发布` },
      { model: id },
    );
    await tellHolders(side, id);
  });
}

/** What runs with it has to end first; taking it out again gives back what it had. */
export async function archiveVersion(side: Side, actor: Actor, id: string, archived: boolean): Promise<void> {
  await side.store.transaction(async (tx) => {
    const before = await versionById(side, id);
    if (before.archived === archived) return;
    if (archived && (await jobsReading(side, id)).length > 0)
      throw new TomboloError("state.model-in-use", "jobs under way use the model", {
        remedy: "Let them end, cancel them, or let an approver withdraw the model.",
      });
    await tx.updateTable("model_versions").set({ archived }).where("model_id", "=", id).execute();
    await side.journal.append(
      archived ? "model.archived" : "model.unarchived",
      actor,
      archived
        ? { en: `Put the model ${id} away`, zh: `归档模型 ${id}` }
        : { en: `Took the model ${id} out of the archive`, zh: `取出归档的模型 ${id}` },
      { model: id },
    );
    await tellHolders(side, id);
  });
}

/** Ends this party's consent: permits with it, and every job under way that uses the model, at once. */
export async function withdrawModel(side: Side, actor: Actor, id: string, reason: string): Promise<void> {
  const why = safeLines(reason, "the reason", 4000);
  await side.store.transaction(async (tx) => {
    await versionById(side, id);
    await tx.updateTable("model_versions").set({ withdrawn: true, reason: why }).where("model_id", "=", id).execute();
    const ended = await tx
      .updateTable("model_permits")
      .set((eb) => ({
        status: eb
          .case()
          .when("status", "=", "ACTIVE")
          .then("WITHDRAWN" as const)
          .else("REJECTED" as const)
          .end(),
        reason: why,
      }))
      .where("model_id", "=", id)
      .where("status", "in", ["ACTIVE", "REQUESTED"])
      .returning("id")
      .execute();
    if (ended.length > 0)
      await tx
        .updateTable("approvals")
        .set({ status: "WITHDRAWN", reason: why })
        .where(
          "subject",
          "in",
          ended.map((each) => each.id),
        )
        .where("status", "=", "WAITING")
        .execute();
    await side.journal.append(
      "model.withdrawn",
      actor,
      { en: `Withdrew the model ${id}: ${why}`, zh: `撤回模型 ${id}：${why}` },
      { model: id, reason: why, permits: ended.map((each) => each.id) },
    );
    await tellHolders(side, id);
  });
  await side.driver.stopJobsReading(id, `${side.config.party} withdrew the model ${id}: ${why}`);
}

/** Jobs under way that read it. */
async function jobsReading(side: Side, id: string): Promise<string[]> {
  const open = await side.store.db
    .selectFrom("jobs")
    .select(["id", "document"])
    .where("status", "in", ["READY", "RUNNING"])
    .execute();
  const own = await modelById(side, id);
  return open
    .filter(({ id: job, document }) => modelsBehind(document).includes(id) || job === own.job_id)
    .map((each) => each.id);
}
