import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import type { Rule, TreeNode } from "./tree-shape.ts";

const SHOWN_MAX = 3;

const listed = (values: readonly string[], most: number): string =>
  values.length > most ? `${values.slice(0, most).join(", ")} …` : values.join(", ");

/** Who goes left, in short or with all categories. */
export function useCondition(): (rule: Rule, whole?: boolean) => string {
  const { t } = useTranslation();
  const language = useLanguage();
  return (rule, whole = false) => {
    const most = whole ? Number.POSITIVE_INFINITY : SHOWN_MAX;
    if (rule.kind === "numeric")
      return rule.threshold === null ? t("trees.present") : `< ${formatNumber(rule.threshold, language)}`;
    return rule.otherLeft ? `∉ {${listed(rule.right, most)}}` : `∈ {${listed(rule.left, most)}}`;
  };
}

/** A node's two lines: its title, and what is known of it. */
export function useNodeText(): (node: TreeNode) => { readonly title: string; readonly detail: string } {
  const { t } = useTranslation();
  const language = useLanguage();
  const condition = useCondition();
  return (node) => {
    switch (node.kind) {
      case "own":
        return { title: node.rule.feature, detail: condition(node.rule) };
      case "other":
        return {
          title: node.party ?? t("trees.other"),
          detail: node.name ?? (node.feature === undefined ? "• • •" : t("trees.masked", { number: node.feature })),
        };
      case "leaf":
        return {
          title: formatNumber(node.weight, language),
          detail: node.rows === undefined ? "" : t("trees.rowsHere", { count: node.rows }),
        };
      case "shared":
        return { title: t("trees.sharedWeight"), detail: "" };
      case "unknown":
        return { title: "?", detail: "" };
    }
  };
}
