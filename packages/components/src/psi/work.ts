/** What a match keeps on disk while it runs, for itself and for an attempt that takes it up again; gone at its end. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromHex, TomboloError, toHex } from "@tombolo/base";
import { RECORD_BYTES } from "@tombolo/crypto";
import { checkDiskSpace, RowOrder } from "@tombolo/datasets";
import type { Agreed, AgreedStore, MatchStore } from "@tombolo/protocols/psi/buckets";
import { z } from "zod";
import type { TableFile, TaskContext } from "../component.ts";
import type { Removed, TableIds } from "./table-ids.ts";

const ROW_BYTES = 4;
/** A place beside its row, and the row again while the engine sorts. */
const ORDER_BYTES = 24;

type Context = TaskContext<unknown, unknown>;

/** Throws `resource.disk` with the figures. */
export async function checkRoom(folder: string, data: TableFile, tableBytes: number): Promise<void> {
  const spread = data.rowCount * (RECORD_BYTES + ROW_BYTES);
  const aligned = data.rowCount * ORDER_BYTES + 4 * tableBytes;
  await checkDiskSpace(folder, spread + aligned, "the match");
}

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0);
const keptSchema = z.strictObject({
  jointKey: hex,
  ownRows: count,
  partnerRows: count,
  bits: count,
  receipts: z.array(hex),
  removed: z.strictObject({ empty: count, duplicates: count }),
});

/** The agreement and what was left out, as the task's checkpoint. */
export function agreedStore({ checkpoint }: Context, ids: TableIds): AgreedStore {
  return {
    async load(): Promise<Agreed | undefined> {
      const value = await checkpoint.load();
      if (value === undefined) return undefined;
      const { removed, jointKey, receipts, ...rest } = keptSchema.parse(value);
      const key = fromHex(jointKey);
      // What was kept on disk may have been cleared away since.
      if (!(await ids.isSpread(key))) return undefined;
      ids.removed = removed;
      return { ...rest, jointKey: key, receipts: receipts.map(fromHex) };
    },
    save: ({ jointKey, receipts, ...rest }) =>
      checkpoint.save({
        ...rest,
        jointKey: toHex(jointKey),
        receipts: receipts.map(toHex),
        removed: ids.removed satisfies Removed,
      }),
  };
}

/** Matched rows, one file per bucket. */
export class MatchedRows implements MatchStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(bucket: number, rows: Uint32Array): Promise<void> {
    await writeFile(this.#file(bucket), new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength), {
      mode: 0o600,
      flush: true, // the checkpoint that names it is durable
    });
  }

  /** All of them, in the joint order, beside the rows of a table of `rowCount`. */
  async order(buckets: number, rowCount: number): Promise<RowOrder> {
    const order = await RowOrder.create(join(this.#folder, "order"), rowCount);
    for (let bucket = 0; bucket < buckets; bucket++)
      await order.append(new Uint32Array(new Uint8Array(await readFile(this.#file(bucket))).buffer));
    return order;
  }

  #file(bucket: number): string {
    return join(this.#folder, `${bucket}.rows`);
  }
}

/** Only an attempt that was cut off can be taken up again. */
export async function emptied<T>(context: Context, folder: string, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    await rm(folder, { recursive: true, force: true });
    return result;
  } catch (error) {
    const { family } = TomboloError.from(error);
    if (family !== "transport" && !context.signal.aborted) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
