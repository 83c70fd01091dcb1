/** The journal: entries, the Merkle tree over them, and the checkpoints that bind both. */
import type { Timestamp } from "../columns.ts";

export interface JournalTables {
  journal_entries: {
    index: number;
    /** Canonical JSON of the entry: exactly the bytes that were hashed. */
    entry: string;
  };
  /** Complete subtrees: `level` 0 are the leaves, `position` counts subtrees of that level from the left. */
  journal_nodes: {
    level: number;
    position: number;
    hash: Uint8Array;
  };
  /** One row; locking it serialises appends. */
  journal_head: {
    id: number;
    size: number;
  };
  /** Own checkpoints, signed by own key. */
  journal_checkpoints: {
    size: number;
    note: string;
    at: Timestamp;
  };
  /** Own checkpoints that a partner holds, with the partner's cosignature and key. */
  journal_witnesses: {
    partner: string;
    size: number;
    note: string;
    partner_key: Uint8Array;
    at: Timestamp;
  };
  /** Partners' checkpoints that we hold: the latest is what their next one must extend. */
  partner_checkpoints: {
    partner: string;
    size: number;
    root_hash: Uint8Array;
    note: string;
    at: Timestamp;
  };
}
