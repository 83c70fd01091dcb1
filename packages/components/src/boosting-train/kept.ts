/**
 * What a later attempt of the guest goes on from: the model in the checkpoint, and each row's leaf in each tree in a file of its own
 * in the task's folder, a byte or two a row. So every tree is kept, of however many rows, and none is written twice.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { checkGuestModel, type GuestCheckpoint, leafBytes, leavesOfBytes } from "@tombolo/federated/vertical/boosting";
import { z } from "zod";
import type { TaskContext } from "../component.ts";

type Kept = Pick<TaskContext<unknown, unknown>, "checkpoint" | "workFolder">;

const schema = z.strictObject({ guest: z.unknown() });

const fileOf = async ({ workFolder }: Kept, tree: number): Promise<string> =>
  join(await workFolder(), `leaves-${tree}`);

/** Keeps the trees of one attempt as they come. */
export function keepTrees(context: Kept): (checkpoint: GuestCheckpoint) => Promise<void> {
  let written = 0;
  return async ({ model, leaves }) => {
    for (; written < leaves.length; written++) {
      const path = await fileOf(context, written);
      // A file is whole or not there; the checkpoint names a tree only once its file is.
      await writeFile(`${path}.new`, leafBytes(leaves[written]!), { mode: 0o600 });
      await rename(`${path}.new`, path);
    }
    await context.checkpoint.save({ guest: model });
  };
}

/** Null where nothing is kept that fits these hosts and rows: the attempt then starts afresh. */
export async function keptTrees(
  context: Kept,
  hosts: readonly string[],
  rowCount: number,
): Promise<GuestCheckpoint | null> {
  const saved = schema.safeParse(await context.checkpoint.load());
  if (!saved.success) return null;
  try {
    const model = checkGuestModel(saved.data.guest);
    if (model.hosts.join() !== hosts.join()) return null;
    const leaves = [];
    for (const [t, tree] of model.trees.entries())
      leaves.push(leavesOfBytes(tree, rowCount, await readFile(await fileOf(context, t))));
    return { model, leaves };
  } catch (error) {
    if (error instanceof TomboloError || (error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
