export { type AheadMessages, KeyOwnerAhead, MatrixOwnerAhead } from "./ahead.ts";
export { ReleaseBudget } from "./budget.ts";
export { type ClearMatrix, clearMatrix, type Way } from "./clear-product.ts";
export type { TransformStore } from "./kept-transforms.ts";
export { KeyOwner, KeyOwnerProduct, type ProductMessages } from "./key-owner.ts";
export type { MatrixColumns, MatrixEntries } from "./layout.ts";
export { MatrixOwner, type MatrixOwnerOptions, MatrixOwnerProduct } from "./matrix-owner.ts";
export { aheadMessages, productMessages } from "./messages.ts";
export { answerBytes, type ProductPlan, type ProductShape, planProduct, type Side } from "./plan.ts";
