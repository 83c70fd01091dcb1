/**
 * Rows that a running service has a model score, against this party's permit: reserved in blocks, durably before any row
 * of a block is answered, so that little is written while callers wait. The service ends where the permit does; what is
 * left of a block when the service ends is lost.
 */
import { TomboloError } from "@tombolo/base";
import { failureOf, findJob } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";
import { drawModelRows, type ModelUser } from "./usable.ts";

const BLOCK_MIN = 1_000;
const BLOCK_MAX = 1_000_000;
/** A block that lasts less is followed by a larger one, one that lasts twice as long by a smaller one. */
const BLOCK_MS = 60_000;
const NEEDED_MAX = 1_000_000;

export class ReservedRows {
  readonly #side: Side;
  readonly #by: ModelUser;
  readonly #models: readonly string[];
  readonly #refused: (error: TomboloError) => Promise<void>;
  #block = BLOCK_MIN;
  #reservedAt = 0;

  /** `refused` hears why the service may not go on. */
  constructor(side: Side, by: ModelUser, models: readonly string[], refused: (error: TomboloError) => Promise<void>) {
    this.#side = side;
    this.#by = by;
    this.#models = [...models].sort();
    this.#refused = refused;
  }

  /** Answers how many may be scored from now on, besides those reserved before: at least as many as `needed`. */
  async reserve(needed: number): Promise<number> {
    if (!Number.isInteger(needed) || needed < 1 || needed > NEEDED_MAX)
      throw new TomboloError("input.rows", "a task reserved an impossible number of rows");
    const most = needed + this.#nextBlock();
    if (this.#models.length === 0) return most;
    try {
      return await drawModelRows(this.#side, this.#models, "online", { least: needed, most }, this.#by);
    } catch (error) {
      const refusal = TomboloError.from(error);
      await this.#refused(refusal);
      throw refusal;
    }
  }

  #nextBlock(): number {
    const now = this.#side.clock.now().getTime();
    const lastedMs = now - this.#reservedAt;
    if (this.#reservedAt > 0 && lastedMs < BLOCK_MS) this.#block = Math.min(BLOCK_MAX, 2 * this.#block);
    else if (lastedMs > 2 * BLOCK_MS) this.#block = Math.max(BLOCK_MIN, Math.floor(this.#block / 2));
    this.#reservedAt = now;
    return this.#block;
  }
}

/** Ends the service at every party. */
export async function endServing(side: Side, jobId: string, error: TomboloError): Promise<void> {
  const job = await findJob(side, jobId);
  const failure = failureOf(error, side.config.party, null);
  if (job?.status === "RUNNING") await side.driver.end(job, { status: "FAILED", failure });
}
