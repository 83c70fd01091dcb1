/**
 * An exported part comes back. The header must bear this party's own signature; the file its digest; and everything
 * together is verified as before a use, in the transaction that stores it, so that nothing half right stays.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fromHex, TomboloError } from "@tombolo/base";
import { ownSigningKeys, verifyBytes } from "../config/keys.ts";
import { type ConsentDocument, consentHash } from "../consent/document.ts";
import type { Actor } from "../context.ts";
import { findJob } from "../jobs/rows.ts";
import { newId } from "../partner/ids.ts";
import type { Side } from "../partner/side.ts";
import { saltedDigest } from "../runner/files.ts";
import { toJson } from "../store/columns.ts";
import { sealedLayout } from "./as-json.ts";
import { bytesOf, type Manifest } from "./manifest.ts";
import type { ModelPart } from "./part.ts";
import { findVersion, modelChanged } from "./rows.ts";
import { entryNamed, nextVersion } from "./sealing.ts";
import { type ExportHeader, HEADER_BYTES_MAX, headerSchema, headerStatement, MAGIC } from "./transfer.ts";
import { requireIntact } from "./verification.ts";

/** Answers the model's id. */
export async function importModel(side: Side, actor: Actor, body: Readable, signal: AbortSignal): Promise<string> {
  await mkdir(side.paths.temporary, { recursive: true, mode: 0o700 });
  const received = join(side.paths.temporary, newId("import"));
  try {
    await receive(side, body, received, signal);
    await sealedLayout(received);
    const { header, offset } = await readHeader(side, received);
    const target = targetOf(header);
    await placeFile(side, header, received, offset, join(side.paths.root, target));
    await side.store.transaction(() => storeAll(side, actor, header, target));
    return header.model.id;
  } finally {
    await rm(received, { force: true });
  }
}

async function receive(side: Side, body: Readable, path: string, signal: AbortSignal): Promise<void> {
  const most = side.config.limits.uploadBytesMax;
  let bytes = 0;
  const bounded = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > most)
        throw new TomboloError("input.too-large", "the file is larger than this node accepts", {
          remedy: "Raise limits.uploadBytesMax.",
        });
      yield chunk;
    }
  };
  await pipeline(body, bounded, createWriteStream(path, { mode: 0o600 }), { signal });
}

async function readHeader(side: Side, path: string): Promise<{ header: ExportHeader; offset: number }> {
  const { lines, offset } = await firstLines(path, 3);
  const [magic, line = "", signature = ""] = lines;
  if (magic !== MAGIC) throw notAnExport("it is no exported model");
  const parsed = headerSchema.safeParse(parseJson(line));
  if (!parsed.success) throw notAnExport(`it is malformed at ${parsed.error.issues[0]?.path.join(".") ?? "its top"}`);
  if (parsed.data.party !== side.config.party) throw notAnExport(`it is the part of ${parsed.data.party.slice(0, 32)}`);
  const own = ownSigningKeys(side.keys);
  if (!own.some(({ publicKey }) => verifyBytes(publicKey, headerStatement(line), bytesOf(signature))))
    throw new TomboloError("auth.bad-signature", "the export is not signed with this party's key, or was altered", {
      blame: side.config.party,
      remedy: "Restore the party's keys first; an altered file is of no use.",
    });
  return { header: parsed.data, offset };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const notAnExport = (why: string): TomboloError =>
  new TomboloError("input.model-file", `the file cannot be imported: ${why}`, {
    remedy: "Choose a file that `tombolo model export` of this party wrote.",
  });

/** `offset`: where what follows the lines begins. */
async function firstLines(path: string, count: number): Promise<{ lines: string[]; offset: number }> {
  const file = await open(path, "r");
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length <= HEADER_BYTES_MAX; ) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(2 ** 16), 0, 2 ** 16, length);
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
      const found = splitLines(Buffer.concat(chunks), count);
      if (found !== undefined) return found;
    }
    throw notAnExport("its first lines are missing or too long");
  } finally {
    await file.close();
  }
}

function splitLines(bytes: Buffer, count: number): { lines: string[]; offset: number } | undefined {
  const lines: string[] = [];
  let offset = 0;
  while (lines.length < count) {
    const end = bytes.indexOf(10, offset);
    if (end < 0) return undefined;
    lines.push(bytes.toString("utf8", offset, end));
    offset = end + 1;
  }
  return { lines, offset };
}

const targetOf = ({ model, version, file }: ExportHeader): string => {
  const [job = ""] = model.id.split(".");
  if (model.id !== `${job}.${model.task}`) throw notAnExport("its names do not fit together");
  return join("tasks", job, model.task, String(version.attempt), file.name);
};

/** Only bytes that have the signed digest take the file's place. */
async function placeFile(
  side: Side,
  { version, file }: ExportHeader,
  received: string,
  offset: number,
  target: string,
): Promise<void> {
  const { digest, salt } = (version.part as unknown as ModelPart).file;
  const aside = join(side.paths.temporary, newId("import"));
  try {
    await pipeline(
      createReadStream(received, { start: offset }),
      createWriteStream(aside, { mode: 0o600, flush: true }),
    );
    const found = await saltedDigest(aside, fromHex(salt));
    if (found !== digest)
      throw new TomboloError("state.model-altered", `the export's file ${file.name} is not what was signed`, {
        blame: side.config.party,
        remedy: "Use another copy of the export.",
      });
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rename(aside, target);
  } finally {
    await rm(aside, { force: true });
  }
}

async function storeAll(side: Side, actor: Actor, header: ExportHeader, file: string): Promise<void> {
  const { id } = header.model;
  const known = await findVersion(side, id);
  if (known !== undefined && known.attempt > header.version.attempt)
    throw new TomboloError("state.model-newer", "a newer training of this model is here", {
      remedy: "There is nothing to import: the model was trained anew after the export.",
    });
  await storeJob(side, header);
  await storeModelRow(side, header, file);
  await storeVersion(side, header);
  await storeSignatures(side, header);
  await requireIntact(side, id);
  await side.journal.append(
    "model.imported",
    actor,
    { en: `Imported the own part of the model ${id}`, zh: `导入模型 ${id} 的己方部分` },
    { model: id, manifest: header.version.manifestHash },
  );
  modelChanged(side, id);
}

/** On a new machine the job that made it is not known: its document says where the model comes from. */
async function storeJob(side: Side, { job, model }: ExportHeader): Promise<void> {
  const document = job.document as unknown as ConsentDocument;
  const [id = ""] = model.id.split(".");
  if (document.jobId !== id) throw notAnExport("its names do not fit together");
  if ((await findJob(side, id)) !== undefined) return;
  const created = new Date(job.createdAt);
  await side.store.db
    .insertInto("jobs")
    .values({
      id,
      name: document.name,
      project_id: document.projectId,
      initiator: document.initiator,
      // Nothing of it runs on here.
      status: job.status === "SUCCESS" ? "SUCCESS" : "CANCELLED",
      document: toJson(document),
      consent_hash: consentHash(document),
      flow_yaml: job.flowYaml,
      message: job.message,
      created_by: job.createdBy,
      created_at: created,
      ended_at: created,
      failure: toJson(null),
      fence: 0,
    })
    .execute();
  if (job.consents.length === 0) return;
  const consents = job.consents.map(({ party, decision, by, reason, signedAt, signature }) => {
    const at = new Date(signedAt);
    return { job_id: id, party, decision, by, reason, at, signed_at: signedAt, signature };
  });
  await side.store.db.insertInto("job_consents").values(consents).execute();
}

async function storeModelRow(side: Side, { model, version }: ExportHeader, file: string): Promise<void> {
  const made = { summary: toJson(model.summary), parties: toJson(model.parties), file };
  const [job = ""] = model.id.split(".");
  await side.store.db
    .insertInto("models")
    .values({
      ...made,
      id: model.id,
      job_id: job,
      task: model.task,
      name: version.name,
      derived_from_revoked: model.derivedFromRevoked,
      created_at: new Date(model.createdAt),
    })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(made))
    .execute();
}

/** What people decided here since the export stands. */
async function storeVersion(side: Side, { model, version }: ExportHeader): Promise<void> {
  const made = {
    attempt: version.attempt,
    part: toJson(version.part as unknown as ModelPart),
    manifest: toJson(version.manifest as unknown as Manifest),
    manifest_hash: version.manifestHash,
  };
  const known = await findVersion(side, model.id);
  if (known !== undefined) {
    await side.store.db.updateTable("model_versions").set(made).where("model_id", "=", model.id).execute();
    return;
  }
  const entry = await entryNamed(side, version.name);
  const { notes, published, withdrawn, archived, reason } = version;
  await side.store.db
    .insertInto("model_versions")
    .values({
      ...made,
      model_id: model.id,
      entry_id: entry,
      version: await nextVersion(side, entry),
      ...{ notes, published, withdrawn, archived, reason },
    })
    .execute();
}

async function storeSignatures(side: Side, { model, version, signatures }: ExportHeader): Promise<void> {
  for (const row of signatures)
    await side.store.db
      .insertInto("model_signatures")
      .values({ model_id: model.id, attempt: version.attempt, ...row })
      .onConflict((conflict) => conflict.columns(["model_id", "attempt", "party"]).doUpdateSet(row))
      .execute();
}
