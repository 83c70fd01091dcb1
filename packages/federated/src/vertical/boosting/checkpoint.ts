/** Rows' leaves in one tree as bytes: what a guest keeps beside its model, tree after tree, to go on from. */
import { TomboloError } from "@tombolo/base";
import { type GuestTree, type RowLeaves, rowLeaves } from "./model.ts";

/** A byte or two a row. */
export const leafBytes = ({ buffer, byteOffset, byteLength }: RowLeaves): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Throws `input.checkpoint` for bytes that are not of so many rows, or name no leaf of this tree. */
export function leavesOfBytes({ leaves }: GuestTree, rows: number, bytes: Uint8Array): RowLeaves {
  const own = rowLeaves(leaves, rows);
  const known = new Set(leaves.map(({ node }) => node));
  const fits = bytes.length === own.byteLength;
  if (fits) leafBytes(own).set(bytes);
  if (fits && own.every((node) => known.has(node))) return own;
  throw new TomboloError("input.checkpoint", "the checkpoint is damaged", { remedy: "Start the training afresh." });
}
