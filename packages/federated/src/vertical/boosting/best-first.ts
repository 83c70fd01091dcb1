/**
 * Best-first growth, level by level: a level costs a round or two with every host, one split at a time would cost them for
 * every leaf. The tree is the same, since a node's best split does not depend on which others are made: of the splits found
 * the best reachable ones are taken. A split that a level shows to be out of reach is out for good, as further splits
 * can only come before it; one that was made and is overtaken later is taken back.
 */

export interface Found {
  readonly node: number;
  readonly gain: number;
}

/** The nodes to split for a tree of at most `maxLeaves`: from the root down the greatest gain first, of equal ones the lowest node. */
export function bestFirst(found: readonly Found[], maxLeaves: number): Set<number> {
  const gains = new Map(found.map(({ node, gain }) => [node, gain]));
  const reachable = new Set(gains.has(1) ? [1] : []);
  const taken = new Set<number>();
  while (taken.size < maxLeaves - 1 && reachable.size > 0) {
    let best = 0;
    for (const node of reachable) if (best === 0 || isBetter(node, best, gains)) best = node;
    reachable.delete(best);
    taken.add(best);
    for (const child of [2 * best, 2 * best + 1]) if (gains.has(child)) reachable.add(child);
  }
  return taken;
}

function isBetter(node: number, than: number, gains: ReadonlyMap<number, number>): boolean {
  const [gain, other] = [gains.get(node)!, gains.get(than)!];
  return gain > other || (gain === other && node < than);
}
