/**
 * Whether a model version is what its parties signed: the own file against its digest, the own record against the
 * digest of the part, the manifest against the job's consent document and everyone's digests, and every signature.
 * Asked before each use. What does not hold is named with the party it is of.
 */
import { join } from "node:path";
import { fromHex, type Json, TomboloError } from "@tombolo/base";
import type { ModelVerification } from "@tombolo/sdk";
import { verifyBytes } from "../config/keys.ts";
import { asJson } from "../consent/document.ts";
import { findJob, flowOf, type Job } from "../jobs/rows.ts";
import { speaksFor } from "../partner/key-rotation.ts";
import type { Side } from "../partner/side.ts";
import { saltedDigest } from "../runner/files.ts";
import { bytesOf, manifestHash, manifestOf, manifestStatement, partStatement } from "./manifest.ts";
import { holdersOf, partDigest } from "./part.ts";
import {
  findVersion,
  type ModelRow,
  modelById,
  notSigned,
  type SignatureRow,
  signaturesOf,
  type VersionRow,
} from "./rows.ts";

export type Check = ModelVerification["checks"][number];
type What = Check["what"];

export async function verifyModel(side: Side, id: string): Promise<ModelVerification> {
  const model = await modelById(side, id);
  const version = await findVersion(side, id);
  const job = await findJob(side, model.job_id);
  if (version === undefined || job === undefined)
    return { ok: false, manifestHash: null, checks: [gone(side, "record")] };
  const signatures = await signaturesOf(side, id, version.attempt);
  const checks = [
    recordCheck(side, model, version, signatures),
    await fileCheck(side, model, version),
    manifestCheck(side, job, version, signatures, model.task),
    ...(
      await Promise.all(
        holdersOf(flowOf(job), model.task).map(({ party }) => signatureChecks(side, party, job, version, signatures)),
      )
    ).flat(),
  ];
  return { ok: checks.every(({ ok }) => ok), manifestHash: version.manifest_hash, checks };
}

/** Throws `state.model-altered`, or `resource.not-yet` where a signature has yet to come. */
export async function requireIntact(side: Side, id: string): Promise<void> {
  if ((await findVersion(side, id)) === undefined) throw notSigned(side, id);
  const { checks } = await verifyModel(side, id);
  const wrong = checks.find(({ ok, missing }) => !ok && !missing);
  const missing = checks.find(({ ok }) => !ok);
  if (wrong !== undefined)
    throw new TomboloError("state.model-altered", `the model ${id} is not what was signed: ${wrong.text.en}`, {
      blame: wrong.party,
      remedy: `Let ${wrong.party} restore its part, import it from an export, or train the model again.`,
      detail: { model: id, party: wrong.party, what: wrong.what },
    });
  if (missing !== undefined)
    throw new TomboloError("resource.not-yet", `the model ${id} is not signed by all: ${missing.text.en}`, {
      blame: missing.party,
      remedy: `Wait until the node of ${missing.party} can be reached.`,
      detail: { model: id, party: missing.party, what: missing.what },
    });
}

const NAMES: Readonly<Record<What, { en: string; zh: string }>> = {
  record: { en: "the record of the part", zh: "部分的记录" },
  file: { en: "the file of the part", zh: "部分的文件" },
  "part-signature": { en: "the signature over the part", zh: "对部分的签名" },
  manifest: { en: "the manifest", zh: "清单" },
  "manifest-signature": { en: "the signature over the manifest", zh: "对清单的签名" },
};

function said(party: string, what: What, state: "ok" | "missing" | "wrong"): Check {
  const { en, zh } = NAMES[what];
  const text = {
    ok: { en: `${en} of ${party} holds`, zh: `${party} ${zh}有效` },
    missing: { en: `${en} of ${party} is not here yet`, zh: `${party} ${zh}尚未收到` },
    wrong: { en: `${en} of ${party} is altered or damaged`, zh: `${party} ${zh}已被改动或损坏` },
  }[state];
  return { party, what, ok: state === "ok", missing: state === "missing", text };
}

const gone = (side: Side, what: What): Check => said(side.config.party, what, "wrong");
const judged = (party: string, what: What, holds: boolean): Check => said(party, what, holds ? "ok" : "wrong");

/** The stored part against what was signed, and the model's row, which lists and pages show, against the part. */
function recordCheck(side: Side, model: ModelRow, version: VersionRow, signatures: readonly SignatureRow[]): Check {
  const self = side.config.party;
  const own = signatures.find(({ party }) => party === self);
  const { part } = version;
  const same =
    own?.digest === partDigest(part) &&
    part.model === model.id &&
    part.attempt === version.attempt &&
    part.party === self &&
    alike(part.summary, model.summary) &&
    model.file.startsWith(`${join("tasks", model.job_id, model.task)}/`);
  return judged(self, "record", same);
}

const alike = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);
const canonical = (value: unknown): string => JSON.stringify(sorted(asJson(value)));
const sorted = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(sorted)
    : value !== null && typeof value === "object"
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, each]) => [key, sorted(each as Json)]),
        )
      : value;

async function fileCheck(side: Side, model: ModelRow, { part }: VersionRow): Promise<Check> {
  const { digest, salt } = part.file;
  let found: string | undefined;
  try {
    found = await saltedDigest(join(side.paths.root, model.file), fromHex(salt));
  } catch {
    // Missing, unreadable, or with a salt that is none: not what was signed.
  }
  return judged(side.config.party, "file", found === digest);
}

function manifestCheck(
  side: Side,
  job: Job,
  version: VersionRow,
  signatures: readonly SignatureRow[],
  task: string,
): Check {
  const self = side.config.party;
  const parts = new Map(signatures.map(({ party, digest }) => [party, digest]));
  const made = manifestOf(job, { task, attempt: version.attempt }, parts);
  const absent = holdersOf(flowOf(job), task).find(({ party }) => !parts.has(party));
  if (made === undefined || version.manifest_hash === null) return said(absent?.party ?? self, "manifest", "missing");
  const hash = manifestHash(made);
  const kept = version.manifest === null ? "" : manifestHash(version.manifest);
  return judged(
    self,
    "manifest",
    hash === version.manifest_hash && kept === hash && made.lineage.consentHash === job.consent_hash,
  );
}

async function signatureChecks(
  side: Side,
  party: string,
  job: Job,
  { model_id: model, attempt, manifest_hash: hash }: VersionRow,
  signatures: readonly SignatureRow[],
): Promise<Check[]> {
  const row = signatures.find((each) => each.party === party);
  if (row === undefined) return [said(party, "part-signature", "missing")];
  const key = bytesOf(row.signing_key);
  const agreed = await speaksFor(side, job.document, party, key);
  const signed = (bytes: Uint8Array, signature: string): boolean =>
    agreed && verifyBytes(key, bytes, bytesOf(signature));
  const part = judged(
    party,
    "part-signature",
    signed(partStatement({ model, attempt, party, digest: row.digest }), row.signature),
  );
  if (hash === null || row.manifest_hash === null || row.manifest_signature === null)
    return [part, said(party, "manifest-signature", "missing")];
  const whole = row.manifest_hash === hash && signed(manifestStatement({ model, party, hash }), row.manifest_signature);
  return [part, judged(party, "manifest-signature", whole)];
}
