/** What a match keeps on disk while it runs, for itself and for an attempt that takes it up again; gone at its end. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fromHex, type Secrets, TomboloError, toHex } from "@tombolo/base";
import { RECORD_BYTES } from "@tombolo/crypto";
import { checkDiskSpace, syncFolder } from "@tombolo/datasets";
import type { Agreed, AgreedStore, Bucket, MatchStore } from "@tombolo/protocols/psi/buckets";
import { z } from "zod";
import type { TableFile, TaskContext } from "../component.ts";
import { expanded } from "./copies.ts";
import type { TableIds } from "./table-ids.ts";

/** What failed may still be writing its last file while its folder goes. */
const CLEARING = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const;

const ROW_BYTES = 4;
/** A place beside its row, and the row again while the engine sorts. */
const ORDER_BYTES = 28;

type Context = TaskContext<unknown, unknown>;

/** Throws `resource.disk` with the figures. */
export async function checkRoom(folder: string, data: TableFile, tableBytes: number, rounds: number): Promise<void> {
  const spread = rounds * data.rowCount * (RECORD_BYTES + ROW_BYTES);
  await checkDiskSpace(folder, spread + alignedBytes(data.rowCount, data.rowCount, tableBytes), "the match");
}

/** Once it is known how often rows come: repeated, or with empty ones behind them, they may take more than all did. */
export async function checkGrowth(folder: string, data: TableFile, tableBytes: number, rows: number): Promise<void> {
  if (rows <= data.rowCount) return;
  await checkDiskSpace(folder, alignedBytes(rows, data.rowCount, tableBytes), "the match");
}

/** Needed to write so many rows of a table that has `rowCount`. */
export const alignedBytes = (rows: number, rowCount: number, tableBytes: number): number =>
  rows * ORDER_BYTES + Math.ceil((4 * tableBytes * rows) / Math.max(1, rowCount));

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0);
const keptRound = z.strictObject({
  jointKey: hex,
  /** Joint key of the round before, whose result this one went on from; null: the first. */
  after: hex.nullable(),
  rows: z.array(count).readonly(),
  bits: count,
  receipts: z.array(hex),
});
type KeptRound = z.output<typeof keptRound>;
const keptSchema = z.strictObject({ rounds: z.array(keptRound) });

/**
 * The agreements of all rounds, as the task's checkpoint. A round that begins anew ends what was kept of later ones: they
 * went on from its result.
 */
export class KeptRounds {
  readonly #checkpoint: Context["checkpoint"];
  #rounds: KeptRound[] | undefined;

  constructor({ checkpoint }: Context) {
    this.#checkpoint = checkpoint;
  }

  /** `after`: joint key of the round before. */
  store(round: number, after: Uint8Array | null, ids: TableIds): AgreedStore {
    const previous = after === null ? null : toHex(after);
    return {
      load: async () => {
        const kept = (await this.#load())[round];
        if (kept === undefined || kept.after !== previous) return undefined;
        const { after: _, jointKey, receipts, ...rest } = kept;
        const key = fromHex(jointKey);
        // What was kept on disk may have been cleared away since.
        if (!(await ids.takeUp(key))) return undefined;
        return { ...rest, jointKey: key, receipts: receipts.map(fromHex) };
      },
      save: async ({ jointKey, receipts, ...rest }: Agreed) => {
        const kept = { ...rest, after: previous, jointKey: toHex(jointKey), receipts: receipts.map(toHex) };
        // A round without anything kept (one bucket) leaves its place to no other.
        const before = (await this.#load()).slice(0, round);
        this.#rounds = before.length < round ? before : [...before, kept];
        await this.#checkpoint.save({ rounds: this.#rounds });
      },
    };
  }

  async #load(): Promise<KeptRound[]> {
    if (this.#rounds === undefined) {
      const kept = keptSchema.safeParse(await this.#checkpoint.load());
      // None yet, or from a version that kept something else.
      this.#rounds = kept.success ? kept.data.rounds : [];
    }
    return this.#rounds;
  }
}

/** Matched rows of one round, in files by bucket; where the guest has several of an id, how often each id comes. */
export class MatchedRows implements MatchStore {
  readonly #folder: string;
  readonly #secrets: Secrets;

  constructor(folder: string, secrets: Secrets) {
    this.#folder = folder;
    this.#secrets = secrets;
  }

  async put(bucket: number, present: Bucket, positions: Uint32Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const { rows, copies } = expanded(present, positions, this.#secrets);
    if (copies !== null) await this.putCopies(bucket, copies);
    await writeWords(this.#file(bucket, "rows"), rows);
  }

  putCopies(bucket: number, copies: Uint32Array): Promise<void> {
    return writeWords(this.#file(bucket, "copies"), copies);
  }

  /** Own rows; at the guest all rows of each id, one id after the other. */
  rows(bucket: number): Promise<Uint32Array> {
    return readWords(this.#file(bucket, "rows"));
  }

  copies(bucket: number): Promise<Uint32Array> {
    return readWords(this.#file(bucket, "copies"));
  }

  #file(bucket: number, kind: "rows" | "copies"): string {
    return join(this.#folder, `${bucket}.${kind}`);
  }
}

/** Durable, as the checkpoint is that names it. */
async function writeWords(path: string, words: Uint32Array): Promise<void> {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  await writeFile(path, bytes, { mode: 0o600, flush: true });
  await syncFolder(dirname(path));
}

const readWords = async (path: string): Promise<Uint32Array> =>
  new Uint32Array(new Uint8Array(await readFile(path)).buffer);

/** What ends an attempt for good, here or at the partner: the same again would end the same. */
const FINAL: readonly string[] = ["input", "consent", "protocol"];

/** Only an attempt that was cut off can be taken up again. */
export async function emptied<T>(context: Context, folder: string, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    await rm(folder, CLEARING);
    return result;
  } catch (error) {
    const { family } = TomboloError.from(error);
    const cutOff = family === "transport" || context.signal.aborted;
    if (FINAL.includes(family) || !cutOff) await rm(folder, CLEARING);
    throw error;
  }
}
