/** What a table is to the rest of the house. */
export type ColumnType = "number" | "integer" | "text" | "boolean" | "date";
export type ColumnRole = "id" | "label" | "feature" | "ignored";

export interface ColumnStatistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  /** At 0, 5, 25, 50, 75, 95 and 100 %. */
  readonly quantiles: readonly number[];
}

export interface DatasetColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** A suggestion; the owner decides. */
  readonly role: ColumnRole;
  /** Share of rows with a value, 0..1. */
  readonly fillRate: number;
  readonly distinct: number;
  /** Numbers, integers, booleans as 0 and 1; null for text and dates, and where there is no value. */
  readonly statistics: ColumnStatistics | null;
  /** Most frequent values of a text column, none below the minimum row count; null for other types. */
  readonly top: readonly { readonly value: string; readonly count: number }[] | null;
}

/** A salted commitment to a snapshot (SECURITY.md rule 3): binds the rows, tells nothing about them. */
export interface SnapshotCommitment {
  readonly salt: Uint8Array;
  /** SHA-256 over a label, the salt and the digest. */
  readonly commitment: Uint8Array;
}

export interface ImportedDataset {
  /** The Parquet snapshot. */
  readonly path: string;
  readonly rowCount: number;
  readonly columns: readonly DatasetColumn[];
  /** SHA-256 of the canonical content: the same rows give the same digest, however the file was written. */
  readonly digest: Uint8Array;
  readonly commitment: SnapshotCommitment;
  /** Of the snapshot file. */
  readonly bytes: number;
  readonly source: {
    readonly format: "csv" | "parquet";
    readonly encoding: string | null;
    readonly delimiter: string | null;
  };
}

export interface ImportLimits {
  readonly bytesMax: number;
  readonly rowsMax: number;
  readonly columnsMax: number;
  readonly memoryBytes: number;
  readonly temporaryBytes: number;
  readonly threads: number;
}

export const defaultLimits: ImportLimits = {
  bytesMax: 20 * 2 ** 30,
  rowsMax: 100_000_000,
  columnsMax: 2000,
  memoryBytes: 2 ** 30,
  temporaryBytes: 40 * 2 ** 30,
  threads: 2,
};
