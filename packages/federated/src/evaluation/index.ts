export * from "./curves.ts";
export * from "./deviance.ts";
export * from "./gains.ts";
export { brier, type Calibration, type CalibrationBin, calibration, logLoss } from "./probability.ts";
export * from "./ranking.ts";
export * from "./regression.ts";
export * from "./reports.ts";
export * from "./stability.ts";
export * from "./threshold.ts";
