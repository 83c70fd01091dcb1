export { Asker, type AskerPeer, phaseDifference, type Question } from "./asker.ts";
export { type LinearMessages, linearMessages, VECTORS_MAX } from "./messages.ts";
export {
  type Answer,
  type BinnedColumns,
  NO_BIN,
  type OwnerPeer,
  paddedRows,
  SumsOwner,
  sumDifference,
} from "./owner.ts";
export { type LinearPlan, type LinearShape, planSums, ROUGHNESS } from "./plan.ts";
export { type RowVectors, type VectorBatch, VectorSource } from "./vectors.ts";
