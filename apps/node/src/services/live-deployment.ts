/** A deployment as it answers now: its job's runner is asked, what it does is counted. */
import { TomboloError } from "@tombolo/base";
import type { ScoreAnswer, ScoreCall } from "@tombolo/sdk";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import type { ScoreReference } from "../store/tables/services.ts";
import { InputWatch } from "./inputs.ts";
import { Minutes } from "./minutes.ts";
import { referenceOf } from "./reference.ts";
import { isOpen } from "./roll-out.ts";
import type { DeploymentRow, RollOutRow } from "./rows.ts";
import { Trial } from "./trial.ts";

/** Without a test, the first scores are what later ones are held against. */
const FIRST_ROWS = 1000;
/** A job that is over is asked for the reason no more often. */
const DOWN_MS = 250;
/** Asked in the shadow at once; more is not asked. */
const SHADOWS_MAX = 16;

export class LiveDeployment {
  readonly #side: Side;
  readonly minutes: Minutes;
  readonly inputs: InputWatch;
  row: DeploymentRow;
  /** The plan under way. */
  rollOut: RollOutRow | undefined;
  /** What is counted for its present step. */
  trial: Trial | undefined;
  #first: number[] | undefined;
  #down: { readonly error: TomboloError; readonly until: number } | undefined;
  #shadows = 0;

  constructor(side: Side, row: DeploymentRow) {
    this.#side = side;
    this.row = row;
    this.minutes = new Minutes(side, row.id);
    this.inputs = new InputWatch(side, row.id);
    this.#first = row.reference === null ? [] : undefined;
  }

  get isUp(): boolean {
    return this.#side.driver.attempts.live(this.row.job_id, this.row.task)?.lane("RUNNING").stage === "serving";
  }

  /** What its minute was before a restart, and what its inputs are held against. */
  async load(): Promise<void> {
    await this.minutes.load();
    await this.inputs.load();
  }

  /** The plan as it stands; what was counted for a step under way goes on. */
  follow(row: RollOutRow | undefined): void {
    this.rollOut = row !== undefined && isOpen(row) ? row : undefined;
    const key = row?.state === "RUNNING" ? `${row.created_at.getTime()}/${row.step}` : undefined;
    if (key !== this.trial?.key) this.trial = key === undefined ? undefined : new Trial(key, row!.counts);
  }

  /** Now and then. */
  async look(): Promise<void> {
    const { job_id: job, task } = this.row;
    const counts = this.#side.driver.attempts.observed(job, task);
    if (counts !== null) await this.inputs.look(counts);
  }

  /** An answer for every row, in its place. Rejects with what keeps the service from answering. */
  async answer(rows: ScoreCall["rows"]): Promise<readonly ScoreAnswer[]> {
    const started = performance.now();
    try {
      // The answer as a whole is checked against the schema on its way out.
      const items = (await this.#ask(rows)) as readonly ScoreAnswer[];
      const ms = performance.now() - started;
      this.minutes.answered(items, ms, this.row.reference);
      this.trial?.answered(items, ms);
      if (this.#first !== undefined) this.#learn(this.#first, items);
      return items;
    } catch (error) {
      const known = TomboloError.from(error);
      this.minutes.refused(known.code);
      this.trial?.refused();
      throw known;
    }
  }

  /** Beside the answer that callers get: never later, and left out when it falls behind. */
  shadow(rows: ScoreCall["rows"]): void {
    if (this.#shadows >= SHADOWS_MAX) {
      this.minutes.refused("resource.busy");
      return;
    }
    this.#shadows++;
    this.answer(rows)
      .catch(() => undefined)
      .finally(() => {
        this.#shadows--;
      });
  }

  async #ask(rows: ScoreCall["rows"]): Promise<readonly unknown[]> {
    const now = Date.now();
    if (this.#down !== undefined && now < this.#down.until) throw this.#down.error;
    try {
      return await this.#side.driver.attempts.ask(this.#side, this.row.job_id, this.row.task, rows);
    } catch (error) {
      if (!this.isUp) this.#down = { error: TomboloError.from(error), until: now + DOWN_MS };
      throw error;
    }
  }

  #learn(first: number[], items: readonly ScoreAnswer[]): void {
    for (const { score, policy } of items) if (policy == null && typeof score === "number") first.push(score);
    if (first.length < FIRST_ROWS) return;
    this.#first = undefined;
    this.#keep(referenceOf("first-rows", first)).catch((error: unknown) =>
      this.#side.log.error({ err: error, deployment: this.row.id }, "the reference of scores could not be kept"),
    );
  }

  async #keep(reference: ScoreReference): Promise<void> {
    this.row = { ...this.row, reference };
    await this.#side.store.db
      .updateTable("service_deployments")
      .set({ reference: toJson(reference) })
      .where("id", "=", this.row.id)
      .execute();
  }
}
