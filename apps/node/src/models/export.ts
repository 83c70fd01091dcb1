/** The own part as one file. What it holds is checked first: an export is what one relies on when all else is gone. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { TomboloError, toBase64Url } from "@tombolo/base";
import type { FileReply } from "../api/handlers.ts";
import { signBytes } from "../config/keys.ts";
import { asJson } from "../consent/document.ts";
import type { Actor } from "../context.ts";
import { consentsOf, jobById } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";
import { jsonParts } from "./as-json.ts";
import { viewModel } from "./list.ts";
import { modelById, signaturesOf, versionById } from "./rows.ts";
import { type ExportHeader, headerStatement, MAGIC } from "./transfer.ts";
import { requireIntact } from "./verification.ts";

export async function exportModel(side: Side, actor: Actor, id: string, format: "sealed" | "json"): Promise<FileReply> {
  const { summary, file } = await modelById(side, id);
  if (summary.kind === "catalogue")
    throw new TomboloError(
      "input.model",
      "a catalogue is not exported: an older copy would forget what was asked of it",
      {
        remedy: "Make a new catalogue on the new machine.",
      },
    );
  await requireIntact(side, id);
  const path = join(side.paths.root, file);
  const line = JSON.stringify(await headerOf(side, id, basename(file), (await stat(path)).size));
  const signature = toBase64Url(signBytes(side.keys.signing, headerStatement(line)));
  await side.journal.append(
    "model.exported",
    actor,
    { en: `Exported the own part of the model ${id}`, zh: `导出模型 ${id} 的己方部分` },
    { model: id },
  );
  if (format === "json") {
    const body = Readable.from(jsonParts(line, signature, path));
    return { filename: `${id}.json`, contentType: "application/json", body };
  }
  return {
    filename: `${id}.tombolo-model`,
    contentType: "application/octet-stream",
    body: Readable.from(parts(`${MAGIC}\n${line}\n${signature}\n`, path)),
  };
}

async function* parts(head: string, path: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head, "utf8");
  for await (const chunk of createReadStream(path)) yield chunk as Buffer;
}

async function headerOf(side: Side, id: string, name: string, bytes: number): Promise<ExportHeader> {
  const model = await modelById(side, id);
  const version = await versionById(side, id);
  const job = await jobById(side, model.job_id);
  const signatures = await signaturesOf(side, id, version.attempt);
  const shown = await viewModel(side, id);
  return asJson({
    party: side.config.party,
    model: {
      id,
      task: model.task,
      summary: model.summary,
      parties: model.parties,
      derivedFromRevoked: model.derived_from_revoked,
      createdAt: model.created_at.toISOString(),
    },
    version: {
      attempt: version.attempt,
      part: version.part,
      manifest: version.manifest,
      manifestHash: version.manifest_hash,
      name: shown.name,
      notes: version.notes,
      published: version.published,
      withdrawn: version.withdrawn,
      archived: version.archived,
      reason: version.reason,
    },
    signatures: signatures.map(({ model_id: _, attempt: __, ...rest }) => rest),
    job: {
      document: job.document,
      status: job.status,
      flowYaml: job.flow_yaml,
      message: job.message,
      createdBy: job.created_by,
      createdAt: job.created_at.toISOString(),
      consents: (await consentsOf(side, job.id)).map(({ party, decision, by, reason, signed_at, signature }) => ({
        party,
        decision,
        by,
        reason,
        signedAt: signed_at,
        signature,
      })),
    },
    file: { name, bytes },
  }) as unknown as ExportHeader;
}
