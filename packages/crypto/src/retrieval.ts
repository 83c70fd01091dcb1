/** Products of lattice-based retrieval, for protocols that do not call kernels themselves. */
import { kernels, type RetrievalKernels } from "@tombolo/kernels";

export { PIR_STEP } from "@tombolo/kernels";

export const retrieval: RetrievalKernels = kernels;
