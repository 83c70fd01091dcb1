/**
 * What moved a row's margin, and by how much: Shapley values of a game whose players are the guest's columns, each by
 * itself, and each host with all of its columns as one.
 *
 * Worth of a set S of players (path-dependent, as in TreeSHAP: Lundberg et al., Nature Machine Intelligence 2, 2020,
 * Algorithm 1): walk each tree; at a split of a player in S take the row's branch, at any other take both, weighted by
 * the training rows that went there; add up the leaves. S of nobody is worth the mean margin of the training rows, all of
 * them the row's own margin; so contributions and that mean add up to the margin, whatever the trees.
 *
 * Not more is learnt than scoring tells. A leaf counts with 1 for a host in S if the row satisfies every condition of that
 * host on the leaf's way, else 0: of a host's branches only this is used. Where the host's own splits above send a
 * row elsewhere it blanks what is below (predict-host.ts), and the product is 0 whatever was blanked. To tell a host's
 * columns apart one would need the branches that it blanks.
 *
 * How: worth is a sum over leaves of w * product over players on the leaf's way of (o_j in S, else z_j), with o_j in {0, 1}
 * the row's and z_j the share of training rows. Of such a product game the Shapley values have a closed form,
 *   phi_j = w (o_j - z_j) sum over s of s! (m - 1 - s)! / m! * c_s,   sum of c_s x^s = product over k other than j of (z_k + o_k x)
 * with m players on the way: no unwinding of paths, no division, and equal rows share the result of a leaf.
 */
import { TomboloError } from "@tombolo/base";
import { type FlatGuest, LEAF, OWN } from "./compiled.ts";

/** Of a leaf, by who failed: what each player on its way moved the margin by. Longer ways are worked out each time. */
const KEPT_PLAYERS = 6;

interface Leaf {
  readonly weight: number;
  /** On its way from the root, in the order in which they come: number of the player, share of training rows. */
  readonly players: readonly number[];
  readonly shares: readonly number[];
  /** By bits of those whose conditions the row fails. */
  readonly kept: (Float64Array | undefined)[];
}

/** Which way a row goes at a node that is no leaf. */
export type Goes = (node: number) => boolean;

export class Contributions {
  /** The guest's columns that trees use, in order of name, then the hosts. */
  readonly players: readonly { readonly owner: "guest" | number; readonly name: string }[];
  /** By output: the mean margin of the training rows. */
  readonly means: Float64Array;
  readonly #guest: FlatGuest;
  /** By node that is a leaf. */
  readonly #leaves = new Map<number, Leaf>();
  /** By node that is none: the player's number, and its place among those on the way. */
  readonly #player: Int32Array;
  readonly #place: Int32Array;

  /** Throws `input.model` where the model does not say how many rows came to its leaves. */
  constructor(guest: FlatGuest, hosts: readonly string[]) {
    if (guest.rows.some(Number.isNaN))
      throw new TomboloError("input.model", "the model does not say how many training rows came to its leaves", {
        remedy: "Train it anew: contributions need a model of this version of the software.",
      });
    this.#guest = guest;
    const names = guest.splits.columns.map(({ name }) => name);
    this.players = [
      ...names.map((name) => ({ owner: "guest" as const, name })),
      ...hosts.map((name, owner) => ({ owner, name })),
    ];
    this.#player = guest.owner.map((owner, node) => {
      if (owner === LEAF) return -1;
      return owner === OWN ? guest.splits.column[guest.split[node]!]! : names.length + owner;
    });
    this.#place = new Int32Array(guest.owner.length);
    this.means = new Float64Array(guest.outputs).fill(guest.baseMargin);
    guest.roots.forEach((root, tree) => {
      const sum = this.#walk(root, [], []);
      this.means[tree % guest.outputs]! += guest.owner[root] === LEAF ? guest.weight[root]! : sum / guest.rows[root]!;
    });
  }

  /** Of a subtree the sum of weight times rows. */
  #walk(node: number, players: readonly number[], shares: readonly number[]): number {
    const { owner, left, right, rows, weight } = this.#guest;
    if (owner[node] === LEAF) {
      this.#leaves.set(node, { weight: weight[node]!, players, shares, kept: [] });
      return weight[node]! * rows[node]!;
    }
    const player = this.#player[node]!;
    const known = players.indexOf(player);
    const place = known < 0 ? players.length : known;
    this.#place[node] = place;
    const longer = known < 0 ? [...players, player] : players;
    return [left[node]!, right[node]!].reduce((sum, child) => {
      const share = rows[child]! / rows[node]!;
      const own = known < 0 ? [...shares, share] : shares.map((each, at) => (at === place ? each * share : each));
      return sum + this.#walk(child, longer, own);
    }, 0);
  }

  /** Adds what each player moved this tree's margin by to `out`, from `at` on. */
  add(tree: number, goes: Goes, out: Float64Array, at: number): void {
    this.#descend(this.#guest.roots[tree]!, 0, goes, out, at);
  }

  /** `failed`: a bit for each player on the way whose conditions the row does not meet. */
  #descend(node: number, failed: number, goes: Goes, out: Float64Array, at: number): void {
    const { owner, left, right } = this.#guest;
    if (owner[node] === LEAF) {
      this.#addLeaf(this.#leaves.get(node)!, failed, out, at);
      return;
    }
    const fails = failed | (1 << this.#place[node]!);
    const goesLeft = goes(node);
    this.#descend(left[node]!, goesLeft ? failed : fails, goes, out, at);
    this.#descend(right[node]!, goesLeft ? fails : failed, goes, out, at);
  }

  #addLeaf(leaf: Leaf, failed: number, out: Float64Array, at: number): void {
    const { players, kept } = leaf;
    const moved = kept[failed] ?? shapley(leaf, failed);
    if (players.length <= KEPT_PLAYERS) kept[failed] = moved;
    for (let j = 0; j < players.length; j++) out[at + players[j]!]! += moved[j]!;
  }
}

function shapley({ weight, shares }: Leaf, failed: number): Float64Array {
  const m = shares.length;
  const passes = (j: number): number => 1 - ((failed >> j) & 1);
  return Float64Array.from({ length: m }, (_, j) => {
    const c = [1]; // product over k other than j of (z_k + o_k x)
    for (let k = 0; k < m; k++) {
      if (k === j) continue;
      c.push(0);
      for (let s = c.length - 1; s >= 0; s--) c[s] = c[s]! * shares[k]! + (s > 0 ? c[s - 1]! * passes(k) : 0);
    }
    let sum = 0;
    let factor = 1 / m; // s! (m - 1 - s)! / m!
    for (let s = 0; s < m; s++) {
      sum += factor * c[s]!;
      factor *= (s + 1) / (m - 1 - s);
    }
    return weight * (passes(j) - shares[j]!) * sum;
  });
}
