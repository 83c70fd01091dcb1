import { z } from "zod";
import { id, longText, partyId, shortText, timestamp } from "./common.ts";

/** BFIA v1.2 contract states, plus INVITED for an invite line that nobody has used yet. */
export const contractStatus = z.enum(["INVITED", "APPLIED", "APPROVED", "REJECTED", "TERMINATED"]);
export const partner = z.object({
  contractId: id,
  /** Null while an invite is unused. */
  partyId: partyId.nullable(),
  name: z.string(),
  status: contractStatus,
  /** What both sides compare out of band: SHA-256 of both signing keys and certificates, as eight groups of five digits. */
  fingerprint: z.string().nullable(),
  ownFingerprintConfirmed: z.boolean(),
  partnerFingerprintConfirmed: z.boolean(),
  /** Who dials whom. */
  direction: z.enum(["we-dial", "they-dial", "both"]),
  address: z.string().nullable(),
  connection: z
    .object({
      state: z.enum(["up", "dialling", "down"]),
      since: timestamp,
      rttMs: z.number().nullable(),
      lastError: z.string().nullable(),
    })
    .nullable(),
  suite: z.string(),
  createdAt: timestamp,
  /** Until when an unused invite can be accepted. */
  inviteExpiresAt: timestamp.nullable(),
  note: longText.nullable(),
});
export const newInvite = z.object({
  note: longText.optional(),
  /** Address the partner should dial, host:port; absent: the partner need not dial, we dial (then give theirs on accept). */
  address: z.string().max(300).optional(),
  hours: z.number().int().min(1).max(168).default(24),
});
/** One line to hand over by a channel both trust: `tombolo1:...`; holds address, party, key fingerprints and a single-use secret. */
export const invite = z.object({ contractId: id, line: z.string(), expiresAt: timestamp });
export const acceptInvite = z.object({
  line: z.string().max(4000),
  proxy: z.string().max(300).optional(),
  note: longText.optional(),
});
export const confirmPartner = z.object({ fingerprint: z.string() });
export const doctorStep = z.object({
  step: z.string(),
  ok: z.boolean(),
  message: z.string(),
  remedy: z.string().nullable(),
  ms: z.number().nullable(),
});
export const doctorReport = z.object({ partner: z.string().nullable(), ok: z.boolean(), steps: z.array(doctorStep) });
export const nodeInfo = z.object({
  partyId,
  name: shortText,
  version: z.string(),
  signingKeyFingerprint: z.string(),
  certificateFingerprint: z.string(),
  /** Of the certificate that partners know. */
  certificateExpiresAt: timestamp,
  publicAddress: z.string().nullable(),
  database: z.enum(["pglite", "postgres"]),
  kernels: z.enum(["native", "reference"]),
  startedAt: timestamp,
  dataBytes: z.number(),
  /** IANA zone of the node; times are sent in UTC. */
  timeZone: z.string(),
});

export type Partner = z.infer<typeof partner>;
export type DoctorReport = z.infer<typeof doctorReport>;
export type NodeInfo = z.infer<typeof nodeInfo>;
