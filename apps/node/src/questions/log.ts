/**
 * Who asked how many keys of which service, and what was refused: by caller and minute, counted in memory and written
 * every second. A node that is killed forgets at most that. Callers are told apart by their ids; names are for reading.
 * Counts only: no key that was asked is ever part of it.
 */
import { TomboloError } from "@tombolo/base";
import type { QuestionHistory } from "@tombolo/sdk";
import { sql } from "kysely";
import type { Caller } from "../api/handlers.ts";
import type { NodeContext } from "../context.ts";
import { pause } from "../pause.ts";
import { toJson } from "../store/columns.ts";

const FLUSH_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const KEPT_DAYS = 90;
const FORGET_MS = 3_600_000;
/** Codes that a partner's failures may have are its own; what comes beyond so many goes under one name. */
const CODES_MAX = 16;
export const OTHER_CODES = "state.other";
const ITEMS_MAX = 500;

interface Asked {
  readonly service: string;
  readonly caller: string;
  /** As it was called last. */
  name: string;
  readonly at: Date;
  calls: number;
  rows: number;
  found: number;
  readonly refused: Record<string, number>;
  changed: boolean;
}

/** Of a call, what is counted. */
interface Given {
  readonly actor: Pick<Caller, "id" | "name">;
  readonly params: { readonly name: string };
  readonly body: { readonly rows: readonly unknown[] };
  readonly http: { readonly traceId: string };
}
interface Reply {
  readonly traceId: string;
  readonly rows: readonly {
    readonly found?: unknown;
    readonly verified?: unknown;
    readonly refusal?: { readonly code: string } | null | undefined;
  }[];
}

export class QuestionLog {
  readonly #context: NodeContext;
  readonly #open = new Map<string, Asked>();
  #over: Asked[] = [];

  constructor(context: NodeContext) {
    this.#context = context;
  }

  /** Asks, and counts what came of it. A repeated call that gets the answer of the first is none of its own. */
  async counted<T extends Reply>(given: Given, ask: () => Promise<T>): Promise<T> {
    const count = given.body.rows.length;
    try {
      const reply = await ask();
      if (reply.traceId === given.http.traceId) answered(this.#entry(given), reply);
      return reply;
    } catch (error) {
      const { code } = TomboloError.from(error);
      // A name that is no service's has no page to stand on.
      if (code !== "state.unknown") refused(this.#entry(given), code, count);
      throw error;
    }
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let forgotten = 0;
    while (!signal.aborted) {
      await pause(FLUSH_MS, signal);
      try {
        await this.flush();
        if (Date.now() - forgotten < FORGET_MS) continue;
        forgotten = Date.now();
        await this.forget();
      } catch (error) {
        this.#context.log.error({ err: error }, "what was asked could not be written");
      }
    }
  }

  async flush(): Promise<void> {
    const minute = this.#context.clock.now().getTime() - MINUTE_MS;
    const changed = [...this.#over, ...this.#open.values()].filter((each) => each.changed);
    for (const each of changed) each.changed = false;
    try {
      for (const each of changed) await this.#write(each);
    } catch (error) {
      for (const each of changed) each.changed = true;
      throw error;
    }
    this.#over = this.#over.filter((each) => each.changed);
    for (const [key, each] of this.#open) if (!each.changed && each.at.getTime() < minute) this.#open.delete(key);
  }

  async forget(): Promise<void> {
    const before = new Date(this.#context.clock.now().getTime() - KEPT_DAYS * DAY_MS);
    await this.#context.store.db.deleteFrom("question_log").where("at", "<", before).execute();
  }

  /** The last `days` days (UTC), today among them. */
  async history(days: number, service: string | undefined): Promise<QuestionHistory> {
    await this.flush();
    const today = Math.floor(this.#context.clock.now().getTime() / DAY_MS) * DAY_MS;
    const rows = this.#context.store.db
      .selectFrom("question_log")
      .where("at", ">=", new Date(today - (days - 1) * DAY_MS))
      .$if(service !== undefined, (query) => query.where("service", "=", service!));
    const day = sql<string>`to_char(at at time zone 'UTC', 'YYYY-MM-DD')`;
    const byDay = await rows
      .select((row) => [
        day.as("day"),
        row.fn.sum<number>("rows").as("rows"),
        row.fn.sum<number>("unanswered").as("refused"),
      ])
      .groupBy(day)
      .orderBy("day")
      .execute();
    const items = await rows
      .selectAll()
      .orderBy("at", "desc")
      .limit(ITEMS_MAX + 1)
      .execute();
    return {
      items: items.slice(0, ITEMS_MAX).map(({ unanswered: _inCodes, caller, name, ...row }) => ({
        ...row,
        callerId: caller,
        caller: name,
        at: row.at.toISOString(),
        refused: { ...row.refused },
      })),
      more: items.length > ITEMS_MAX,
      days: byDay.map((each) => ({ day: each.day, rows: Number(each.rows), refused: Number(each.refused) })),
    };
  }

  #entry({ actor, params }: Given): Asked {
    const now = this.#context.clock.now();
    const key = JSON.stringify([params.name, actor.id]);
    const known = this.#open.get(key);
    if (known !== undefined && now.getTime() - known.at.getTime() < MINUTE_MS) {
      known.name = actor.name;
      return known;
    }
    if (known?.changed === true) this.#over.push(known);
    const fresh: Asked = {
      ...{ service: params.name, caller: actor.id, name: actor.name, at: now },
      ...{ calls: 0, rows: 0, found: 0, refused: {}, changed: false },
    };
    this.#open.set(key, fresh);
    return fresh;
  }

  #write({ service, caller, name, at, calls, rows, found, refused: codes }: Asked): Promise<unknown> {
    const unanswered = Object.values(codes).reduce((sum, count) => sum + count, 0);
    const counts = { name, calls, rows, found, unanswered, refused: toJson(codes) };
    return this.#context.store.db
      .insertInto("question_log")
      .values({ service, caller, at, ...counts })
      .onConflict((conflict) => conflict.columns(["service", "caller", "at"]).doUpdateSet(counts))
      .execute();
  }
}

function answered(entry: Asked, { rows }: Reply): void {
  entry.calls++;
  entry.rows += rows.length;
  entry.changed = true;
  for (const row of rows) {
    if (row.refusal != null) add(entry.refused, row.refusal.code, 1);
    else if (row.found === true || row.verified === true) entry.found++;
  }
}

function refused(entry: Asked, code: string, rows: number): void {
  entry.calls++;
  entry.rows += rows;
  entry.changed = true;
  add(entry.refused, code, rows);
}

function add(codes: Record<string, number>, code: string, rows: number): void {
  const name = code in codes || Object.keys(codes).length < CODES_MAX ? code : OTHER_CODES;
  codes[name] = (codes[name] ?? 0) + rows;
}
