export { commitmentOf, commitToSnapshot, snapshotDigest } from "./digest.ts";
export * from "./export-table.ts";
export { parseFilter } from "./filter/parse.ts";
export { filterToSql } from "./filter/to-sql.ts";
export type { FilterColumn, FilterTree } from "./filter/tree.ts";
export { type ImportOptions, type ImportStage, importFile, SNAPSHOT_FILE } from "./import-file.ts";
export { type ReadOptions, readColumns, readSchema, type SchemaColumn } from "./read-columns.ts";
export * from "./types.ts";
export { ID_COLUMN, type WriteOptions, writeTable } from "./write-table.ts";
