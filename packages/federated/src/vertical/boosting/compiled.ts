/**
 * Model parts as flat typed arrays: what prediction and serving run on. A row is a run of numbers, one for each column
 * that the part uses: the value of a number, the code of a text, NaN for a missing one; no object a row, no call a split.
 * Bit for bit what the splits say (`columnEvaluator`).
 */
import { type UsedColumn, wrongColumn } from "../serving/form.ts";
import { type GuestModel, type HostModel, hostNodes } from "./model.ts";
import type { Split } from "./split.ts";

/** Splits of one party. */
export interface FlatSplits {
  readonly columns: readonly UsedColumn[];
  readonly count: number;
  /** By split: the place of its column in a row. */
  readonly column: Int32Array;
  readonly threshold: Float64Array;
  readonly missingLeft: Uint8Array;
  /** By split of a text: where its run of `left` begins, indexed by code; -1 for a number. */
  readonly table: Int32Array;
  readonly left: Uint8Array;
}

/** A host's part. Splits stand in order of tree and node, as the guest knows them. */
export interface FlatHost {
  readonly splits: FlatSplits;
  /** By split: the nearest own split above it, or -1. */
  readonly above: Int32Array;
  /** 1: it lies on the left of that one. */
  readonly side: Uint8Array;
  /** By split: the number of its tree. */
  readonly tree: Int32Array;
}

/** The guest's part: nodes of all trees one after another. */
export interface FlatGuest {
  readonly splits: FlatSplits;
  readonly objective: GuestModel["objective"];
  readonly calibration: GuestModel["calibration"];
  readonly baseMargin: number;
  /** Margins a row has: one, or one a class; tree t moves number t modulo this many. */
  readonly outputs: number;
  /** By tree: its root's place among the nodes. */
  readonly roots: Int32Array;
  /** By node: LEAF, OWN, or the number of the host whose split it is. */
  readonly owner: Int32Array;
  /** By node: the place of its split among the owner's. */
  readonly split: Int32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** By node: training rows that came here; NaN where the model does not say. */
  readonly rows: Float64Array;
  /** By node: of a leaf its weight; of others the mean of their two children's. */
  readonly weight: Float64Array;
  /** By node: its number in its tree. */
  readonly id: Int32Array;
  /** By node of a host: the anonymous number of the column. */
  readonly feature: Int32Array;
  /** By host: how many splits it has, and by split the number of its tree. */
  readonly hostSplits: readonly number[];
  readonly hostTrees: readonly Int32Array[];
}

export const LEAF = -2;
export const OWN = -1;

export function flatHost(model: HostModel): FlatHost {
  const ordered = model.trees.map(({ splits }) => [...splits].sort((a, b) => a.node - b.node));
  const count = ordered.reduce((sum, splits) => sum + splits.length, 0);
  const above = new Int32Array(count).fill(-1);
  const side = new Uint8Array(count);
  const tree = Int32Array.from(ordered.flatMap((splits, t) => splits.map(() => t)));
  let first = 0;
  for (const splits of ordered) {
    const places = new Map(splits.map(({ node }, i) => [node, first + i]));
    for (const { node } of splits) {
      const place = places.get(node)!;
      for (let child = node; child > 1 && above[place] === -1; child >>= 1) {
        above[place] = places.get(child >> 1) ?? -1;
        side[place] = (child & 1) === 0 ? 1 : 0;
      }
    }
    first += splits.length;
  }
  return { splits: flatSplits(ordered.flatMap((splits) => splits.map(({ split }) => split))), above, side, tree };
}

/** `model` went through `checkGuestModel`: its trees are whole. */
export function flatGuest(model: GuestModel): FlatGuest {
  const total = model.trees.reduce((sum, { splits, leaves }) => sum + splits.length + leaves.length, 0);
  const ints = (): Int32Array => new Int32Array(total);
  const nodes = { owner: ints(), split: ints(), left: ints(), right: ints(), id: ints(), feature: ints() };
  const weight = new Float64Array(total);
  const rows = new Float64Array(total);
  const own: Split[] = [];
  const taken = model.hosts.map(() => 0);
  const trees = model.hosts.map((): number[] => []);
  const roots = new Int32Array(model.trees.length);
  let next = 0;
  model.trees.forEach((tree, t) => {
    const bits = model.hosts.map((_, host) => {
      const ids = hostNodes(tree, host).sort((a, b) => a - b);
      const first = taken[host]!;
      taken[host]! += ids.length;
      for (const _ of ids) trees[host]!.push(t);
      return new Map(ids.map((id, i) => [id, first + i]));
    });
    const splits = new Map(tree.splits.map((split) => [split.node, split]));
    const leaves = new Map(tree.leaves.map((leaf) => [leaf.node, leaf]));
    const place = (id: number): number => {
      const at = next++;
      nodes.id[at] = id;
      const split = splits.get(id);
      if (split === undefined) {
        nodes.owner[at] = LEAF;
        weight[at] = leaves.get(id)!.weight;
        rows[at] = leaves.get(id)!.rows ?? Number.NaN;
        return at;
      }
      nodes.owner[at] = split.owner === "guest" ? OWN : split.owner;
      nodes.split[at] = split.owner === "guest" ? own.push(split.split) - 1 : bits[split.owner]!.get(id)!;
      if (split.owner !== "guest") nodes.feature[at] = split.feature;
      nodes.left[at] = place(2 * id);
      nodes.right[at] = place(2 * id + 1);
      rows[at] = rows[nodes.left[at]!]! + rows[nodes.right[at]!]!;
      weight[at] = (weight[nodes.left[at]!]! + weight[nodes.right[at]!]!) / 2;
      return at;
    };
    roots[t] = place(1);
  });
  const { objective, baseMargin, calibration } = model;
  const outputs = model.classes ?? 1;
  return {
    splits: flatSplits(own),
    objective,
    calibration,
    baseMargin,
    outputs,
    roots,
    ...nodes,
    rows,
    weight,
    hostSplits: taken,
    hostTrees: trees.map((own) => Int32Array.from(own)),
  };
}

function flatSplits(splits: readonly Split[]): FlatSplits {
  const columns = usedColumns(splits);
  const places = new Map(columns.map(({ name }, i) => [name, i]));
  const count = splits.length;
  const column = new Int32Array(count);
  const threshold = new Float64Array(count);
  const missingLeft = new Uint8Array(count);
  const table = new Int32Array(count).fill(-1);
  const left: number[] = [];
  splits.forEach((split, s) => {
    column[s] = places.get(split.feature)!;
    missingLeft[s] = split.missingLeft ? 1 : 0;
    if (split.kind === "numeric") threshold[s] = split.threshold ?? Infinity;
    else {
      table[s] = left.length;
      const named = new Set(split.otherLeft ? split.right : split.left);
      for (const name of columns[column[s]!]!.codes.keys()) left.push(named.has(name) === split.otherLeft ? 0 : 1);
      left.push(split.otherLeft ? 1 : 0);
    }
  });
  return { columns, count, column, threshold, missingLeft, table, left: Uint8Array.from(left) };
}

function usedColumns(splits: readonly Split[]): UsedColumn[] {
  const byName = new Map<string, UsedColumn & { readonly codes: Map<string, number> }>();
  for (const split of splits) {
    const kind = split.kind === "numeric" ? "number" : "text";
    const known = byName.get(split.feature) ?? {
      ...{ name: split.feature, kind, required: false },
      codes: new Map<string, number>(),
    };
    byName.set(split.feature, known);
    if (known.kind !== kind) throw wrongColumn(split.feature, known.kind);
    if (split.kind === "text")
      for (const name of split.otherLeft ? split.right : split.left)
        if (!known.codes.has(name)) known.codes.set(name, known.codes.size);
  }
  return [...byName.values()];
}

/** Whether a row's value goes left at split `s`. */
export function goesLeft(splits: FlatSplits, s: number, value: number): boolean {
  if (Number.isNaN(value)) return splits.missingLeft[s] === 1;
  const table = splits.table[s]!;
  return table < 0 ? value < splits.threshold[s]! : splits.left[table + value] === 1;
}

/**
 * A host's bits of one row, from `values[at]` on: 1 where it goes left, and 0 at splits that this host's own splits above
 * already send it away from. Bit s is bit s % 8 of byte s / 8 of `out` from `outAt` on, which is all zero before.
 */
export function hostBits(
  { splits, above, side }: FlatHost,
  values: Float64Array,
  at: number,
  out: Uint8Array,
  outAt: number,
  reached: Uint8Array,
): void {
  for (let s = 0; s < splits.count; s++) {
    const parent = above[s]!;
    // 0: not reached; 1: reached, goes right; 2: reached, goes left.
    if (parent >= 0 && reached[parent] !== 1 + side[s]!) {
      reached[s] = 0;
      continue;
    }
    const left = goesLeft(splits, s, values[at + splits.column[s]!]!);
    reached[s] = left ? 2 : 1;
    if (left) out[outAt + (s >> 3)]! |= 1 << (s & 7);
  }
}

/** Where row-wise bits of the hosts lie: those of host h of a row begin at `offsets[h]` of `bits[h]`. */
export interface RowBits {
  readonly bits: readonly Uint8Array[];
  readonly offsets: Int32Array;
}

/** The leaf that a row comes to in the tree with this root: its place among the nodes. */
export function leafOf(guest: FlatGuest, root: number, values: Float64Array, at: number, row: RowBits): number {
  const { owner, split, left, right, splits } = guest;
  let node = root;
  for (;;) {
    const who = owner[node]!;
    if (who === LEAF) return node;
    const s = split[node]!;
    const goes =
      who === OWN
        ? goesLeft(splits, s, values[at + splits.column[s]!]!)
        : ((row.bits[who]![row.offsets[who]! + (s >> 3)]! >> (s & 7)) & 1) === 1;
    node = goes ? left[node]! : right[node]!;
  }
}

/** The margin of a row, of a model that has one. */
export function marginOf(guest: FlatGuest, values: Float64Array, at: number, row: RowBits): number {
  let margin = guest.baseMargin;
  for (let t = 0; t < guest.roots.length; t++) margin += guest.weight[leafOf(guest, guest.roots[t]!, values, at, row)]!;
  return margin;
}
