import { z } from "zod";

/** Trees as a party holds them: nodes numbered as in a heap, root 1, the children of n are 2n (left) and 2n + 1. */
const node = z
  .number()
  .int()
  .min(1)
  .max(2 ** 20);
const rule = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("numeric"),
    feature: z.string(),
    /** Left is below it; null: left is any value that is present. */
    threshold: z.number().nullable(),
    missingLeft: z.boolean(),
  }),
  z.object({
    kind: z.literal("text"),
    feature: z.string(),
    left: z.array(z.string()),
    right: z.array(z.string()),
    missingLeft: z.boolean(),
    /** Where categories go that training never saw. */
    otherLeft: z.boolean().default(false),
  }),
]);
export type Rule = z.infer<typeof rule>;

const leaf = z.object({
  node,
  weight: z.number(),
  rows: z.number().optional(),
  cover: z.number().optional(),
});
const guestSplit = z.union([
  z.object({ node, owner: z.literal("guest"), gain: z.number(), split: rule }),
  z.object({ node, owner: z.number().int().min(0), gain: z.number(), feature: z.number().int() }),
]);
const guestTrees = z.object({
  trees: z.array(z.object({ splits: z.array(guestSplit), leaves: z.array(leaf).min(1) })).min(1),
  hosts: z.array(z.string()),
  /** By host, names of its columns by their numbers, where they were agreed. */
  hostColumns: z.array(z.record(z.string(), z.string())).default([]),
  /** Names of the classes, where there are several: tree t is of class t modulo their number. */
  classes: z.array(z.string()).default([]),
});
const hostTrees = z.object({
  trees: z.array(z.object({ splits: z.array(z.object({ node, split: rule })) })).min(1),
});

/** Of level shared, whose trees' leaves nobody knows: the guest knows which nodes are the host's, a host its own alone. */
const sharedTrees = z.object({
  level: z.literal("shared"),
  host: z.string().nullable(),
  trees: z
    .array(z.object({ splits: z.array(z.object({ node, split: rule })), hostNodes: z.array(node).default([]) }))
    .min(1),
});

/** What is known of one node; a host knows its own splits, and that somebody splits above them. */
export type TreeNode = { readonly node: number } & (
  | { readonly kind: "own"; readonly rule: Rule; readonly gain?: number }
  | {
      readonly kind: "other";
      readonly party?: string;
      readonly feature?: number;
      readonly name?: string;
      readonly gain?: number;
    }
  | { readonly kind: "leaf"; readonly weight: number }
  /** A leaf whose weight the parties hold in shares. */
  | { readonly kind: "shared" }
  | { readonly kind: "unknown" }
) & { readonly rows?: number | undefined; readonly cover?: number | undefined };

export interface Trees {
  /** By tree its nodes, ascending; none where this party splits nothing in it. */
  readonly trees: readonly (readonly TreeNode[])[];
  readonly classes: readonly string[];
  /** False at a host, which has no shapes and no weights. */
  readonly whole: boolean;
  readonly level: "standard" | "shared";
}

/** The trees of a model as this party holds them; undefined where it holds none. */
export function parseTrees(value: unknown): Trees | undefined {
  const guest = guestTrees.safeParse(value);
  if (guest.success) {
    const { trees, classes, ...named } = guest.data;
    return { trees: trees.map((tree) => guestNodes(tree, named)), classes, whole: true, level: "standard" };
  }
  const shared = sharedTrees.safeParse(value);
  if (shared.success) {
    const { trees, host } = shared.data;
    const shape = host === null ? hostNodes : (tree: SharedTree) => sharedNodes(tree, host);
    return { trees: trees.map(shape), classes: [], whole: host !== null, level: "shared" };
  }
  const host = hostTrees.safeParse(value);
  if (!host.success) return undefined;
  return { trees: host.data.trees.map(hostNodes), classes: [], whole: false, level: "standard" };
}

type GuestTree = z.infer<typeof guestTrees>["trees"][number];
type Owners = Pick<z.infer<typeof guestTrees>, "hosts" | "hostColumns">;

function guestNodes({ splits, leaves }: GuestTree, { hosts, hostColumns }: Owners): TreeNode[] {
  const [rows, cover] = [sumsBelow(leaves, ({ rows }) => rows), sumsBelow(leaves, ({ cover }) => cover)];
  const inner = splits.map((split): TreeNode => {
    const here = { node: split.node, gain: split.gain, rows: rows.get(split.node), cover: cover.get(split.node) };
    if (split.owner === "guest") return { ...here, kind: "own", rule: split.split };
    const party = hosts[split.owner] ?? `#${split.owner + 1}`;
    const name = hostColumns[split.owner]?.[split.feature];
    return { ...here, kind: "other", party, feature: split.feature, ...(name === undefined ? {} : { name }) };
  });
  const ends = leaves.map((each): TreeNode => ({ ...each, kind: "leaf" }));
  return [...inner, ...ends].sort((a, b) => a.node - b.node);
}

type Leaf = z.infer<typeof leaf>;

/** By node the sum over the leaves below it; empty where leaves do not say. */
function sumsBelow(leaves: readonly Leaf[], of: (leaf: Leaf) => number | undefined): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const each of leaves) {
    const value = of(each);
    if (value === undefined) return new Map();
    for (let at = each.node; at > 0; at >>= 1) sums.set(at, (sums.get(at) ?? 0) + value);
  }
  return sums;
}

function hostNodes({ splits }: z.infer<typeof hostTrees>["trees"][number]): TreeNode[] {
  const known = new Map<number, TreeNode>(
    splits.map((split) => [split.node, { node: split.node, kind: "own", rule: split.split }]),
  );
  for (const { node: own } of splits) {
    for (let at = own >> 1; at > 0; at >>= 1) if (!known.has(at)) known.set(at, { node: at, kind: "other" });
  }
  for (const { node: at } of [...known.values()])
    for (const child of [2 * at, 2 * at + 1]) if (!known.has(child)) known.set(child, { node: child, kind: "unknown" });
  return [...known.values()].sort((a, b) => a.node - b.node);
}

type SharedTree = z.infer<typeof sharedTrees>["trees"][number];

/** What neither party splits is a leaf: a node from which all rows go left leads to nothing else. */
function sharedNodes({ splits, hostNodes: theirs }: SharedTree, party: string): TreeNode[] {
  const own = new Map(splits.map((split) => [split.node, split.split]));
  const nodes: TreeNode[] = [];
  const visit = (at: number): void => {
    const split = own.get(at);
    if (split !== undefined) nodes.push({ node: at, kind: "own", rule: split });
    else nodes.push(theirs.includes(at) ? { node: at, kind: "other", party } : { node: at, kind: "shared" });
    if (nodes.at(-1)!.kind === "shared") return;
    visit(2 * at);
    visit(2 * at + 1);
  };
  visit(1);
  return nodes.sort((a, b) => a.node - b.node);
}

export interface Placed {
  readonly of: TreeNode;
  readonly x: number;
  readonly y: number;
}

/** Ends side by side in order, each split above the middle of its children. Units: columns and rows. */
export function place(tree: readonly TreeNode[]): Placed[] {
  const nodes = new Map(tree.map((each) => [each.node, each]));
  const placed: Placed[] = [];
  let next = 0;
  const visit = (at: number, y: number): number => {
    const of = nodes.get(at);
    if (of === undefined) return next;
    const x = nodes.has(2 * at) ? (visit(2 * at, y + 1) + visit(2 * at + 1, y + 1)) / 2 : next++;
    placed.push({ of, x, y });
    return x;
  };
  visit(1, 0);
  return placed;
}

/** From the root down to the node. */
export const pathTo = (at: number): number[] => (at < 1 ? [] : [...pathTo(at >> 1), at]);

/** Where a key press leads: up to the parent, down to the left child, sideways on the same level. */
export function stepFrom(at: number, key: string, placed: readonly Placed[]): number | undefined {
  const known = new Set(placed.map(({ of }) => of.node));
  const has = (candidate: number): number | undefined => (known.has(candidate) ? candidate : undefined);
  if (key === "ArrowUp") return has(at >> 1);
  if (key === "ArrowDown") return has(2 * at);
  if (key === "Home") return has(1);
  if (key !== "ArrowLeft" && key !== "ArrowRight") return undefined;
  const here = placed.find(({ of }) => of.node === at);
  const level = placed.filter(({ y }) => y === here?.y).sort((a, b) => a.x - b.x);
  return level[level.findIndex(({ of }) => of.node === at) + (key === "ArrowLeft" ? -1 : 1)]?.of.node;
}
