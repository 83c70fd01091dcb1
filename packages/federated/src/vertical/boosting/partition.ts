/**
 * Which rows are in which node of the tree that grows. Every party keeps the same. One list holds all rows, those of a node side by side and
 * ascending, so that a split moves rows within it: 8 bytes a row, however deep the tree.
 */

interface Span {
  readonly from: number;
  readonly end: number;
}

export class Partition {
  readonly #sampled: Uint8Array;
  readonly #allSampled: boolean;
  readonly #order: Int32Array;
  readonly #spare: Int32Array;
  readonly #nodes = new Map<number, Span>();
  readonly #sampledOf = new Map<number, Int32Array>();

  /** All rows start in the root; `sampled[row]` is 1 for rows whose gradients count in this tree. */
  constructor(sampled: Uint8Array) {
    this.#sampled = sampled;
    this.#allSampled = !sampled.includes(0);
    this.#order = new Int32Array(sampled.length);
    for (let row = 0; row < sampled.length; row++) this.#order[row] = row;
    this.#spare = new Int32Array(sampled.length);
    this.#nodes.set(1, { from: 0, end: sampled.length });
  }

  /** All rows of the node, ascending; until it is split. */
  rows(node: number): Int32Array {
    const { from, end } = this.#nodes.get(node) ?? { from: 0, end: 0 };
    return this.#order.subarray(from, end);
  }

  /** The rows of the node whose gradients count, ascending; until it is split. */
  sampledRows(node: number): Int32Array {
    if (this.#allSampled) return this.rows(node);
    const known = this.#sampledOf.get(node);
    if (known !== undefined) return known;
    const rows = this.rows(node).filter((row) => this.#sampled[row] === 1);
    this.#sampledOf.set(node, rows);
    return rows;
  }

  /** Ids of the nodes without children, ascending. */
  leaves(): number[] {
    return [...this.#nodes.keys()].sort((a, b) => a - b);
  }

  /** Takes back a split and all below it. */
  merge(node: number): void {
    const below = this.leaves().filter((leaf) => isBelow(leaf, node));
    const spans = below.map((leaf) => this.#nodes.get(leaf)!);
    for (const leaf of below) this.#drop(leaf);
    const own = { from: Math.min(...spans.map(({ from }) => from)), end: Math.max(...spans.map(({ end }) => end)) };
    this.#nodes.set(node, own);
    this.rows(node).sort();
  }

  /** `left[i]` is 1 when the i-th row of the node goes left, to node 2n; the others go to 2n + 1. */
  split(node: number, left: Uint8Array): void {
    const { from, end } = this.#nodes.get(node)!;
    const [order, spare] = [this.#order, this.#spare];
    let [kept, moved] = [from, 0];
    for (let at = from; at < end; at++) {
      const row = order[at]!;
      if (left[at - from] === 1) order[kept++] = row;
      else spare[moved++] = row;
    }
    order.set(spare.subarray(0, moved), kept);
    this.#drop(node);
    this.#nodes.set(2 * node, { from, end: kept });
    this.#nodes.set(2 * node + 1, { from: kept, end });
  }

  #drop(node: number): void {
    this.#nodes.delete(node);
    this.#sampledOf.delete(node);
  }
}

const isBelow = (node: number, above: number): boolean => {
  let at = node;
  while (at > above) at >>= 1;
  return at === above && node !== above;
};
