/** The columns that a select task kept, of other rows. */
import { applying } from "../pipeline/applying.ts";
import { storedTransform } from "../pipeline/stored.ts";
import { withFeatures } from "../pipeline/with-features.ts";
import { HOLDS, picked, selectionPart } from "../select/part.ts";

export const selectApply = applying({
  name: "select-apply",
  version: "1.0.0",
  title: { en: "Apply selection", zh: "应用筛选" },
  summary: {
    en: "Takes of other rows the columns that a select task kept.",
    zh: "对其他行保留筛选任务选出的列。",
  },
  holds: HOLDS,
  why: {
    en: "that a selected column is not in its party's table",
    zh: "某方的表缺少筛选出的列",
  },
  // It looks at names alone: rows as they were read may take the same columns.
  inOrder: false,
  stored: (value) => storedTransform(value, HOLDS),
  apply(data, { part }, { party }) {
    const { columns } = selectionPart.parse(part);
    const { done } = withFeatures(data, (features) => ({ table: picked(features, columns) }));
    const judged = columns.map((name) => ({ name, figures: {}, fell: null, spared: [] }));
    return {
      done,
      report: {
        kind: "selection",
        title: { en: "Selection", zh: "特征筛选" },
        data: {
          ...{ party, rows: data.rowCount, kept: columns.length, columns: judged },
          ...{ partners: [], alike: [], steps: null },
        },
      },
    };
  },
});
