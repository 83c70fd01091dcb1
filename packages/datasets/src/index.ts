export { commitmentOf, commitToSnapshot, snapshotDigest } from "./digest.ts";
export * from "./export-table.ts";
export { parseFilter } from "./filter/parse.ts";
export { filterToSql } from "./filter/to-sql.ts";
export type { FilterColumn, FilterTree } from "./filter/tree.ts";
export { type ImportOptions, type ImportStage, importFile, SNAPSHOT_FILE } from "./import-file.ts";
export { type PlainRows, PlainTable } from "./plain/plain-file.ts";
export { type ReadOptions, readColumns, readSchema, type SchemaColumn } from "./read-columns.ts";
export { type AddedNumbers, addNumbers } from "./streaming/add-numbers.ts";
export { type AlignOptions, alignTable, RowOrder } from "./streaming/align-table.ts";
export { BucketFiles } from "./streaming/bucket-files.ts";
export { type CopyOptions, copyColumns } from "./streaming/copy-columns.ts";
export { checkDiskSpace } from "./streaming/disk-space.ts";
export { type EachColumnOptions, eachColumn } from "./streaming/each-column.ts";
export { type StreamColumnsOptions, streamColumns } from "./streaming/stream-columns.ts";
export { type StreamOptions, type StringBatch, streamStrings } from "./streaming/stream-strings.ts";
export { syncFolder } from "./streaming/sync-folder.ts";
export {
  compareTags,
  type FoundTags,
  findTags,
  mergeTags,
  readTags,
  type TagChanges,
  TagFile,
  TagFileWriter,
} from "./streaming/tag-file.ts";
export { textTable } from "./streaming/text-table.ts";
export { WordFile } from "./streaming/word-file.ts";
export * from "./types.ts";
export { ID_COLUMN, type WriteOptions, writeTable } from "./write-table.ts";
