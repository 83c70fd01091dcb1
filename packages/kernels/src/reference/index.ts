/** The definition of every kernel. */
import type { Kernels } from "../kernels.ts";
import { prgExpand, sha256Batch, sha256Prefixed } from "./hashing.ts";
import { groupRecords, normaliseIds, sortRecords } from "./ids.ts";
import { matchIndices } from "./matching.ts";
import { modulus, primeSquareLog } from "./modular.ts";
import * as ristretto from "./ristretto.ts";

export const referenceKernels: Kernels = {
  ...ristretto,
  sha256Batch,
  sha256Prefixed,
  prgExpand,
  matchIndices,
  normaliseIds,
  groupRecords,
  sortRecords,
  modulus,
  primeSquareLog,
};
