/** A trained model with its calibration. */
import { type CalibrationReport, calibrationReport, fitCalibrator } from "./calibrate.ts";
import type { GuestModel } from "./model.ts";
import type { BoostingParameters } from "./parameters.ts";
import type { RowParts } from "./sample.ts";
import { type Boosted, marginsOf } from "./train.ts";

export interface CalibratedModel {
  readonly model: GuestModel;
  /** Where the parameters ask for one; on the rows kept out. */
  readonly calibration: CalibrationReport | null;
}

/** The model with what was fitted on the rows kept out. */
export function calibratedModel(
  model: GuestModel,
  boosted: Boosted,
  labels: Float64Array,
  { validation }: RowParts,
  { calibration: method }: BoostingParameters,
): CalibratedModel {
  if (method === "none") return { model, calibration: null };
  const margins = marginsOf(boosted, validation);
  const actual = Float64Array.from(validation, (row) => labels[row]!);
  const calibration = fitCalibrator(method, margins, actual);
  return { model: { ...model, calibration }, calibration: calibrationReport(method, margins, actual) };
}
