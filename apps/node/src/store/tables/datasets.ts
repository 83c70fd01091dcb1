/** Own datasets: dictionary, statistics and the snapshot commitment. Rows live in files, never here. */
import type { DatasetColumn, Visibility } from "@tombolo/sdk";
import type { Json, Timestamp } from "../columns.ts";

export interface DatasetOrigin {
  readonly jobId: string;
  readonly jobName: string;
  readonly task: string;
  readonly port: string;
}

export interface DatasetTables {
  datasets: {
    id: string;
    name: string;
    description: string;
    row_count: number;
    columns: Json<readonly DatasetColumn[]>;
    as_of: string | null;
    published: boolean;
    visibility: Json<Visibility>;
    source_file: string | null;
    bytes: number;
    /** Salted SHA-256 over the Parquet file; the salt stays here. */
    snapshot: string;
    snapshot_salt: Uint8Array;
    created_by: string;
    created_at: Timestamp;
    /** Of a table that a job left. */
    origin: Json<DatasetOrigin | null>;
    derived_from_revoked: boolean;
  };
}
