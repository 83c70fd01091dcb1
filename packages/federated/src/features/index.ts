/** Features of one party's own columns, learnt once and replayed wherever rows are scored. */
export { rowsWhere } from "./condition.ts";
export { type ColumnDescription, describeColumns, type LabelRow, type NumberFigures } from "./describe.ts";
export { expressionText } from "./expression.ts";
export { moments, quantile, sortedValues } from "./figures.ts";
export { neededSteps } from "./narrow.ts";
export {
  applySteps,
  fitSteps,
  type LearntStep,
  type Prepared,
  parseSteps,
  STEPS_MAX,
  type StepNote,
  type StepSpec,
  stepSpec,
} from "./pipeline.ts";
export type { Rules } from "./step.ts";
