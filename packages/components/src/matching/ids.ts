/** Ids of a task's table as matching protocols take them. */
import { concat, utf8 } from "@tombolo/base";
import { idDigests as digestIds } from "@tombolo/crypto";
import { type EncodedIds, encodeIds, type IdRules } from "@tombolo/protocols/psi/ids";
import type { TaskContext, TaskTable } from "../component.ts";
import { columnNamed } from "../tables.ts";

const LABEL = utf8("tombolo/match/1/id\0");

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
export const idDigests = ({ messages, offsets }: EncodedIds, binding: Uint8Array): Promise<Uint8Array> =>
  digestIds(concat(LABEL, binding), messages, offsets);
