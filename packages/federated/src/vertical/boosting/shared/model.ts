/**
 * What training at level `shared` leaves: each party's own splits, which nodes of each complete tree are the host's, and a share of every leaf's weight: uniform
 * numbers without the other's.
 */
import { fromHex, TomboloError, toHex } from "@tombolo/base";
import * as z from "zod";
import { sharedDigests, splitSchema } from "../model.ts";
import { FEATURES_MAX, TREES_MAX } from "../parameters.ts";
import { SHARED_DEPTH_MAX, SHARED_OBJECTIVES } from "./parameters.ts";

const NODES_MAX = 2 ** SHARED_DEPTH_MAX;
const name = z.string().max(4096);
const node = z
  .int()
  .min(1)
  .max(NODES_MAX - 1);
const ownSplits = z
  .array(z.strictObject({ node, split: splitSchema }).readonly())
  .max(NODES_MAX)
  .readonly();
/** Shares from left to right, 16 digits each. */
const leaves = z.string().regex(/^([0-9a-f]{16})+$/);
const depth = z.int().min(1).max(SHARED_DEPTH_MAX);
const modelId = z.string().regex(/^[0-9a-f]{32}$/);
const features = z.array(name).max(FEATURES_MAX).readonly();

const guestTree = z.strictObject({ splits: ownSplits, hostNodes: z.array(node).max(NODES_MAX).readonly(), leaves });
const hostTree = z.strictObject({ splits: ownSplits, leaves });

const guestModel = z
  .strictObject({
    kind: z.literal("boosting/shared-guest"),
    version: z.literal(1),
    modelId,
    objective: z.enum(SHARED_OBJECTIVES),
    depth,
    baseMargin: z.number(),
    /** What totals of leaves are multiplied by. */
    scale: z.number().positive(),
    features,
    hosts: z.array(name).length(1).readonly(),
    /** Nodes that are neither among the own splits nor the host's send all rows left. */
    trees: z.array(guestTree.readonly()).max(TREES_MAX).readonly(),
  })
  .readonly();

const hostModel = z
  .strictObject({
    kind: z.literal("boosting/shared-host"),
    version: z.literal(1),
    modelId,
    depth,
    features,
    trees: z.array(hostTree.readonly()).max(TREES_MAX).readonly(),
  })
  .readonly();

/** Either part, for its JSON Schema. */
export const sharedPartSchema = z.discriminatedUnion("kind", [guestModel, hostModel]);

export type SharedGuestModel = z.infer<typeof guestModel>;
export type SharedHostModel = z.infer<typeof hostModel>;
export type SharedModel = SharedGuestModel | SharedHostModel;
export type SharedGuestTree = z.infer<typeof guestTree>;
export type SharedHostTree = z.infer<typeof hostTree>;

export const encodeLeaves = (shares: BigUint64Array): string => toHex(new Uint8Array(shares.slice().buffer));
export const decodeLeaves = (text: string): BigUint64Array => new BigUint64Array(fromHex(text).slice().buffer);

/** A model part from a file or store. Throws `input.model`. */
export const checkSharedGuestModel = (value: unknown): SharedGuestModel => checked(guestModel, value);
/** A model part from a file or store. Throws `input.model`. */
export const checkSharedHostModel = (value: unknown): SharedHostModel => checked(hostModel, value);

export const isSharedPart = (value: unknown): boolean =>
  ((value as { kind?: unknown } | null)?.kind ?? "").toString().startsWith("boosting/shared-");

function checked<M extends SharedModel>(schema: z.ZodType<M>, value: unknown): M {
  const result = schema.safeParse(value);
  const fault = result.success ? faultOf(result.data) : z.prettifyError(result.error).slice(0, 2000);
  if (result.success && fault === null) return result.data;
  throw new TomboloError("input.model", "this is not a valid boosting model part of level shared", {
    remedy: "Use the part that training left at this party, unchanged.",
    detail: { fault },
  });
}

/** Nodes of a tree that the host owns, as either part knows them. */
const hostNodesOf = (tree: SharedGuestTree | SharedHostTree): readonly number[] =>
  "hostNodes" in tree ? tree.hostNodes : tree.splits.map((split) => split.node);

function faultOf({ trees, depth }: SharedModel): string | null {
  const bad = trees.findIndex((tree: SharedGuestTree | SharedHostTree) => {
    const own = tree.splits.map((split) => split.node);
    const nodes = "hostNodes" in tree ? [...own, ...tree.hostNodes] : own;
    const twice = new Set(nodes).size !== nodes.length;
    return twice || nodes.some((each) => each >= 2 ** depth) || tree.leaves.length !== 16 * 2 ** depth;
  });
  return bad < 0 ? null : `trees.${bad} is not a tree of this depth`;
}

/** Of either part: two parts of one model have the same. */
export const digestOf = async ({ modelId, trees }: SharedModel): Promise<string> =>
  (await sharedDigests(modelId, trees.map(hostNodesOf))).at(-1)!;
