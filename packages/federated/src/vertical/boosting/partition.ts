/** Which rows are in which node of the tree that grows. Every party keeps the same. */

export class Partition {
  private readonly sampled: Uint8Array;
  private readonly nodes = new Map<number, Int32Array>();
  private readonly sampledOf = new Map<number, Int32Array>();

  /** All rows start in the root; `sampled[row]` is 1 for rows whose gradients count in this tree. */
  constructor(sampled: Uint8Array) {
    this.sampled = sampled;
    this.nodes.set(1, Int32Array.from(sampled.keys()));
  }

  /** All rows of the node, ascending. */
  rows(node: number): Int32Array {
    return this.nodes.get(node) ?? new Int32Array(0);
  }

  /** The rows of the node whose gradients count, ascending. */
  sampledRows(node: number): Int32Array {
    const known = this.sampledOf.get(node);
    if (known !== undefined) return known;
    const rows = this.rows(node).filter((row) => this.sampled[row] === 1);
    this.sampledOf.set(node, rows);
    return rows;
  }

  /** Ids of the nodes without children, ascending. */
  leaves(): number[] {
    return [...this.nodes.keys()].sort((a, b) => a - b);
  }

  /** Takes back a split and all below it. */
  merge(node: number): void {
    const below = this.leaves().filter((leaf) => isBelow(leaf, node));
    const rows = below.flatMap((leaf) => [...this.rows(leaf)]);
    for (const leaf of below) {
      this.nodes.delete(leaf);
      this.sampledOf.delete(leaf);
    }
    this.nodes.set(node, Int32Array.from(rows).sort());
  }

  /** `left[i]` is 1 when the i-th row of the node goes left, to node 2n; the others go to 2n + 1. */
  split(node: number, left: Uint8Array): void {
    const rows = this.rows(node);
    const goesLeft = (_: number, i: number): boolean => left[i] === 1;
    this.nodes.set(2 * node, rows.filter(goesLeft));
    this.nodes.set(
      2 * node + 1,
      rows.filter((row, i) => !goesLeft(row, i)),
    );
    this.nodes.delete(node);
    this.sampledOf.delete(node);
  }
}

const isBelow = (node: number, above: number): boolean => {
  let at = node;
  while (at > above) at >>= 1;
  return at === above && node !== above;
};
