/** Trees of seeds, hashes and the code behind oblivious transfer extension and VOLE, as protocols use them. */
import { kernels, type VoleKernels } from "@tombolo/kernels";

export type { GgmTrees, PuncturedTrees, SmallVole } from "@tombolo/kernels";

export const correlations: VoleKernels = kernels;
