/** The model library: versions with their signed parts, what partners said of theirs, and permits to use them. */
import type { ModelPermitTerms } from "@tombolo/sdk";
import type { Manifest } from "../../models/manifest.ts";
import type { ModelNotice } from "../../models/notices.ts";
import type { ModelPart } from "../../models/part.ts";
import type { Json, Timestamp } from "../columns.ts";

export interface ModelTables {
  /** A name that versions stand under. */
  model_entries: {
    id: string;
    name: string;
    created_at: Timestamp;
  };
  model_versions: {
    model_id: string;
    /** The attempt that left it. */
    attempt: number;
    /** What is signed of the own part. */
    part: Json<ModelPart>;
    /** Null until every party's digest is here. */
    manifest: Json<Manifest | null>;
    manifest_hash: string | null;
    entry_id: string;
    version: number;
    notes: string;
    published: boolean;
    withdrawn: boolean;
    archived: boolean;
    /** Why it was withdrawn. */
    reason: string | null;
  };
  /** Each party's signatures, own ones included, over its part's digest and over the manifest. */
  model_signatures: {
    model_id: string;
    attempt: number;
    party: string;
    /** Raw Ed25519 key, base64url: contracts may change later. */
    signing_key: string;
    digest: string;
    signature: string;
    manifest_hash: string | null;
    manifest_signature: string | null;
  };
  /** How a partner says its part stands. */
  model_notices: {
    model_id: string;
    party: string;
    notice: Json<ModelNotice>;
    at: Timestamp;
  };
  /** This party's consent to uses of a version. */
  model_permits: {
    id: string;
    model_id: string;
    /** The manifest it was given for: a version made anew under the same id is another. */
    manifest_hash: string;
    status: "REQUESTED" | "ACTIVE" | "REJECTED" | "WITHDRAWN";
    terms: Json<ModelPermitTerms>;
    /** Null: without limit. */
    rows_left: number | null;
    requested_party: string;
    requested_by: string;
    decided_by: string | null;
    reason: string | null;
    created_at: Timestamp;
  };
}
