import { z } from "zod";

/** A tree as the label holder has it: nodes numbered as in a heap, root 1; hosts' splits without column or threshold. */
const numeric = z.object({
  kind: z.literal("numeric"),
  feature: z.string(),
  threshold: z.number().nullable(),
  missingLeft: z.boolean(),
});
const textual = z.object({
  kind: z.literal("text"),
  feature: z.string(),
  left: z.array(z.string()),
  right: z.array(z.string()),
  missingLeft: z.boolean(),
});
const own = z.object({ node: z.number(), gain: z.number(), split: z.discriminatedUnion("kind", [numeric, textual]) });
const masked = z.object({ node: z.number(), owner: z.union([z.number(), z.string()]), gain: z.number() });
const tree = z.object({
  splits: z.array(z.union([own, masked])),
  leaves: z.array(z.object({ node: z.number(), weight: z.number() })),
});
const trees = z.union([
  z.object({ trees: z.array(tree), hosts: z.array(z.string()).default([]) }),
  z.array(tree).transform((list) => ({ trees: list, hosts: [] as string[] })),
]);

export type Tree = z.infer<typeof tree>;
export type TreeSplit = Tree["splits"][number];

/** The trees of a model, when this party holds their shapes. */
export function parseTrees(value: unknown): { trees: Tree[]; hosts: string[] } | undefined {
  const parsed = trees.safeParse(value);
  return parsed.success && parsed.data.trees.length > 0 ? parsed.data : undefined;
}

export interface Placed {
  readonly node: number;
  readonly x: number;
  readonly y: number;
  readonly split: TreeSplit | undefined;
  readonly weight: number | undefined;
}

/** Leaves side by side in order, each split above the middle of its children. Units: columns and rows. */
export function place(tree: Tree): Placed[] {
  const splits = new Map(tree.splits.map((split) => [split.node, split]));
  const weights = new Map(tree.leaves.map((leaf) => [leaf.node, leaf.weight]));
  const placed: Placed[] = [];
  let next = 0;
  const visit = (node: number, y: number): number => {
    const split = splits.get(node);
    const x = split === undefined ? next++ : (visit(2 * node, y + 1) + visit(2 * node + 1, y + 1)) / 2;
    placed.push({ node, x, y, split, weight: weights.get(node) });
    return x;
  };
  visit(1, 0);
  return placed;
}
