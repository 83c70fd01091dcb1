export * from "./arbiter/index.ts";
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
export { decideGuest, decideHost, shareForClass } from "./classes/decide.ts";
export {
  type ClassTerm,
  checkGuestClassModel,
  checkHostClassModel,
  classPartSchema,
  type GuestClassModel,
  type HostClassModel,
} from "./classes/model.ts";
export { guestClassModel, hostClassModel } from "./classes/parts-of-model.ts";
export {
  type GuestClassInput,
  type HostClassInput,
  predictClassesGuest,
  predictClassesHost,
} from "./classes/predict.ts";
export { predictClassSumsGuest, predictClassSumsHost } from "./classes/predict-sum.ts";
export { classAnswerForm, classHostForm, classTotalsIn, flatClasses } from "./classes/serving.ts";
export { type Design, type OwnCoefficients, type Term, termValues } from "./design.ts";
export type { ComputingPeer, GuestPeer, HostPeer, OwnerPeer } from "./ends.ts";
export { type Players, playersOf } from "./explain.ts";
export {
  CLASS_FAMILIES,
  type ClassFamily,
  classFamilyOf,
  FAMILIES,
  familyOf,
  isOfClasses,
  SCALAR_FAMILIES,
  type ScalarFamily,
  scalarFamilyOf,
} from "./families/index.ts";
export { contributions, sumOf } from "./flat.ts";
export { pValue, quantile } from "./inference/distributions.ts";
export type { StandardErrors } from "./inference/standard-errors.ts";
export { predictionMessages, trainingMessages } from "./messages.ts";
export {
  checkGuestModel,
  checkHostModel,
  columnsOf,
  type GuestModel,
  type HostModel,
  type ModelTerm,
  partSchema,
} from "./model.ts";
export { type OwnerInput, type OwnerTrained, trainOwner } from "./owner.ts";
export * from "./parameters.ts";
export { guestModel, hostModel } from "./parts-of-model.ts";
export {
  type GuestPredictInput,
  type HostPredictInput,
  type HostPredictPeer,
  predictedMean,
  predictGuest,
  predictHost,
} from "./predict.ts";
export { BOUNDS_MAX, bandsGuest, bandsHost, shareForBands } from "./predict-bands.ts";
export type { SharingEnds } from "./predict-shared.ts";
export { type EarlierHost, type HostPair, predictSumGuest, predictSumHost } from "./predict-sum.ts";
export type { Iteration } from "./quasi-newton.ts";
export type { ResidualHistogram } from "./residual-histogram.ts";
export type { GuestRows } from "./rows.ts";
export { answerForm, hostForm, servedGuest, servingDigest, servingMessages, totalIn } from "./serving.ts";
export {
  type AskedHost,
  openSeal,
  type SealedTotals,
  SummedHosts,
  sealedAnswerForm,
  sealedForm,
} from "./serving-sums.ts";
export type { BinWeights, HostBins } from "./shared-bins/bins.ts";
export {
  binsPartSchema,
  checkGuestBinsModel,
  checkHostBinsModel,
  type GuestBinsModel,
  guestBinsPart,
  type HostBinsModel,
  hostBinsPart,
  type LookupTerm,
  plainPart,
} from "./shared-bins/model.ts";
export { bandsBinsGuest, bandsBinsHost, predictBinsGuest, predictBinsHost } from "./shared-bins/predict.ts";
export { hostBinsForm, openTotals, TotalsOfBins } from "./shared-bins/serving.ts";
export type { HostInput, TrainedPart } from "./sides.ts";
export { type GuestInput, type Trained, trainGuest, trainHost } from "./train.ts";
export { type AloneInput, trainAlone } from "./train-alone.ts";
export { type Twin, type TwinInput, trainTwin } from "./twin.ts";
export type { EarlierModel } from "./warm-start.ts";
