/** Ids of a task's table as matching protocols take them. */
import { concat, utf8 } from "@tombolo/base";
import { sha256Prefixed } from "@tombolo/crypto";
import { type EncodedIds, encodeIds, type IdRules } from "@tombolo/protocols/psi/ids";
import type { TaskContext, TaskTable } from "../component.ts";
import { columnNamed } from "../tables.ts";

const LABEL = utf8("tombolo/match/1/id\0");
const DIGEST_BYTES = 32;
export const ID_DIGEST_BYTES = 16;

interface IdSettings {
  readonly normalise: IdRules;
  readonly duplicates: "refuse" | "remove";
  readonly empty: "refuse" | "remove";
}

export async function encodedIds(
  context: TaskContext<IdSettings, unknown>,
): Promise<{ readonly data: TaskTable; readonly ids: EncodedIds }> {
  const data = await context.inputs.table("data");
  context.progress({ stage: "encode", done: 0, total: data.rowCount });
  const { normalise: rules, duplicates, empty } = context.parameters;
  const keys = data.keys.map((name) => ({ column: columnNamed(data, name), rules }));
  return { data, ids: encodeIds(keys, { duplicates, empty }) };
}

/** SHA-256(label ‖ binding ‖ id), cut to 16 bytes: ids of another session have nothing in common with these. */
export async function idDigests({ messages, offsets }: EncodedIds, binding: Uint8Array): Promise<Uint8Array> {
  const digests = await sha256Prefixed(concat(LABEL, binding), messages, offsets);
  const count = offsets.length - 1;
  const out = new Uint8Array(count * ID_DIGEST_BYTES);
  for (let i = 0; i < count; i++)
    out.set(digests.subarray(i * DIGEST_BYTES, i * DIGEST_BYTES + ID_DIGEST_BYTES), i * ID_DIGEST_BYTES);
  return out;
}
