export type { ColumnSource } from "./binning.ts";
export {
  type CalibrationReport,
  type Calibrator,
  calibrated,
  calibrationReport,
  fitCalibrator,
  scoreOf,
} from "./calibrate.ts";
export { leafBytes, leavesOfBytes } from "./checkpoint.ts";
export { outputsOf } from "./classes.ts";
export {
  type FlatGuest,
  type FlatHost,
  flatGuest,
  flatHost,
  LEAF,
  leafOf,
  marginOf,
  OWN,
  type RowBits,
} from "./compiled.ts";
export { checkContinued } from "./continued.ts";
export { Contributions } from "./contributions.ts";
export { CUSTOM_FIGURES, type CustomMetric, customFigure, customMetricFault, TERMS_MAX } from "./custom-metric.ts";
export * from "./describe.ts";
export type { Directions } from "./directions.ts";
export type { Evaluation, PartEvaluation } from "./evaluate.ts";
export { type GuestInput, type GuestResult, trainGuest } from "./guest.ts";
export { type HostInput, type HostPeer, trainHost } from "./host.ts";
export {
  continuedMessages,
  predictionMessages,
  scoringMessages,
  servingMessages,
  tabulatingMessages,
  trainingMessages,
} from "./messages.ts";
export {
  checkGuestModel,
  checkHostModel,
  type GuestCheckpoint,
  type GuestModel,
  guestDigests,
  type HostModel,
  hostDigests,
  type ModelPart,
  partSchema,
} from "./model.ts";
export * from "./parameters.ts";
export { type GuestPredictInput, type GuestPredictPeer, leavesGuest, predictGuest } from "./predict-guest.ts";
export { type HostPredictInput, type HostPredictPeer, predictHost } from "./predict-host.ts";
export { type GuestSumInput, predictSumGuest } from "./predict-sum-guest.ts";
export { type HostSumInput, predictSumHost } from "./predict-sum-host.ts";
export type { GuestPeer } from "./remote-site.ts";
export { type RowSource, rowsOf } from "./row-source.ts";
export { answerForm, hostForm, placeRow, rowBits, servedMargins } from "./serving.ts";
export type { Split } from "./split.ts";
export { binnedColumns } from "./split-bins.ts";
export { type RecordShape, scoreRecordBytes, scoreRecords, tabulatedAnswer } from "./tabulated.ts";
export { linearForm, roundedWeights, TOTAL_BITS } from "./totals.ts";
export type { Hooks, Progress } from "./train.ts";
export { predictTwin, type TwinInput, trainTwin } from "./twin.ts";
