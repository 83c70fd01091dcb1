/**
 * One party's part of a scorecard as PMML 4.4 (Data Mining Group, "Scorecard"): base points as the initial score, a characteristic for
 * each column. Attributes are tried in order and the first that holds counts, so values of their own come before ranges. Reasons
 * are points below the most a column gives. Other parties' points are not in it: their sum is to be added.
 */
import type { CardBin, CardColumn, Condition, Scorecard } from "./card.ts";
import { type Element, element, xmlText } from "./xml.ts";

const NAMESPACE = "http://www.dmg.org/PMML-4_4";
const SCORE = "score";

export const scorecardPmml = (card: Scorecard): string => xmlText(pmmlOf(card));

export function pmmlOf(card: Scorecard): Element {
  const fields = card.columns.map(({ name, kind }) =>
    element("DataField", {
      name,
      ...(kind === "number"
        ? { optype: "continuous", dataType: "double" }
        : { optype: "categorical", dataType: "string" }),
    }),
  );
  return element("PMML", { xmlns: NAMESPACE, version: "4.4" }, [
    element("Header", { description: `Points of ${card.party}` }, [element("Application", { name: "Tombolo" })]),
    element("DataDictionary", { numberOfFields: fields.length }, fields),
    scorecardOf(card),
  ]);
}

function scorecardOf(card: Scorecard): Element {
  const attributes = {
    modelName: `scorecard ${card.party}`,
    functionName: "regression",
    initialScore: card.base ?? 0,
    useReasonCodes: "true",
    reasonCodeAlgorithm: "pointsBelow",
    baselineMethod: "max",
  };
  return element("Scorecard", attributes, [
    element(
      "MiningSchema",
      {},
      card.columns.map(({ name }) =>
        element("MiningField", { name, usageType: "active", invalidValueTreatment: "asIs" }),
      ),
    ),
    element("Output", {}, [
      element("OutputField", { name: SCORE, optype: "continuous", dataType: "double", feature: "predictedValue" }),
      element("OutputField", {
        ...{ name: "reason", optype: "categorical", dataType: "string", feature: "reasonCode", rank: 1 },
      }),
    ]),
    element("Characteristics", {}, card.columns.map(characteristicOf)),
  ]);
}

function characteristicOf({ name, bins }: CardColumn): Element {
  const most = Math.max(...bins.map(({ points }) => points));
  const tried = [isOwnValue, ({ is }: Condition) => is === "range", ({ is }: Condition) => is === "other"];
  const attributes = tried.flatMap((wanted) => bins.flatMap((bin) => attributesOf(name, bin, wanted)));
  // What no bin takes has no points.
  const rest = element("Attribute", { partialScore: 0 }, [element("True")]);
  return element("Characteristic", { name, reasonCode: name, baselineScore: most }, [...attributes, rest]);
}

const isOwnValue = (condition: Condition): boolean => condition.is === "missing" || condition.is === "one-of";

function attributesOf(
  field: string,
  { conditions, points }: CardBin,
  wanted: (condition: Condition) => boolean,
): Element[] {
  return conditions
    .filter(wanted)
    .map((condition) => element("Attribute", { partialScore: points }, [predicateOf(field, condition)]));
}

function predicateOf(field: string, condition: Condition): Element {
  switch (condition.is) {
    case "missing":
      return element("SimplePredicate", { field, operator: "isMissing" });
    case "other":
      return element("SimplePredicate", { field, operator: "isNotMissing" });
    case "one-of":
      return anyOf(condition.values.map((value) => element("SimplePredicate", { field, operator: "equal", value })));
    case "range":
      return rangeOf(field, condition);
  }
}

function rangeOf(field: string, { from, to }: { readonly from: number | null; readonly to: number | null }): Element {
  const bounds = [
    ...(from === null ? [] : [element("SimplePredicate", { field, operator: "greaterOrEqual", value: from })]),
    ...(to === null ? [] : [element("SimplePredicate", { field, operator: "lessThan", value: to })]),
  ];
  if (bounds.length === 0) return element("SimplePredicate", { field, operator: "isNotMissing" });
  return bounds.length === 1 ? bounds[0]! : element("CompoundPredicate", { booleanOperator: "and" }, bounds);
}

const anyOf = (predicates: readonly Element[]): Element =>
  predicates.length === 1 ? predicates[0]! : element("CompoundPredicate", { booleanOperator: "or" }, predicates);
