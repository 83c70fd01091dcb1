/** Which columns are worth keeping: what each says for itself, which others say already, and which a model takes. */
export { correlated, type Fallen, filled, inflated, type Matrix, OWN_DECIMALS, ownMatrix } from "./alike.ts";
export { type Fit, fitted, scoreOf } from "./fit.ts";
export { type Part, permutationFalls } from "./permutation.ts";
export { type ColumnQuality, columnQuality } from "./quality.ts";
export { STEPWISE_ROWS_MAX, type Step, type Stepwise, type StepwiseOptions, stepwise } from "./stepwise.ts";
