export { decodeSharedCheckpoint, encodeSharedCheckpoint, type SharedCheckpoint } from "./checkpoint.ts";
export type { SharedGuestPeer, SharedHostPeer } from "./ends.ts";
export { sharedMessages, sharedPredictionMessages } from "./messages.ts";
export {
  checkSharedGuestModel,
  checkSharedHostModel,
  isSharedPart,
  type SharedGuestModel,
  type SharedHostModel,
  type SharedModel,
  sharedPartSchema,
} from "./model.ts";
export {
  checkSharedParameters,
  type Refused,
  refusedParameter,
  SHARED_DEPTH_MAX,
  SHARED_ROWS_MAX,
} from "./parameters.ts";
export {
  predictSharedGuest,
  predictSharedHost,
  type SharedGuestPredictInput,
  type SharedGuestPredictPeer,
  type SharedHostPredictInput,
  type SharedHostPredictPeer,
} from "./predict.ts";
export { type SharedGuestInput, type SharedHostInput, trainSharedGuest, trainSharedHost } from "./train.ts";
export { predictSharedTwin, type SharedTwin, type SharedTwinInput, trainSharedTwin } from "./twin.ts";
