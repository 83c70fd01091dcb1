/**
 * Scores by trace id, so that what became of the scored can be held against them. No id of a person is among them. Kept in
 * batches; what comes faster than they are written is answered without a trace, and the answer says so.
 */
import type { ScoreAnswer } from "@tombolo/sdk";
import { sql } from "kysely";
import type { NodeContext } from "../context.ts";
import { toJson } from "../store/columns.ts";
import { rankedArea } from "./figures.ts";

const WAITING_ROWS_MAX = 20_000;
const ROWS_PER_MINUTE_MAX = 60_000;
const INSERT_MAX = 500;
/** Over which performance is worked out: the latest. */
const CALLS_MAX = 20_000;
const DAY_MS = 86_400_000;

interface Trace {
  readonly trace_id: string;
  readonly deployment: string;
  readonly at: Date;
  readonly scores: string;
  readonly outcomes: string;
}

interface Waiting extends Trace {
  readonly rows: number;
}

export interface Performance {
  readonly outcomes: number;
  readonly positives: number;
  readonly auc: number | null;
}

export class Traces {
  readonly #context: NodeContext;
  readonly #waiting: Waiting[] = [];
  #waitingRows = 0;
  #minute = 0;
  #minuteRows = 0;
  #writing: Promise<void> = Promise.resolve();
  readonly #performance = new Map<string, Performance>();

  constructor(context: NodeContext) {
    this.#context = context;
  }

  /** Until when outcomes may come; null where the scores are not kept. */
  keep(trace: string, deployment: string, items: readonly ScoreAnswer[], days: number): Date | null {
    const now = this.#context.clock.now();
    const minute = Math.floor(now.getTime() / 60_000);
    if (minute !== this.#minute) [this.#minute, this.#minuteRows] = [minute, 0];
    const rows = items.length;
    if (days === 0 || this.#waitingRows + rows > WAITING_ROWS_MAX || this.#minuteRows + rows > ROWS_PER_MINUTE_MAX)
      return null;
    this.#waitingRows += rows;
    this.#minuteRows += rows;
    const scores = toJson(items.map(({ score, policy }) => (policy == null ? (score ?? null) : null)));
    this.#waiting.push({ trace_id: trace, deployment, at: now, scores, outcomes: toJson(null), rows });
    return new Date(now.getTime() + days * DAY_MS);
  }

  /** One after the other: what waits leaves the list once it is written. */
  flush(): Promise<void> {
    const writing = this.#writing.then(() => this.#write());
    this.#writing = writing.catch(() => {});
    return writing;
  }

  async #write(): Promise<void> {
    for (let left = this.#waiting.length; left > 0; left -= INSERT_MAX) {
      const batch = this.#waiting.slice(0, Math.min(left, INSERT_MAX));
      await this.#context.store.db
        .insertInto("service_calls")
        .values(batch.map(({ rows: _counted, ...trace }) => trace))
        // Written, but its answer was lost: the same traces come again.
        .onConflict((conflict) => conflict.column("trace_id").doNothing())
        .execute();
      this.#waiting.splice(0, batch.length);
      for (const { rows } of batch) this.#waitingRows -= rows;
    }
  }

  /** Of the deployments given; answers the traces that are not known. */
  async outcomes(
    deployments: readonly string[],
    items: readonly { readonly traceId: string; readonly row: number; readonly outcome: number }[],
  ): Promise<string[]> {
    await this.flush();
    const byTrace = Map.groupBy(items, ({ traceId }) => traceId);
    const unknown: string[] = [];
    await this.#context.store.transaction(async (tx) => {
      const known = await tx
        .selectFrom("service_calls")
        .selectAll()
        .where("trace_id", "in", [...byTrace.keys()])
        .where("deployment", "in", [...deployments])
        .execute();
      for (const [trace, given] of byTrace) {
        const call = known.find((each) => each.trace_id === trace);
        if (call === undefined || given.some(({ row }) => row >= call.scores.length)) {
          unknown.push(trace);
          continue;
        }
        const outcomes = [...(call.outcomes ?? call.scores.map(() => null))];
        for (const { row, outcome } of given) outcomes[row] = outcome;
        await tx
          .updateTable("service_calls")
          .set({ outcomes: toJson(outcomes) })
          .where("trace_id", "=", trace)
          .execute();
        this.#performance.delete(call.deployment);
      }
    });
    return unknown;
  }

  async performance(deployment: string): Promise<Performance> {
    const known = this.#performance.get(deployment);
    if (known !== undefined) return known;
    const calls = await this.#context.store.db
      .selectFrom("service_calls")
      .select(["scores", "outcomes"])
      .where("deployment", "=", deployment)
      .where(sql<boolean>`outcomes <> 'null'::jsonb`)
      .orderBy("at", "desc")
      .limit(CALLS_MAX)
      .execute();
    const pairs = calls.flatMap(({ scores, outcomes }) =>
      scores.flatMap((score, row) => {
        const outcome = outcomes?.[row] ?? null;
        return score === null || outcome === null ? [] : [[score, outcome] as const];
      }),
    );
    const outcomes = pairs.map(([, outcome]) => outcome);
    const binary = outcomes.every((outcome) => outcome === 0 || outcome === 1);
    const scores = pairs.map(([score]) => score);
    const found = {
      outcomes: outcomes.length,
      positives: binary ? outcomes.filter((outcome) => outcome === 1).length : 0,
      auc: binary ? rankedArea(scores, outcomes) : null,
    };
    this.#performance.set(deployment, found);
    return found;
  }

  /** What is older than its service keeps. */
  async forget(deployment: string, days: number): Promise<void> {
    const before = new Date(this.#context.clock.now().getTime() - days * DAY_MS);
    await this.#context.store.db
      .deleteFrom("service_calls")
      .where("deployment", "=", deployment)
      .where("at", "<", before)
      .execute();
    this.#performance.delete(deployment);
  }
}
