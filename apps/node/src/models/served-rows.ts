/**
 * Rows that a running service has a model score, against this party's permit. They are drawn ahead, about a minute's need
 * at a time, so that nothing is written for each call; the service ends where the permit does.
 */
import { TomboloError } from "@tombolo/base";
import { systemActor } from "../context.ts";
import { failureOf, findJob } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";
import { tellHolders } from "./notices.ts";
import { requireModelAllowed } from "./usable.ts";

const AHEAD_MIN = 1_000;
/** Counts come about once a second. */
const AHEAD_TICKS = 60;

export interface ServingAttempt {
  readonly job: string;
  readonly task: string;
  readonly attempt: number;
}

export class ServedRows {
  readonly #side: Side;
  readonly #by: ServingAttempt;
  readonly #models: readonly string[];
  readonly #refused: (error: TomboloError) => Promise<void>;
  #total = 0;
  #drawn = 0;
  #work: Promise<void> = Promise.resolve();

  /** `refused` hears why the service may not go on. */
  constructor(
    side: Side,
    by: ServingAttempt,
    models: readonly string[],
    refused: (error: TomboloError) => Promise<void>,
  ) {
    this.#side = side;
    this.#by = by;
    this.#models = models;
    this.#refused = refused;
  }

  /** `total` of this attempt so far. */
  seen(total: number): void {
    const grown = total - this.#total;
    if (grown <= 0 || this.#models.length === 0) return;
    this.#total = total;
    this.#work = this.#work
      .then(() => this.#draw(grown))
      .catch((error: unknown) => this.#refused(TomboloError.from(error)));
  }

  async #draw(grown: number): Promise<void> {
    const needed = this.#total - this.#drawn;
    if (needed <= 0) return;
    const wanted = needed + Math.max(AHEAD_MIN, grown * AHEAD_TICKS);
    const taken = await Promise.all(this.#models.map((id) => takeModelRows(this.#side, id, wanted, this.#by)));
    const least = Math.min(...taken);
    this.#drawn += least;
    if (least < needed)
      throw new TomboloError("consent.permit-used-up", "the permit's rows are used up", {
        blame: this.#side.config.party,
        remedy: `Ask ${this.#side.config.party} for a new permit.`,
      });
  }

  /** Until what was seen is drawn. */
  settled(): Promise<void> {
    return this.#work;
  }
}

/** Ends the service at every party. */
export async function endServing(side: Side, jobId: string, error: TomboloError): Promise<void> {
  const job = await findJob(side, jobId);
  const failure = failureOf(error, side.config.party, null);
  if (job?.status === "RUNNING") await side.driver.end(job, { status: "FAILED", failure });
}

/** Debits up to so many rows, durably; answers how many. Without a permit that limits them there is nothing to debit. */
export async function takeModelRows(side: Side, id: string, wanted: number, by: ServingAttempt): Promise<number> {
  return side.store.transaction(async (tx) => {
    const permit = await requireModelAllowed(side, id, "online", 0);
    if (permit === null || permit.rows_left === null) return wanted;
    const row = await tx
      .selectFrom("model_permits")
      .select("rows_left")
      .where("id", "=", permit.id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const left = Number(row.rows_left);
    const rows = Math.min(left, wanted);
    await tx
      .updateTable("model_permits")
      .set({ rows_left: left - rows })
      .where("id", "=", permit.id)
      .execute();
    if (rows === left) await tellHolders(side, id);
    await side.journal.append(
      "model.used",
      systemActor,
      {
        en: `${rows} rows were drawn of a permit for the model ${id}`,
        zh: `模型 ${id} 的使用许可扣减 ${rows} 行`,
      },
      { model: id, permit: permit.id, use: "online", rows, ...by },
    );
    return rows;
  });
}
