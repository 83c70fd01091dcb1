/** Contracts, grants, projects, approvals: what parties agreed on. */
import type { Grant, GrantTerms, Partner, Project } from "@tombolo/sdk";
import type { Generated, Json, Timestamp } from "../columns.ts";

export interface PartnerTables {
  contracts: {
    id: string;
    /** Null while an invite is unused. */
    party_id: string | null;
    name: string;
    status: Partner["status"];
    direction: Partner["direction"];
    /** Where we dial the partner. */
    address: string | null;
    proxy: string | null;
    /** Raw Ed25519 key, base64url; the fingerprints are SHA-256 of it and of the certificate's DER, in hex. */
    signing_key: string | null;
    signing_key_fingerprint: string | null;
    certificate_fingerprint: string | null;
    /** Announced by the partner, and not used yet. */
    next_signing_key: string | null;
    next_certificate_fingerprint: string | null;
    /** How many next keys it announced on this day, UTC. */
    keys_announced: Generated<number>;
    keys_announced_on: Generated<string>;
    /** Of the own next signing key, once the partner has it. */
    own_next_fingerprint: string | null;
    own_confirmed: boolean;
    partner_confirmed: boolean;
    suite: string;
    /** Only the hash of an invite's single-use secret is kept. */
    secret_hash: string | null;
    invite_expires_at: Timestamp | null;
    note: string | null;
    created_by: string;
    created_at: Timestamp;
  };
  /** Keys of partners that others followed: what was signed with them still verifies. */
  former_keys: {
    contract_id: string;
    party: string;
    signing_key: string;
    signing_key_fingerprint: string;
    certificate_fingerprint: string;
    until: Timestamp;
  };
  /** Nonces of verified requests until they expire: a replay is refused also after a restart. */
  request_nonces: {
    party: string;
    nonce: string;
    expires_at: Timestamp;
  };
  /** What a partner has yet to hear; delivered in order, retried until it answers. */
  outbox: {
    id: Generated<number>;
    party: string;
    path: string;
    body: Json<unknown>;
    attempts: Generated<number>;
    next_at: Timestamp;
    expires_at: Timestamp;
  };
  grants: {
    id: string;
    owner: string;
    terms: Json<GrantTerms>;
    dataset_name: string;
    status: Grant["status"];
    uses_left: number;
    /** The party that asked, and who asked there. */
    requested_party: string;
    requested_by: string;
    decided_by: string | null;
    reason: string | null;
    /** The owner's signature over id, terms and owner once it is in force. */
    signature: string | null;
    created_at: Timestamp;
  };
  grant_uses: {
    grant_id: string;
    job_id: string;
    task: string;
    attempt: number;
    at: Timestamp;
  };
  projects: {
    id: string;
    name: string;
    description: string;
    status: Project["status"];
    initiator: string;
    members: Json<Project["members"]>;
    created_by: string;
    created_at: Timestamp;
  };
  approvals: {
    id: string;
    kind: "contract" | "grant" | "project" | "job" | "schedule" | "model";
    title: string;
    message: string;
    requested_by: string;
    /** Own user who asked; null when a partner asked. Whoever asks never approves. */
    requested_by_id: string | null;
    requested_party: string;
    status: "WAITING" | "APPROVED" | "REJECTED" | "EXPIRED" | "WITHDRAWN";
    /** Id of the contract, grant, project, job, schedule or model permit. */
    subject: string;
    decided_by: string | null;
    decided_by_id: string | null;
    decided_at: Timestamp | null;
    reason: string | null;
    created_at: Timestamp;
    expires_at: Timestamp;
  };
  comments: {
    id: Generated<number>;
    /** Same at all parties: the id of the grant, project or job. */
    subject: string;
    by: string;
    party: string;
    text: string;
    at: Timestamp;
  };
}
