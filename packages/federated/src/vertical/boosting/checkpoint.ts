/** A guest's checkpoint as bytes: JSON of the model behind its length, then each tree's leaf per row, two bytes each. */
import { concat, fromUtf8, TomboloError, utf8 } from "@tombolo/base";
import { checkGuestModel, type GuestCheckpoint, rowLeaves } from "./model.ts";

export function encodeCheckpoint({ model, leaves }: GuestCheckpoint): Uint8Array {
  const json = utf8(JSON.stringify(model));
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, json.length, true);
  return concat(head, json, ...leaves.map((own) => new Uint8Array(Uint16Array.from(own).buffer)));
}

/** Throws `input.checkpoint` or `input.model` for anything `encodeCheckpoint` did not make. */
export function decodeCheckpoint(bytes: Uint8Array): GuestCheckpoint {
  const damaged = (cause?: unknown): TomboloError =>
    new TomboloError("input.checkpoint", "the checkpoint is damaged", { remedy: "Start the training afresh.", cause });
  if (bytes.length < 4) throw damaged();
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (end > bytes.length) throw damaged();
  let parsed: unknown;
  try {
    parsed = JSON.parse(fromUtf8(bytes.subarray(4, end)));
  } catch (cause) {
    throw damaged(cause);
  }
  const model = checkGuestModel(parsed);
  const each = model.trees.length === 0 ? 0 : (bytes.length - end) / model.trees.length;
  if (each % 2 !== 0 || each * model.trees.length !== bytes.length - end) throw damaged();
  const leaves = model.trees.map((tree, t) => {
    const read = new Uint16Array(Uint8Array.from(bytes.subarray(end + t * each, end + (t + 1) * each)).buffer);
    const known = new Set(tree.leaves.map(({ node }) => node));
    if (read.some((node) => !known.has(node))) throw damaged();
    const own = rowLeaves(tree.leaves, read.length);
    own.set(read);
    return own;
  });
  return { model, leaves };
}
