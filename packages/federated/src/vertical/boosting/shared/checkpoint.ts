/** What a later attempt goes on from after a tree: the own part of the trees, and own shares of all rows' margins, which say nothing alone. */
import { TomboloError } from "@tombolo/base";
import * as z from "zod";
import { decodeLeaves, encodeLeaves, type SharedGuestTree, type SharedHostTree } from "./model.ts";

export type SharedTree = SharedGuestTree | SharedHostTree;

export interface SharedCheckpoint {
  /** The model's id. */
  readonly run: string;
  readonly trees: readonly SharedTree[];
  /** Own shares. */
  readonly margins: BigUint64Array;
}

const stored = z.strictObject({
  run: z.string().regex(/^[0-9a-f]{32}$/),
  /** Checked as parts of a model once it is put together. */
  trees: z.array(z.custom<SharedTree>((tree) => typeof tree === "object" && tree !== null)).min(1),
  margins: z.string().regex(/^([0-9a-f]{16})+$/),
});

export const encodeSharedCheckpoint = ({ run, trees, margins }: SharedCheckpoint): unknown => ({
  run,
  trees,
  margins: encodeLeaves(margins),
});

/** Throws `input.checkpoint` for anything `encodeSharedCheckpoint` did not make. */
export function decodeSharedCheckpoint(value: unknown): SharedCheckpoint {
  const parsed = stored.safeParse(value);
  if (!parsed.success)
    throw new TomboloError("input.checkpoint", "the checkpoint is damaged", { remedy: "Start the training afresh." });
  return { ...parsed.data, margins: decodeLeaves(parsed.data.margins) };
}
