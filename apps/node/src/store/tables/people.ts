/** Users, one-time links, sessions, API keys, failed attempts. Secrets are only here as hashes. */
import type { Role } from "@tombolo/sdk";
import type { Generated, Json, Timestamp } from "../columns.ts";

export interface PeopleTables {
  users: {
    id: string;
    username: string;
    display_name: string;
    roles: Json<readonly Role[]>;
    disabled: boolean;
    /** argon2id in PHC format; null until the one-time link was used. */
    password_hash: string | null;
    /** Of who signs in at an identity provider: both or neither. */
    issuer: string | null;
    subject: string | null;
    last_sign_in_at: Timestamp | null;
    created_at: Timestamp;
  };
  one_time_links: {
    token_hash: Uint8Array;
    user_id: string;
    expires_at: Timestamp;
    used_at: Timestamp | null;
  };
  sessions: {
    token_hash: Uint8Array;
    user_id: string;
    created_at: Timestamp;
    last_seen_at: Timestamp;
  };
  api_keys: {
    id: string;
    name: string;
    secret_hash: Uint8Array;
    roles: Json<readonly Role[]>;
    created_by: string;
    created_at: Timestamp;
    expires_at: Timestamp;
    last_used_at: Timestamp | null;
  };
  /** One row per "user:<name>" or "address:<ip>" with failures that still count. */
  sign_in_failures: {
    subject: string;
    failures: number;
    blocked_until: Timestamp | null;
    last_failure_at: Timestamp;
  };
  /** Small settings that people change at run time, e.g. the webhook. */
  settings: {
    name: string;
    value: Json<unknown>;
  };
  webhook_deliveries: {
    id: Generated<number>;
    body: string;
    attempts: Generated<number>;
    next_at: Timestamp;
    created_at: Timestamp;
  };
}
