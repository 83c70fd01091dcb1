export { ReleaseBudget } from "./budget.ts";
export { KeyOwner, type ProductMessages } from "./key-owner.ts";
export { MatrixOwner, type MatrixOwnerOptions } from "./matrix-owner.ts";
export { productMessages } from "./messages.ts";
export { answerBytes, type ProductPlan, type ProductShape, planProduct } from "./plan.ts";
