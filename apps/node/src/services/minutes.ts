/** What a deployment did, by the minute: counted in memory, written every few moments. Counts only, never an id. */
import type { ScoreAnswer } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import type { NodeContext } from "../context.ts";
import { toJson } from "../store/columns.ts";
import type { ScoreReference, ServiceTables } from "../store/tables/services.ts";
import { addCounts, addNamed, binOf, LATENCY_EDGES_MS, sum, zeros } from "./figures.ts";

export const MINUTE_MS = 60_000;
/** Codes and rules are few; what a partner's text might make of them is not counted by name. */
const NAMES_MAX = 32;
/** Minutes that wait to be written, while the store does not take them. */
const PAST_MAX = 120;

export type Minute = Selectable<ServiceTables["service_minutes"]>;

interface Counted {
  readonly at: number;
  calls: number;
  rows: number;
  errors: Record<string, number>;
  policies: Record<string, number>;
  latency: number[];
  scores: number[];
  changed: boolean;
}

export class Minutes {
  readonly #context: NodeContext;
  readonly #deployment: string;
  #now: Counted | undefined;
  /** Minutes that are over and not written yet, oldest first. */
  #past: Counted[] = [];

  constructor(context: NodeContext, deployment: string) {
    this.#context = context;
    this.#deployment = deployment;
  }

  /** After a restart: the minute goes on where it was. */
  async load(): Promise<void> {
    const at = this.#minute();
    const row = await this.#context.store.db
      .selectFrom("service_minutes")
      .selectAll()
      .where("deployment", "=", this.#deployment)
      .where("at", "=", new Date(at))
      .executeTakeFirst();
    if (row === undefined) return;
    const { calls, rows, errors, policies, latency, scores } = row;
    this.#now = {
      ...{ at, calls, rows, changed: false },
      errors: { ...errors },
      policies: { ...policies },
      latency: [...latency],
      scores: [...scores],
    };
  }

  answered(items: readonly ScoreAnswer[], ms: number, reference: ScoreReference | null): void {
    const minute = this.#current();
    minute.calls++;
    minute.rows += items.length;
    minute.latency[binOf(LATENCY_EDGES_MS, ms)]!++;
    for (const { score, policy, refusal } of items) {
      if (policy != null) count(minute.policies, `${policy.cause}/${policy.instead}`);
      if (refusal != null) count(minute.policies, refusal.code);
      // A default in place of a score says nothing of how the model scores.
      if (reference !== null && policy == null && typeof score === "number") {
        const bin = binOf(reference.edges, score);
        minute.scores[bin] = (minute.scores[bin] ?? 0) + 1;
      }
    }
  }

  refused(code: string): void {
    const minute = this.#current();
    minute.calls++;
    count(minute.errors, code);
  }

  get isChanged(): boolean {
    return this.#now?.changed === true || this.#past.length > 0;
  }

  async flush(): Promise<void> {
    const past = [...this.#past];
    const now = this.#now?.changed === true ? [this.#now] : [];
    const changed = [...past, ...now];
    if (changed.length === 0) return;
    for (const each of changed) each.changed = false;
    try {
      await this.#write(changed);
      this.#past = this.#past.filter((each) => each.changed || !past.includes(each));
    } catch (error) {
      for (const each of changed) each.changed = true;
      // A minute that ended meanwhile had nothing left to write.
      const over = now.filter((each) => each !== this.#now && !this.#past.includes(each));
      this.#past = [...this.#past, ...over];
      throw error;
    }
  }

  #write(minutes: readonly Counted[]): Promise<unknown> {
    const values = minutes.map(({ at, calls, rows, errors, policies, latency, scores }) => ({
      ...{ deployment: this.#deployment, at: new Date(at), calls, rows },
      errors: toJson(errors),
      policies: toJson(policies),
      latency: toJson(latency),
      scores: toJson(Array.from(scores, (each) => each ?? 0)),
    }));
    return this.#context.store.db
      .insertInto("service_minutes")
      .values(values)
      .onConflict((conflict) =>
        conflict.columns(["deployment", "at"]).doUpdateSet((row) => ({
          calls: row.ref("excluded.calls"),
          rows: row.ref("excluded.rows"),
          errors: row.ref("excluded.errors"),
          policies: row.ref("excluded.policies"),
          latency: row.ref("excluded.latency"),
          scores: row.ref("excluded.scores"),
        })),
      )
      .execute();
  }

  #current(): Counted {
    const at = this.#minute();
    if (this.#now?.at !== at) {
      if (this.#now?.changed === true) this.#past = [...this.#past, this.#now].slice(-PAST_MAX);
      const latency = zeros(LATENCY_EDGES_MS.length + 1);
      this.#now = { at, calls: 0, rows: 0, errors: {}, policies: {}, latency, scores: [], changed: false };
    }
    this.#now.changed = true;
    return this.#now;
  }

  #minute = (): number => Math.floor(this.#context.clock.now().getTime() / MINUTE_MS) * MINUTE_MS;
}

function count(into: Record<string, number>, name: string): void {
  const known = Object.hasOwn(into, name) || Object.keys(into).length < NAMES_MAX ? name : "other";
  into[known] = (into[known] ?? 0) + 1;
}

/** Of minutes of one deployment. */
export function totalOf(minutes: readonly Minute[]) {
  const total = { calls: 0, rows: 0, refused: 0, errors: {} as Record<string, number>, scores: [] as number[] };
  for (const minute of minutes) {
    total.calls += minute.calls;
    total.rows += minute.rows;
    total.refused += sum(Object.values(minute.errors));
    addNamed(total.errors, minute.errors);
    addCounts(total.scores, minute.scores);
  }
  return total;
}
