/** A table's ids on their way to buckets, for components and protocols that do not call kernels themselves. */
import { kernels, normaliseStrings, RECORD_BYTES, STRING_BYTES, tableKernels } from "@tombolo/kernels";

export type {
  AsciiRules,
  GroupedRecords,
  NormalisedIds,
  NormaliseStrings,
  SortedRecords,
} from "@tombolo/kernels";
export { normaliseStrings, RECORD_BYTES, STRING_BYTES };

/** By which ids are matched: fewer than 128 bits would collide by chance. */
export const ID_DIGEST_BYTES = 16;

export const { groupRecords, idDigests, normaliseIds, sortRecords } = kernels;

/** All of them at once on a plain table's pages; null without the native library. */
export const spreadIds = tableKernels?.spreadIds ?? null;
