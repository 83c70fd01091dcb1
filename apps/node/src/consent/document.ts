/**
 * What a job's consent is given to, and its hash (SECURITY.md rule 4).
 *
 * consentHash = SHA-256("tombolo/consent/v1" || 0x00 || canonical JSON of the document). Each node makes the document's
 * derived parts (disclosure, component versions, message tables) from its own component code and compares: the
 * initiator's text is never taken over.
 */
import { createHash } from "node:crypto";
import { canonicalJson, concat, type Json, toHex, utf8 } from "@tombolo/base";

const LABELS = {
  consent: "tombolo/consent/v1",
  decision: "tombolo/consent-decision/v1",
} as const;

export interface ConsentParty {
  readonly party: string;
  readonly role: string;
  readonly signingKey: string;
  readonly certificate: string;
}

export interface ConsentDataset {
  readonly party: string;
  readonly task: string;
  readonly datasetId: string;
  readonly snapshot: string;
  readonly columns: readonly string[];
  /** The grant it is used under; null for the initiator's own data. */
  readonly grantId: string | null;
  readonly filter: string | null;
}

export interface ConsentComponent {
  readonly task: string;
  readonly component: string;
  readonly version: string;
  readonly protocol: string | null;
  /** SHA-256 of the message table; null for a component that sends nothing. */
  readonly messages: string | null;
}

export interface ConsentDisclosure {
  readonly task: string;
  readonly component: string;
  readonly recipient: string;
  readonly about: string;
  readonly kind: string;
  readonly text: { readonly en: string; readonly zh: string };
}

/** A task that is not run again: what it left in an earlier job is used, as each of its parties signed it then. */
export interface ReusedTask {
  readonly task: string;
  /** The job that ran it. */
  readonly jobId: string;
  /** Of each party of the task, in the flow's order. */
  readonly digests: readonly { readonly party: string; readonly digest: string }[];
}

export interface ConsentDocument {
  readonly version: 1;
  readonly jobId: string;
  readonly name: string;
  readonly projectId: string;
  readonly initiator: string;
  readonly parties: readonly ConsentParty[];
  /** Everyone who learns anything from the job. */
  readonly receivers: readonly string[];
  readonly flow: Json;
  readonly datasets: readonly ConsentDataset[];
  readonly components: readonly ConsentComponent[];
  /** Models of earlier jobs that the flow uses. */
  readonly models: readonly string[];
  /** Absent: every task runs. */
  readonly reuse?: readonly ReusedTask[];
  readonly suite: string;
  readonly disclosure: readonly ConsentDisclosure[];
  readonly nonce: string;
  readonly expiresAt: string;
}

const labelled = (label: string, value: Json): Uint8Array =>
  concat(utf8(label), new Uint8Array(1), canonicalJson(value));

export const consentHash = (document: ConsentDocument): string =>
  toHex(
    createHash("sha256")
      .update(labelled(LABELS.consent, document as unknown as Json))
      .digest(),
  );

/** What a party's key signs when its approver, or its standing rule, decides about a job. */
export interface ConsentDecision {
  readonly jobId: string;
  readonly consentHash: string;
  readonly party: string;
  readonly decision: "APPROVED" | "REJECTED";
  readonly by: string;
  readonly at: string;
  readonly reason: string | null;
}

export const decisionBytes = (decision: ConsentDecision): Uint8Array =>
  labelled(LABELS.decision, decision as unknown as Json);

/** A signed object of another kind: the label keeps one kind from passing as another. */
export const statementBytes = (kind: string, value: Json): Uint8Array => labelled(`tombolo/${kind}/v1`, value);

/** As JSON keeps it: what is hashed here is what comes back from the database and from partners. */
export const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
