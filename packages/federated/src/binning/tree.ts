/**
 * A decision tree's leaves (Breiman et al., CART, 1984), the most gain first: the part whose best cut lowers the impurity of all
 * rows most is cut next, until there are as many parts as wanted. As scikit-learn's DecisionTreeClassifier with max_leaf_nodes.
 */
import { holds, type PartMinimum, type Sequence, type Starts } from "./sequence.ts";

export interface TreeOptions {
  readonly criterion: "entropy" | "gini";
  readonly binsMax: number;
  readonly least: PartMinimum;
}

interface Cut {
  readonly at: number;
  readonly gain: number;
}

export function treeCuts(bins: Sequence, options: TreeOptions): Starts {
  const parts = [{ from: 0, to: bins.length, cut: bestCut(bins, 0, bins.length, options) }];
  while (parts.length < options.binsMax) {
    const at = parts.reduce((best, { cut }, i) => (gainOf(cut) > gainOf(parts[best]!.cut) ? i : best), 0);
    const { from, to, cut } = parts[at]!;
    if (cut === null) break;
    parts.splice(
      at,
      1,
      { from, to: cut.at, cut: bestCut(bins, from, cut.at, options) },
      { from: cut.at, to, cut: bestCut(bins, cut.at, to, options) },
    );
  }
  return parts.map(({ from }) => from);
}

const gainOf = (cut: Cut | null): number => cut?.gain ?? 0;

/** Null where no cut gains anything, or leaves too little on a side. */
function bestCut(bins: Sequence, from: number, to: number, { criterion, least }: TreeOptions): Cut | null {
  const impurity = (start: number, stop: number): number =>
    bins.rows(start, stop) * IMPURITY[criterion](bins.rate(start, stop));
  const whole = impurity(from, to);
  let best: Cut | null = null;
  for (let at = from + 1; at < to; at++) {
    if (!holds(bins, from, at, least) || !holds(bins, at, to, least)) continue;
    const gain = whole - impurity(from, at) - impurity(at, to);
    if (gain > gainOf(best) + 1e-12 * whole) best = { at, gain };
  }
  return best;
}

const xLogX = (x: number): number => (x === 0 ? 0 : x * Math.log2(x));
/** Of the share of ones. */
const IMPURITY = {
  entropy: (share: number): number => -xLogX(share) - xLogX(1 - share),
  gini: (share: number): number => 2 * share * (1 - share),
};
