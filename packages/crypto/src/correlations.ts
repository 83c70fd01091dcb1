/** Trees of seeds, hashes and the code behind oblivious transfer extension and VOLE, as protocols use them. */
import { kernels, type TransferKernels, type VoleKernels } from "@tombolo/kernels";

export type { DigitCut, GgmTrees, KeyForm, PuncturedTrees, SmallVole } from "@tombolo/kernels";

export const correlations: VoleKernels & TransferKernels = kernels;
