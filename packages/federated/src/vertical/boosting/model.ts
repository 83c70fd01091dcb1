/**
 * What training leaves: a part at every party, useless alone. The guest holds the shape of the trees, the leaf weights
 * and its own splits; each host holds its own splits. A split is known to both by (tree, node).
 */
import { TomboloError } from "@tombolo/base";

import * as z from "zod";
import { sha256Hex } from "./agreement.ts";
import { CLASSES_MAX, DEPTH_MAX, FEATURES_MAX, OBJECTIVES, ROWS_MAX, TREES_MAX } from "./parameters.ts";

const NODES_MAX = 2 ** (DEPTH_MAX + 1);
const name = z.string().max(4096);
const node = z
  .int()
  .min(1)
  .max(NODES_MAX - 1);
const names = z.array(name).max(1_000_000).readonly();

export const splitSchema = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("numeric"),
      feature: name,
      threshold: z.number().nullable(),
      missingLeft: z.boolean(),
    })
    .readonly(),
  z
    .strictObject({
      kind: z.literal("text"),
      feature: name,
      left: names,
      right: names,
      missingLeft: z.boolean(),
      otherLeft: z.boolean(),
    })
    .readonly(),
]);

const ownSplit = z.strictObject({ node, owner: z.literal("guest"), gain: z.number(), split: splitSchema }).readonly();
const hostSplit = z
  .strictObject({ node, owner: z.int().min(0).max(255), gain: z.number(), feature: z.int().min(0).max(FEATURES_MAX) })
  .readonly();
const leaf = z
  .strictObject({
    node,
    weight: z.number(),
    /** Of the rows that the tree was grown from: how many came here, and their sum of h. Not in older models. */
    rows: z.int().min(0).max(ROWS_MAX).optional(),
    cover: z.number().min(0).optional(),
  })
  .readonly();
const guestTree = z
  .strictObject({
    splits: z
      .array(z.union([ownSplit, hostSplit]))
      .max(NODES_MAX)
      .readonly(),
    leaves: z.array(leaf).max(NODES_MAX).readonly(),
  })
  .readonly();

const calibrator = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("platt"), slope: z.number(), intercept: z.number() }).readonly(),
  z
    .strictObject({
      method: z.literal("isotonic"),
      margins: z.array(z.number()).min(1).max(ROWS_MAX).readonly(),
      probabilities: z.array(z.number().min(0).max(1)).min(1).max(ROWS_MAX).readonly(),
    })
    .readonly(),
]);

const modelId = z.string().regex(/^[0-9a-f]{32}$/);

const guestModel = z
  .strictObject({
    kind: z.literal("boosting/guest"),
    version: z.literal(1),
    /** The same in all parts of one model: from parameters, seed, parties and number of rows; random in older models. */
    modelId,
    objective: z.enum(OBJECTIVES),
    baseMargin: z.number(),
    /** Of a multi-class objective: tree t is of class t modulo this many. */
    classes: z.int().min(2).max(CLASSES_MAX).optional(),
    /** Of a yes-or-no model, where margins become probabilities by more than a sigmoid. */
    calibration: calibrator.optional(),
    /** The guest's own columns. */
    features: names,
    /** The hosts' names, in the order of `owner`. */
    hosts: names,
    /** Where the hosts agreed to tell them: by host, the names of its columns by their numbers in the trees. */
    hostColumns: z
      .array(z.record(z.string().regex(/^[1-9][0-9]{0,3}$/), name).readonly())
      .readonly()
      .optional(),
    trees: z.array(guestTree).max(TREES_MAX).readonly(),
  })
  .readonly();

const hostModel = z
  .strictObject({
    kind: z.literal("boosting/host"),
    version: z.literal(1),
    modelId,
    /** Number of each column in what the guest sees, by name: 0 until a split of it was taken. */
    featureNumbers: z.record(name, z.int().min(0).max(FEATURES_MAX)).readonly(),
    trees: z
      .array(
        z
          .strictObject({
            splits: z
              .array(z.strictObject({ node, split: splitSchema }).readonly())
              .max(NODES_MAX)
              .readonly(),
          })
          .readonly(),
      )
      .max(TREES_MAX)
      .readonly(),
  })
  .readonly();

/** What a part may be, to be told to others (JSON Schema); `checkGuestModel` and `checkHostModel` check more. */
export const partSchema = z.discriminatedUnion("kind", [guestModel, hostModel]);

export type GuestModel = z.infer<typeof guestModel>;
export type GuestTree = GuestModel["trees"][number];
export type GuestSplit = GuestTree["splits"][number];
export type HostModel = z.infer<typeof hostModel>;
export type HostTree = HostModel["trees"][number];
/** Of each row the node of its leaf in a tree. */
export type RowLeaves = Uint8Array | Uint16Array;
/** A byte a row where the nodes of the leaves fit one. */
export const rowLeaves = (leaves: GuestTree["leaves"], rows: number): RowLeaves =>
  leaves.every(({ node }) => node < 256) ? new Uint8Array(rows) : new Uint16Array(rows);

/** What a later attempt goes on from: the model so far and each row's leaf in each of its trees. */
export interface GuestCheckpoint {
  readonly model: GuestModel;
  readonly leaves: readonly RowLeaves[];
}
export type ModelPart = GuestModel | HostModel;

/** A model part from a file or store. Throws `input.model`. */
export function checkGuestModel(value: unknown): GuestModel {
  const model = parse(guestModel, value);
  checkCalibration(model);
  if ((model.objective === "multi-class") !== (model.classes !== undefined)) throw badModel("the number of classes");
  if (model.hostColumns !== undefined && model.hostColumns.length !== model.hosts.length)
    throw badModel("names of columns of another number of hosts");
  model.trees.forEach((tree, t) => {
    checkShape(tree, t);
    for (const { owner } of tree.splits)
      if (owner !== "guest" && owner >= model.hosts.length) throw badModel(`trees.${t} names an unknown host`);
  });
  return model;
}

/** A model part from a file or store. Throws `input.model`. */
export function checkHostModel(value: unknown): HostModel {
  const model = parse(hostModel, value);
  model.trees.forEach(({ splits }, t) => {
    if (new Set(splits.map((split) => split.node)).size !== splits.length) throw badModel(`trees.${t} repeats a node`);
  });
  return model;
}

function checkCalibration({ objective, calibration }: GuestModel): void {
  if (calibration === undefined) return;
  if (objective !== "binary") throw badModel("a calibration of what is no probability");
  if (calibration.method !== "isotonic") return;
  const { margins, probabilities } = calibration;
  const rises = margins.every((margin, i) => i === 0 || margin > margins[i - 1]!);
  const falls = probabilities.some((probability, i) => i > 0 && probability < probabilities[i - 1]!);
  if (!rises || falls || margins.length !== probabilities.length) throw badModel("the steps of the calibration");
}

const badModel = (detail: string): TomboloError =>
  new TomboloError("input.model", "this is not a valid boosting model part", {
    remedy: "Use the part that training left at this party, unchanged.",
    detail: { fault: detail },
  });

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw badModel(z.prettifyError(result.error).slice(0, 2000));
  return result.data;
}

/** Each node but the root hangs below a split, each split has both children. */
function checkShape({ splits, leaves }: GuestTree, t: number): void {
  const nodes = [...splits, ...leaves].map((entry) => entry.node);
  const expected = new Set([1, ...splits.flatMap((split) => [2 * split.node, 2 * split.node + 1])]);
  const fits =
    nodes.length === expected.size && nodes.every((id) => expected.has(id)) && new Set(nodes).size === nodes.length;
  if (!fits) throw badModel(`trees.${t} is not a tree`);
  if (splits.length > 0 && leaves.some(({ rows }) => rows === 0)) throw badModel(`trees.${t} has a leaf of no rows`);
}

/** The same for the same training: two runs with one seed leave equal parts. */
export const newModelId = async (agreement: string, rows: number, hosts: readonly string[]): Promise<string> =>
  (await sha256Hex(["tombolo/boosting/model-id/1", agreement, rows, [...hosts]])).slice(0, 32);

/** Nodes of host number `host` in a tree, as both it and the guest know them. */
export const hostNodes = (tree: GuestTree, host: number): number[] =>
  tree.splits.filter((split) => split.owner === host).map((split) => split.node);

/**
 * Digest after each number of trees, of what guest and one host both know: the model's id and which nodes are that
 * host's. `digests[t]` covers the first t trees. Two parts of one model agree on all they have in common.
 */
export async function sharedDigests(id: string, nodesByTree: readonly (readonly number[])[]): Promise<string[]> {
  const digests = [await sha256Hex(["tombolo/boosting/model/1", id])];
  for (const nodes of nodesByTree) digests.push(await sha256Hex([digests.at(-1)!, nodes]));
  return digests;
}

export const guestDigests = (model: GuestModel, host: number): Promise<string[]> =>
  sharedDigests(
    model.modelId,
    model.trees.map((tree) => hostNodes(tree, host)),
  );

export const hostDigests = (model: HostModel): Promise<string[]> =>
  sharedDigests(
    model.modelId,
    model.trees.map((tree) => tree.splits.map((split) => split.node)),
  );

export const firstTrees = <M extends ModelPart>(model: M, count: number): M => ({
  ...model,
  trees: model.trees.slice(0, count),
});
