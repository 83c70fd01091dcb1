/** Rules by which a selection lets columns fall: each a parameter that sets it, and those that say more of it. */
import type { Schema, Values } from "../../components/parameter-schema.ts";
import type { en } from "../../i18n/areas/canvas.ts";

export interface Rule {
  /** The parameter; null, or "none", turns it off. */
  readonly name: keyof typeof en.ruleOf;
  /** What it begins with. */
  readonly first: number | string;
  /** What it goes by besides the table. */
  readonly input?: string;
  /** Parameters that only it, or rules like it, look at. */
  readonly more?: readonly string[];
}

const ACROSS = ["across", "minimumRows", "rowsPerColumn", "decimals"] as const;
export const SELECTION_RULES: readonly Rule[] = [
  { name: "missing", first: 0.9 },
  { name: "commonest", first: 0.99 },
  { name: "unique", first: 1 },
  { name: "variance", first: 0 },
  { name: "informationMin", first: 0.02, input: "binning" },
  { name: "informationMax", first: 1, input: "binning" },
  { name: "correlation", first: 0.9, more: ACROSS },
  { name: "inflation", first: 10, more: ACROSS },
  { name: "stability", first: 0.25, input: "reference" },
  { name: "importance", first: 0.01, input: "trees" },
  { name: "pValue", first: 0.05, input: "regression" },
  { name: "permutation", first: 0, input: "scored" },
  { name: "stepwise", first: "both", more: ["objective", "criterion", "enter", "leave"] },
];

const OFF: readonly unknown[] = [undefined, null, "none"];
const defaultOf = (schema: Schema, name: string): unknown => schema.properties?.[name]?.default;
const isOn = (schema: Schema, values: Values, { name }: Rule): boolean =>
  !OFF.includes(name in values ? values[name] : defaultOf(schema, name));

/** In the order in which they stand above. */
export const rulesOn = (schema: Schema, values: Values): Rule[] =>
  SELECTION_RULES.filter((rule) => isOn(schema, values, rule));

export const withRule = (values: Values, { name, first }: Rule): Values => ({ ...values, [name]: first });

/** Without it, and without what no other rule looks at. */
export function withoutRule(schema: Schema, values: Values, rule: Rule): Values {
  const off = OFF.includes(defaultOf(schema, rule.name)) ? {} : { [rule.name]: null };
  const left = rulesOn(schema, values).filter((each) => each !== rule);
  const gone = (rule.more ?? []).filter((name) => left.every(({ more }) => more?.includes(name) !== true));
  const kept = Object.entries(values).filter(([name]) => name !== rule.name && !gone.includes(name));
  return { ...Object.fromEntries(kept), ...off };
}

/** What more there is to say of the rules that are on, each once. */
export const detailsOf = (rules: readonly Rule[]): string[] => [...new Set(rules.flatMap(({ more = [] }) => more))];
