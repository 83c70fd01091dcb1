/** Work on 16-byte blocks in bulk, joins and key-value stores, for protocols that do not call kernels themselves. */
import { type BlockKernels, kernels, type MatchingKernels } from "@tombolo/kernels";

export type { Matches, OkvsKeys, OkvsLayout, SortedMatches } from "@tombolo/kernels";

export const BLOCK_BYTES = 16;

export const gf128Multiply: BlockKernels["gf128Multiply"] = (...args) => kernels.gf128Multiply(...args);
export const gf128MultiplyAdd: BlockKernels["gf128MultiplyAdd"] = (...args) => kernels.gf128MultiplyAdd(...args);
export const gf128InnerProduct: BlockKernels["gf128InnerProduct"] = (...args) => kernels.gf128InnerProduct(...args);
export const blockTags: BlockKernels["blockTags"] = (...args) => kernels.blockTags(...args);
export const blockStream: BlockKernels["blockStream"] = (...args) => kernels.blockStream(...args);
export const pairTags: BlockKernels["pairTags"] = (...args) => kernels.pairTags(...args);

export const matchIndices: MatchingKernels["matchIndices"] = (...args) => kernels.matchIndices(...args);
export const firstOccurrences: MatchingKernels["firstOccurrences"] = (...args) => kernels.firstOccurrences(...args);
export const sortOrder: MatchingKernels["sortOrder"] = (...args) => kernels.sortOrder(...args);
export const sortStrings: MatchingKernels["sortStrings"] = (...args) => kernels.sortStrings(...args);
export const matchSorted: MatchingKernels["matchSorted"] = (...args) => kernels.matchSorted(...args);
export const takeMarked: MatchingKernels["takeMarked"] = (...args) => kernels.takeMarked(...args);
export const gather: MatchingKernels["gather"] = (...args) => kernels.gather(...args);
export const okvsPlace: MatchingKernels["okvsPlace"] = (...args) => kernels.okvsPlace(...args);
