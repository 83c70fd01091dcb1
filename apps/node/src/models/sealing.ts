/**
 * Signing versions. A party's node signs its part in the transaction that stores it and tells the other holders; once
 * every digest is there it makes the manifest, signs that, and tells them again. Messages may come late, twice or in
 * any order.
 */
import { TomboloError, toBase64Url } from "@tombolo/base";
import { isTransformModel } from "@tombolo/components";
import { z } from "zod";
import { signBytes, verifyBytes } from "../config/keys.ts";
import { systemActor } from "../context.ts";
import { findJob, flowOf, type Job, jobById } from "../jobs/rows.ts";
import { partnerActor } from "../partner/contract-rows.ts";
import { newId } from "../partner/ids.ts";
import type { Partner } from "../partner/inbound.ts";
import { speaksFor } from "../partner/key-rotation.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { bytesOf, manifestHash, manifestOf, manifestStatement, partStatement } from "./manifest.ts";
import { holdersOf, type ModelPart, makePart, partDigest } from "./part.ts";
import { findVersion, modelById, modelChanged, type SignatureRow, signaturesOf } from "./rows.ts";

export const SIGN_PATH = "/v1/interconn/model/sign";
export const MODEL_ID = z.string().regex(/^job-[a-z0-9]{16}\.[a-z][a-z0-9-]{0,47}$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const signature = z.string().regex(/^[A-Za-z0-9_-]{86}$/);
export const signBody = z.strictObject({
  model: MODEL_ID,
  attempt: z.number().int().min(1).max(1_000_000),
  digest: hash,
  signature,
  manifest: z.strictObject({ hash, signature }).nullable(),
});
type SignBody = z.infer<typeof signBody>;

type Made = Parameters<typeof makePart>[3];

/** Part of the transaction that stores the model. */
export async function sealModel(side: Side, job: Job, made: Made): Promise<void> {
  const flow = flowOf(job);
  const part = await makePart(side, job, flow, made);
  await keepVersion(side, part, entryName(job, made.task, part.summary.kind));
  await keepSignature(side, ownSignature(side, part));
  await tell(side, job, part.model, part.attempt);
  await complete(side, job, part.model);
}

/** Joint models go under the name of the flow that made them; others, and steps that models hold themselves, also say which task did. */
function entryName(job: Job, task: string, kind: string): string {
  const joint = holdersOf(flowOf(job), task).length > 1 && !isTransformModel(kind);
  return (joint ? job.name : `${job.name} / ${task}`).slice(0, 200);
}

async function keepVersion(side: Side, part: ModelPart, name: string): Promise<void> {
  const made = {
    attempt: part.attempt,
    part: toJson(part),
    manifest: toJson(null),
    manifest_hash: null,
  };
  // Made anew under the same id, it stays the version that it is, and permits for the one before do not cover it.
  if ((await findVersion(side, part.model)) !== undefined) {
    await side.store.db.updateTable("model_versions").set(made).where("model_id", "=", part.model).execute();
    return;
  }
  const entry = await entryNamed(side, name);
  await side.store.db
    .insertInto("model_versions")
    .values({
      ...made,
      model_id: part.model,
      entry_id: entry,
      version: await nextVersion(side, entry),
      notes: "",
      published: false,
      withdrawn: false,
      archived: false,
    })
    .execute();
}

/** The entry's id; made if there is none of that name. */
export async function entryNamed(side: Side, name: string): Promise<string> {
  await side.store.db
    .insertInto("model_entries")
    .values({ id: newId("entry"), name, created_at: side.clock.now() })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  // Locked, so that two versions do not take the same number.
  const row = await side.store.db
    .selectFrom("model_entries")
    .select("id")
    .where("name", "=", name)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function nextVersion(side: Side, entry: string): Promise<number> {
  const row = await side.store.db
    .selectFrom("model_versions")
    .select((eb) => eb.fn.max("version").as("last"))
    .where("entry_id", "=", entry)
    .executeTakeFirst();
  return Number(row?.last ?? 0) + 1;
}

function ownSignature(side: Side, part: ModelPart): SignatureRow {
  const about = { model: part.model, attempt: part.attempt, party: part.party, digest: partDigest(part) };
  return {
    model_id: part.model,
    attempt: part.attempt,
    party: part.party,
    signing_key: toBase64Url(side.keys.signing.publicKey),
    digest: about.digest,
    signature: toBase64Url(signBytes(side.keys.signing, partStatement(about))),
    manifest_hash: null,
    manifest_signature: null,
  };
}

const keepSignature = async (side: Side, row: SignatureRow): Promise<void> => {
  await side.store.db
    .insertInto("model_signatures")
    .values(row)
    .onConflict((conflict) => conflict.columns(["model_id", "attempt", "party"]).doNothing())
    .execute();
};

/** The own signatures to everyone else who holds a part. */
async function tell(side: Side, job: Job, model: string, attempt: number): Promise<void> {
  const own = (await signaturesOf(side, model, attempt)).find(({ party }) => party === side.config.party)!;
  const body: SignBody = {
    model,
    attempt,
    digest: own.digest,
    signature: own.signature,
    manifest: own.manifest_hash === null ? null : { hash: own.manifest_hash, signature: own.manifest_signature! },
  };
  for (const { party } of holdersOf(flowOf(job), model.slice(job.id.length + 1)))
    if (party !== side.config.party) await side.outbox.post(side, party, SIGN_PATH, body);
}

/** Makes and signs the manifest once every party's digest is here. */
async function complete(side: Side, job: Job, model: string): Promise<void> {
  const version = await findVersion(side, model);
  if (version === undefined || version.manifest_hash !== null) return;
  const { task } = await modelById(side, model);
  const rows = await signaturesOf(side, model, version.attempt);
  const manifest = manifestOf(
    job,
    { task, attempt: version.attempt },
    new Map(rows.map(({ party, digest }) => [party, digest])),
  );
  if (manifest === undefined) return;
  const hashed = manifestHash(manifest);
  await side.store.db
    .updateTable("model_versions")
    .set({ manifest: toJson(manifest), manifest_hash: hashed })
    .where("model_id", "=", model)
    .execute();
  const statement = manifestStatement({ model, party: side.config.party, hash: hashed });
  await side.store.db
    .updateTable("model_signatures")
    .set({ manifest_hash: hashed, manifest_signature: toBase64Url(signBytes(side.keys.signing, statement)) })
    .where("model_id", "=", model)
    .where("attempt", "=", version.attempt)
    .where("party", "=", side.config.party)
    .execute();
  await side.journal.append(
    "model.signed",
    systemActor,
    { en: `Signed the model ${model}`, zh: `签署模型 ${model}` },
    {
      model,
      attempt: version.attempt,
      manifest: hashed,
      parts: manifest.parties.map(({ party, part }) => `${party} ${part}`),
    },
  );
  await tell(side, job, model, version.attempt);
  modelChanged(side, model);
}

/** A partner signed its part, or the whole. */
export async function onSign(side: Side, caller: Partner, body: SignBody): Promise<void> {
  const [jobId = "", task = ""] = body.model.split(".");
  const job = await findJob(side, jobId);
  if (job === undefined || flowOf(job).tasks[task] === undefined)
    throw new TomboloError("auth.model", "there is no such model of yours");
  if (!holdersOf(flowOf(job), task).some(({ party }) => party === caller.party))
    throw new TomboloError("auth.model", "there is no such model of yours");
  await requireAttempt(side, jobId, task, body.attempt);
  await checkSignatures(side, job, caller, body);
  await side.store.transaction(async () => {
    const known = (await signaturesOf(side, body.model, body.attempt)).find(({ party }) => party === caller.party);
    if (known === undefined) await keepSignature(side, rowOf(caller, body));
    else await addManifest(side, caller, known, body);
    if (known === undefined)
      await side.journal.append(
        "model.part-signed",
        partnerActor(caller.party),
        {
          en: `${caller.party} signed its part of the model ${body.model}`,
          zh: `${caller.party} 签署了模型 ${body.model} 的己方部分`,
        },
        { model: body.model, attempt: body.attempt, digest: body.digest, signature: body.signature },
      );
    await complete(side, job, body.model);
    modelChanged(side, body.model);
  });
}

/** A party that took no part in an attempt here has nothing to sign of it. */
async function requireAttempt(side: Side, job: string, task: string, attempt: number): Promise<void> {
  const row = await side.store.db
    .selectFrom("attempts")
    .select("status")
    .where("job_id", "=", job)
    .where("task", "=", task)
    .where("attempt", "=", attempt)
    .executeTakeFirst();
  if (row === undefined) throw new TomboloError("auth.model", "there is no such attempt");
}

/** By the key that the model's job was consented to with, or one that followed it. */
async function checkSignatures(
  side: Side,
  job: Job,
  caller: Partner,
  { model, attempt, digest, signature: signed, manifest }: SignBody,
): Promise<void> {
  const { party, signingKey: key } = caller;
  const holds =
    (await speaksFor(side, job.document, party, key)) &&
    verifyBytes(key, partStatement({ model, attempt, party, digest }), bytesOf(signed)) &&
    (manifest === null ||
      verifyBytes(key, manifestStatement({ model, party, hash: manifest.hash }), bytesOf(manifest.signature)));
  if (!holds) throw new TomboloError("auth.bad-signature", "the model is not signed by you", { blame: party });
}

const rowOf = ({ party, signingKey }: Partner, body: SignBody): SignatureRow => ({
  model_id: body.model,
  attempt: body.attempt,
  party,
  signing_key: toBase64Url(signingKey),
  digest: body.digest,
  signature: body.signature,
  manifest_hash: body.manifest?.hash ?? null,
  manifest_signature: body.manifest?.signature ?? null,
});

/** What was signed once stands: another part, or another whole, of the same attempt is refused. */
async function addManifest(side: Side, { party }: Partner, known: SignatureRow, body: SignBody): Promise<void> {
  const other = known.manifest_hash !== null && body.manifest !== null && known.manifest_hash !== body.manifest.hash;
  if (known.digest !== body.digest || other)
    throw new TomboloError("protocol.model-part", "another part of this attempt was signed before", { blame: party });
  if (body.manifest === null || known.manifest_hash !== null) return;
  await side.store.db
    .updateTable("model_signatures")
    .set({ manifest_hash: body.manifest.hash, manifest_signature: body.manifest.signature })
    .where("model_id", "=", body.model)
    .where("attempt", "=", body.attempt)
    .where("party", "=", party)
    .execute();
}

/** Models of a release that signed none: their parts as the attempts left them, by the digests kept then. */
export async function sealUnsigned(side: Side): Promise<void> {
  const open = await side.store.db
    .selectFrom("models")
    .leftJoin("model_versions", "model_versions.model_id", "models.id")
    .select(["models.id", "models.job_id", "models.task", "models.file"])
    .where("model_versions.model_id", "is", null)
    .execute();
  for (const { id, job_id, task, file } of open) {
    const attempts = await side.store.db
      .selectFrom("attempts")
      .select(["attempt", "outputs"])
      .where("job_id", "=", job_id)
      .where("task", "=", task)
      .where("status", "=", "SUCCESS")
      .execute();
    const left = attempts.find(({ attempt, outputs }) => file.includes(`/${attempt}/`) && outputs.length > 0);
    const output = left?.outputs.find(({ kind }) => kind === "model");
    // Signed before: its record was taken away since, and is not made anew.
    if (left === undefined || output === undefined || (await wasSigned(side, id))) continue;
    const job = await jobById(side, job_id);
    await side.store.transaction(() => sealModel(side, job, { task, attempt: left.attempt, output }));
  }
}

const wasSigned = async (side: Side, id: string): Promise<boolean> =>
  (await side.store.db
    .selectFrom("model_signatures")
    .select("party")
    .where("model_id", "=", id)
    .where("party", "=", side.config.party)
    .executeTakeFirst()) !== undefined;
