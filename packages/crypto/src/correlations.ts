/** Trees of seeds, hashes and the code behind oblivious transfer extension and VOLE, as protocols use them. */
import { kernels, type VoleKernels } from "@tombolo/kernels";

export type { GgmTrees, PuncturedTrees, SmallVole } from "@tombolo/kernels";

/** Bytes of a block: a seed, a key, an element of GF(2^128). */
export const BLOCK_BYTES = 16;

export const correlations: VoleKernels = kernels;
