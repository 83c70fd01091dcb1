/** The families by name: one object each. */
import { type ClassRules, multinomial, oneVsRest } from "./classes.ts";
import type { FamilyRules, ScalarRules } from "./family.ts";
import { linear } from "./linear.ts";
import { gamma, poisson, tweedie } from "./log-link.ts";
import { logistic } from "./logistic.ts";

export type { ClassRules } from "./classes.ts";
export {
  type ClearRows,
  type Curvature,
  type Dispersion,
  EXPONENT_MAX,
  type FamilyRules,
  hasExponents,
  type PreparedRows,
  type ResidualOptions,
  type RowValues,
  type ScalarRules,
} from "./family.ts";

const SCALARS = {
  logistic: () => logistic,
  linear: () => linear,
  poisson: () => poisson,
  gamma: () => gamma,
  tweedie,
} satisfies Record<string, (power: number) => ScalarRules>;
const CLASSES = { multinomial, "one-vs-rest": oneVsRest } satisfies Record<string, (classes: number) => ClassRules>;

export type ScalarFamily = keyof typeof SCALARS;
export type ClassFamily = keyof typeof CLASSES;
export type Family = ScalarFamily | ClassFamily;
export const SCALAR_FAMILIES = Object.keys(SCALARS) as readonly ScalarFamily[];
export const CLASS_FAMILIES = Object.keys(CLASSES) as readonly ClassFamily[];
export const FAMILIES: readonly Family[] = [...SCALAR_FAMILIES, ...CLASS_FAMILIES];

/** `power`: of the variance, of Tweedie alone. */
export const scalarFamilyOf = ({ family, power }: { readonly family: ScalarFamily; readonly power: number }) =>
  SCALARS[family](power) as ScalarRules;

export const classFamilyOf = ({ family, classes }: { readonly family: ClassFamily; readonly classes: number }) =>
  CLASSES[family](classes) as ClassRules;

export const isOfClasses = (family: Family): family is ClassFamily => family in CLASSES;

export interface FamilyChoice {
  readonly family: Family;
  readonly power: number;
  /** Of families of several classes, else null. */
  readonly classes: number | null;
}

export const familyOf = ({ family, power, classes }: FamilyChoice): FamilyRules =>
  isOfClasses(family) ? classFamilyOf({ family, classes: classes ?? 0 }) : scalarFamilyOf({ family, power });
