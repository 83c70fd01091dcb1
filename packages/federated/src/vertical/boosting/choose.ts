/** The guest's choice among all splits offered for a node. Equal for equal sums, whatever order they arrive in. */
import { type Bounds, FREE, type Scoring, score, stepOf } from "./objective.ts";

/** Sums of quantised (g, h) of the left sides a party offers for one node. */
export interface Offer {
  readonly singles: Sums;
  /** By single: 1 where the margin may not fall, -1 where it may not rise, from its left side to its right. Own columns only. */
  readonly directions?: Int8Array;
  /** Per group the sums of its members. */
  readonly groups: readonly Sums[];
}

export interface Sums {
  readonly g: Float64Array;
  readonly h: Float64Array;
}

/**
 * The best splits of one party, all of exactly the same gain: the owner takes the first by its own order, which the
 * guest does not know.
 */
export interface Choice {
  readonly site: number;
  readonly gain: number;
  /** Positions in `Offer.singles`. */
  readonly singles: readonly number[];
  /** `left` is one side of the partition, its members ascending: their order by gradient must not reach the owner. */
  readonly groups: readonly { readonly group: number; readonly left: readonly number[] }[];
  /** Whether the child could be heavy enough to split again, whichever of the equals the owner takes. */
  readonly leftOpen: boolean;
  readonly rightOpen: boolean;
}

/** XGBoost's kRtEps: a gain below is noise. */
const GAIN_MIN = 1e-6;

class Best {
  gain = -Infinity;
  singles: number[] = [];
  groups: { group: number; left: number[] }[] = [];
  /** Least and greatest h of the left side among the equals. */
  hLeast = Infinity;
  hMost = -Infinity;

  /** Keeps what ties with the best so far, drops it for something better. */
  admits(gain: number, h: number): boolean {
    if (!(gain >= this.gain)) return false;
    if (gain > this.gain) {
      this.gain = gain;
      this.singles = [];
      this.groups = [];
      this.hLeast = Infinity;
      this.hMost = -Infinity;
    }
    this.hLeast = Math.min(this.hLeast, h);
    this.hMost = Math.max(this.hMost, h);
    return true;
  }

  choice(site: number, hTotal: number, scoring: Scoring): Choice {
    const { gain, singles, groups } = this;
    const [left, right] = [canSplit(this.hMost, scoring), canSplit(hTotal - this.hLeast, scoring)];
    // Which side of a group is the left one is for the owner to say (site.ts), so either flag holds for both.
    const sided = groups.length === 0;
    return { site, gain, singles, groups, leftOpen: left || (!sided && right), rightOpen: right || (!sided && left) };
  }
}

/** Both children of a node need `minChildWeight`. */
export const canSplit = (h: number, scoring: Scoring): boolean => h >= 2 * scoring.minChildWeight * scoring.hScale;

/** The best choice for a node with these sums, or undefined if it is to be a leaf. The first of equal sites wins. */
export function choose(
  total: { g: number; h: number },
  offers: readonly Offer[],
  scoring: Scoring,
  bounds = FREE,
): Choice | undefined {
  let choice: Choice | undefined;
  offers.forEach((offer, site) => {
    const best = new Best();
    chooseSingle({ total, scoring, bounds }, offer, best);
    offer.groups.forEach((sums, group) => {
      chooseSubset({ total, scoring, bounds }, sums, group, best);
    });
    const valid = best.gain > GAIN_MIN && best.gain >= scoring.gamma;
    if (valid && best.gain > (choice?.gain ?? 0)) choice = best.choice(site, total.h, scoring);
  });
  return choice;
}

interface Node {
  readonly total: { readonly g: number; readonly h: number };
  readonly scoring: Scoring;
  readonly bounds: Bounds;
}

/** score(L) + score(R) - score(L + R), or -Infinity where a child weighs too little. */
function gainOf(g: number, h: number, { total, scoring, bounds }: Node, direction = 0): number {
  const hRight = total.h - h;
  if (h <= 0 || hRight <= 0) return -Infinity;
  const least = scoring.minChildWeight * scoring.hScale;
  if (h < least || hRight < least) return -Infinity;
  const gRight = total.g - g;
  if (direction !== 0) {
    const rise = stepOf(gRight, hRight, scoring, bounds) - stepOf(g, h, scoring, bounds);
    if (direction * rise < 0) return -Infinity;
  }
  return (
    score(g, h, scoring, bounds) + score(gRight, hRight, scoring, bounds) - score(total.g, total.h, scoring, bounds)
  );
}

function chooseSingle(node: Node, { singles: sums, directions }: Offer, best: Best): void {
  for (let i = 0; i < sums.g.length; i++) {
    const gain = gainOf(sums.g[i]!, sums.h[i]!, node, directions?.[i]);
    if (gain !== -Infinity && best.admits(gain, sums.h[i]!)) best.singles.push(i);
  }
}

/**
 * Members in order of G / (H + lambda): for a convex loss the best two-way partition is a prefix of this order (Fisher
 * 1958; as in LightGBM). Members of equal ratio move together, so the answer does not depend on the order received.
 */
function chooseSubset(node: Node, sums: Sums, group: number, best: Best): void {
  const { scoring } = node;
  const ratio = Array.from(sums.g, (g, i) => g / scoring.gScale / (sums.h[i]! / scoring.hScale + scoring.lambda || 1));
  const order = [...ratio.keys()].sort((a, b) => ratio[a]! - ratio[b]!);
  let g = 0;
  let h = 0;
  let left: number[] = [];
  let found: number[] | undefined;
  for (let i = 0; i < order.length - 1; i++) {
    const member = order[i]!;
    g += sums.g[member]!;
    h += sums.h[member]!;
    left = [...left, member];
    if (ratio[order[i + 1]!] === ratio[member]) continue;
    const gain = gainOf(g, h, node);
    const better = gain > best.gain || (gain === best.gain && found === undefined);
    if (gain !== -Infinity && better && best.admits(gain, h)) found = left;
  }
  if (found !== undefined) best.groups.push({ group, left: found.toSorted((a, b) => a - b) });
}
