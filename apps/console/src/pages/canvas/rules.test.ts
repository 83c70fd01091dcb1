import { describeComponent, findComponent } from "@tombolo/components";
import { expect, test } from "vitest";
import type { Schema } from "../../components/parameter-schema.ts";
import { en } from "../../i18n/areas/canvas.ts";
import { detailsOf, rulesOn, SELECTION_RULES, withoutRule, withRule } from "./rules.ts";

const select = describeComponent(findComponent("select")!);
const schema = select.parameters as Schema;
const ruleNamed = (name: string) => SELECTION_RULES.find((rule) => rule.name === name)!;

test("every parameter of a selection belongs to a rule, and rules go by inputs that it has", () => {
  const named = SELECTION_RULES.flatMap(({ name, more = [] }) => [name, ...more]);
  expect(new Set(named)).toEqual(new Set(Object.keys(schema.properties ?? {})));
  for (const { input } of SELECTION_RULES) if (input !== undefined) expect(Object.keys(select.inputs)).toContain(input);
  expect(Object.keys(en.ruleOf)).toEqual(SELECTION_RULES.map(({ name }) => name));
});

test("what rules begin with is taken", () => {
  const all = SELECTION_RULES.reduce<Readonly<Record<string, unknown>>>(withRule, {});
  expect(findComponent("select")!.parameters.safeParse(all).success).toBe(true);
  expect(rulesOn(schema, all)).toEqual(SELECTION_RULES);
});

test("rules that are on by default are turned off in the flow, others left out of it with what they alone look at", () => {
  expect(rulesOn(schema, {}).map(({ name }) => name)).toEqual(["missing", "commonest"]);
  expect(withoutRule(schema, {}, ruleNamed("missing"))).toEqual({ missing: null });
  const both = { correlation: 0.9, inflation: 10, across: true };
  expect(withoutRule(schema, both, ruleNamed("inflation"))).toEqual({ correlation: 0.9, across: true });
  expect(withoutRule(schema, { inflation: 10, across: true }, ruleNamed("inflation"))).toEqual({});
  expect(detailsOf(rulesOn(schema, both))).toEqual(["across", "minimumRows", "rowsPerColumn", "decimals"]);
});
