export { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
export * from "./describe.ts";
export type { Evaluation, PartEvaluation } from "./evaluate.ts";
export { type GuestCheckpoint, type GuestInput, type GuestResult, trainGuest } from "./guest.ts";
export { type HostInput, type HostPeer, trainHost } from "./host.ts";
export { predictionMessages, trainingMessages } from "./messages.ts";
export {
  checkGuestModel,
  checkHostModel,
  type GuestModel,
  type HostModel,
  type ModelPart,
} from "./model.ts";
export * from "./parameters.ts";
export { type GuestPredictInput, type GuestPredictPeer, predictGuest } from "./predict-guest.ts";
export { type HostPredictInput, predictHost } from "./predict-host.ts";
export type { GuestPeer } from "./remote-site.ts";
export type { Split } from "./split.ts";
export type { Hooks, Progress } from "./train.ts";
export { predictTwin, type TwinInput, trainTwin } from "./twin.ts";
