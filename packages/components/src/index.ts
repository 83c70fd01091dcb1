export { SCORE_COLUMN } from "./boosting-predict/index.ts";
export { describeModel, type ImportanceRow, type ModelView } from "./boosting-train/model.ts";
export * from "./component.ts";
export * from "./flows.ts";
export * from "./lookup-flows.ts";
export * from "./matching/plan.ts";
export * from "./psi/plan.ts";
export * from "./registry.ts";
export * from "./service.ts";
