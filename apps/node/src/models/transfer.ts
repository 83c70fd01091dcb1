/**
 * An exported part: a line that names the format, a line of JSON with everything that was signed, a line with this
 * party's signature over it, then the file as it is. It comes back to the party that wrote it, after a restore or on a
 * new machine that has its keys; nobody else takes it.
 */

import { jobStatus } from "@tombolo/sdk";
import { z } from "zod";
import { sha256Hex } from "../config/keys.ts";
import { statementBytes } from "../consent/document.ts";
import { MODEL_ID } from "./sealing.ts";

export const MAGIC = "tombolo-model/1";
export const HEADER_BYTES_MAX = 16 * 2 ** 20;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string().max(4000);
const object = z.record(z.string(), z.unknown());

export const headerSchema = z.strictObject({
  party: z.string().max(32),
  model: z.strictObject({
    id: MODEL_ID,
    task: z.string().regex(/^[a-z][a-z0-9-]{0,47}$/),
    summary: object,
    parties: z.array(z.strictObject({ party: z.string().max(32), role: z.string().max(32) })).max(16),
    derivedFromRevoked: z.boolean(),
    createdAt: z.iso.datetime(),
  }),
  version: z.strictObject({
    attempt: z.number().int().min(1),
    part: object,
    manifest: object,
    manifestHash: hash,
    name: z.string().min(1).max(200),
    notes: text,
    published: z.boolean(),
    withdrawn: z.boolean(),
    archived: z.boolean(),
    reason: text.nullable(),
  }),
  signatures: z
    .array(
      z.strictObject({
        party: z.string().max(32),
        signing_key: z.string().max(64),
        digest: hash,
        signature: z.string().max(100),
        manifest_hash: hash.nullable(),
        manifest_signature: z.string().max(100).nullable(),
      }),
    )
    .max(16),
  job: z.strictObject({
    document: object,
    status: jobStatus,
    flowYaml: z.string().max(1_000_000),
    message: text,
    createdBy: z.string().max(200),
    createdAt: z.iso.datetime(),
    consents: z
      .array(
        z.strictObject({
          party: z.string().max(32),
          decision: z.enum(["APPROVED", "REJECTED"]),
          by: z.string().max(200),
          reason: text.nullable(),
          signedAt: z.iso.datetime(),
          signature: z.string().max(100),
        }),
      )
      .max(16),
  }),
  file: z.strictObject({ name: z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,31}\.json$/), bytes: z.number().int().min(0) }),
});
export type ExportHeader = z.infer<typeof headerSchema>;

/** Over the line as it is written. */
export const headerStatement = (line: string): Uint8Array =>
  statementBytes("model-export", { header: sha256Hex(new TextEncoder().encode(line)) });
