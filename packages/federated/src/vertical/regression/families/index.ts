/** The families by name: one object each. */
import type { FamilyRules } from "./family.ts";
import { linear } from "./linear.ts";
import { gamma, poisson, tweedie } from "./log-link.ts";
import { logistic } from "./logistic.ts";

export {
  type ClearRows,
  type Curvature,
  EXPONENT_MAX,
  type FamilyRules,
  hasExponents,
  type PreparedRows,
  type ResidualOptions,
  type RowValues,
} from "./family.ts";

const BY_NAME = {
  logistic: () => logistic,
  linear: () => linear,
  poisson: () => poisson,
  gamma: () => gamma,
  tweedie,
} satisfies Record<string, (power: number) => FamilyRules>;

export type Family = keyof typeof BY_NAME;
export const FAMILIES = Object.keys(BY_NAME) as readonly Family[];

/** `power`: of the variance, of Tweedie alone. */
export const familyOf = ({ family, power }: { readonly family: Family; readonly power: number }): FamilyRules =>
  BY_NAME[family](power);
