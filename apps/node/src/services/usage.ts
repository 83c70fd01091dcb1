/**
 * What each caller had answered today, and whether it may have more. Kept in memory and written every few moments: a node
 * that is killed forgets at most those. A row counts once it is asked for; what is refused is given back.
 */
import { TomboloError } from "@tombolo/base";
import type { ServiceLimits } from "@tombolo/sdk";
import type { Caller } from "../api/handlers.ts";
import { RateLimit } from "../api/rate-limit.ts";
import type { NodeContext } from "../context.ts";

/** Bursts may take the rows of so many seconds at once. */
const BURST_SECONDS = 2;
/** Each is written before it is answered, unlike a score. */
const OUTCOMES_PER_SECOND = 1_000;
const OUTCOMES_BURST = 10_000;
const DAY_MS = 86_400_000;

export interface Used {
  readonly caller: string;
  /** As it was called last. */
  name: string;
  readonly day: string;
  calls: number;
  rows: number;
  changed: boolean;
}

export class Usage {
  readonly #service: string;
  readonly #context: NodeContext;
  /** By caller and day: of a day that is over, until it is written. */
  readonly #callers = new Map<string, Used>();
  readonly #outcomes: RateLimit;
  #limits!: ServiceLimits;
  #rate!: RateLimit;

  constructor(context: NodeContext, service: string, limits: ServiceLimits) {
    this.#context = context;
    this.#service = service;
    this.#outcomes = new RateLimit(OUTCOMES_PER_SECOND * 60, context.clock, OUTCOMES_BURST);
    this.limits = limits;
  }

  set limits(limits: ServiceLimits) {
    this.#limits = limits;
    const { rowsPerSecond } = limits;
    this.#rate = new RateLimit(rowsPerSecond * 60, this.#context.clock, Math.max(1000, rowsPerSecond * BURST_SECONDS));
  }

  async load(): Promise<void> {
    const rows = await this.#context.store.db
      .selectFrom("service_usage")
      .selectAll()
      .where("service", "=", this.#service)
      .where("day", "=", this.#today())
      .execute();
    for (const { caller, name, day, calls, rows: count } of rows)
      this.#callers.set(`${caller}\n${day}`, { caller, name, day, calls, rows: count, changed: false });
  }

  /** Takes the rows, or throws; answers how to give them back. */
  take(actor: Caller, rows: number): () => void {
    const quota = this.quotaOf(actor);
    const used = this.#of(actor);
    if (used.rows + rows > quota)
      throw new TomboloError("auth.quota", `${actor.name} may have ${quota} rows a day answered here`, {
        remedy: "Wait for the next day (UTC), or ask for a higher quota.",
        detail: { retryAfterSeconds: this.#secondsLeft() },
      });
    this.#rate.take(this.#service, rows);
    used.calls++;
    used.rows += rows;
    used.changed = true;
    return () => {
      used.rows -= rows;
      used.changed = true;
    };
  }

  /** Of all callers together. */
  takeOutcomes(actor: Caller, items: number): void {
    this.quotaOf(actor);
    this.#outcomes.take(this.#service, items);
  }

  /** Of one that was seen today, by its id. */
  quotaOfId(id: string): number {
    const { callers, rowsPerDay } = this.#limits;
    return callers?.find(({ keyId }) => keyId === id)?.rowsPerDay ?? rowsPerDay;
  }

  /** Rows a day. People who may manage services try them under the quota for all. */
  quotaOf({ kind, id, name }: Caller): number {
    const { callers, rowsPerDay } = this.#limits;
    if (callers === null || kind === "user") return rowsPerDay;
    const own = callers.find(({ keyId }) => keyId === id);
    if (own === undefined)
      throw new TomboloError("auth.caller", `${name} is not among the callers of this service`, {
        remedy: "Have it added to the service's callers.",
      });
    return own.rowsPerDay ?? rowsPerDay;
  }

  get today(): readonly Used[] {
    const day = this.#today();
    return [...this.#callers.values()].filter((each) => each.day === day);
  }

  /** Writes what has changed. */
  async flush(): Promise<void> {
    const changed = [...this.#callers.values()].filter((each) => each.changed);
    if (changed.length === 0) return;
    for (const each of changed) each.changed = false;
    await this.#write(changed).catch((error: unknown) => {
      for (const each of changed) each.changed = true;
      throw error;
    });
    const day = this.#today();
    for (const [key, each] of this.#callers) if (each.day !== day && !each.changed) this.#callers.delete(key);
  }

  #write(changed: readonly Used[]): Promise<unknown> {
    const service = this.#service;
    return this.#context.store.db
      .insertInto("service_usage")
      .values(changed.map(({ caller, name, day, calls, rows }) => ({ service, caller, name, day, calls, rows })))
      .onConflict((conflict) =>
        conflict.columns(["service", "caller", "day"]).doUpdateSet((row) => ({
          name: row.ref("excluded.name"),
          calls: row.ref("excluded.calls"),
          rows: row.ref("excluded.rows"),
        })),
      )
      .execute();
  }

  #of({ id: caller, name }: Caller): Used {
    const day = this.#today();
    const key = `${caller}\n${day}`;
    const used = this.#callers.get(key) ?? { caller, name, day, calls: 0, rows: 0, changed: false };
    used.name = name;
    this.#callers.set(key, used);
    return used;
  }

  #secondsLeft = (): number => Math.ceil((DAY_MS - (this.#context.clock.now().getTime() % DAY_MS)) / 1000);

  #today = (): string => this.#context.clock.now().toISOString().slice(0, 10);
}
