/**
 * What partners have yet to hear. Written in the transaction of the act it tells of, delivered in order per partner,
 * retried until the partner answers: so nothing acknowledged here is lost there, also with a kill in between.
 * Receivers are idempotent. A refusal ends the delivery and goes to whoever sent it.
 */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { toJson } from "../store/columns.ts";
import { callPartner } from "./calls.ts";
import type { Side } from "./side.ts";

const RETRY_MS = [250, 500, 1000, 2000, 5000, 10_000, 30_000] as const;
/** What a partner does not know after so many tries it will never know: it refused what this refers to. */
const NOT_YET_MAX = 8;
const EXPIRY_MS = 7 * 86_400_000;

export type OnRefused = (side: Side, party: string, path: string, body: unknown, error: TomboloError) => Promise<void>;

export type OnDelivered = (side: Side, party: string, path: string, body: unknown) => Promise<void>;

export class Outbox {
  #side: Side | undefined;
  #onRefused: OnRefused = async () => {};
  #onDelivered: OnDelivered = async () => {};
  readonly #busy = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #closed = false;

  /** Delivers what a former process left, then whatever `post` adds. */
  async start(side: Side, onRefused: OnRefused, onDelivered: OnDelivered): Promise<void> {
    this.#side = side;
    this.#onRefused = onRefused;
    this.#onDelivered = onDelivered;
    const parties = await side.store.db.selectFrom("outbox").select("party").distinct().execute();
    for (const { party } of parties) this.kick(party);
  }

  /** Joins the caller's transaction. */
  async post(side: Side, party: string, path: string, body: unknown): Promise<void> {
    const now = side.clock.now();
    const expires = new Date(now.getTime() + EXPIRY_MS);
    await side.store.db
      .insertInto("outbox")
      .values({ party, path, body: toJson(body), next_at: now, expires_at: expires })
      .execute();
    side.store.afterCommit(() => this.kick(party));
  }

  /** The partner was heard of: what waits for another try need not wait longer. */
  nudge(party: string): void {
    if (this.#timers.has(party)) this.kick(party);
  }

  /** Tries now: something was added, or the partner came back. */
  kick(party: string): void {
    if (this.#closed || this.#side === undefined) return;
    clearTimeout(this.#timers.get(party));
    this.#timers.delete(party);
    const before = this.#busy.get(party);
    if (before !== undefined) return void this.#again.add(party);
    const side = this.#side;
    const run = this.#deliver(side, party)
      .catch((error: unknown) => side.log.error({ err: error, partner: party }, "delivery to a partner failed"))
      .finally(() => {
        this.#busy.delete(party);
        if (this.#again.delete(party)) this.kick(party);
      });
    this.#busy.set(party, run);
  }

  readonly #again = new Set<string>();

  async #deliver(side: Side, party: string): Promise<void> {
    for (;;) {
      const row = await side.store.db
        .selectFrom("outbox")
        .selectAll()
        .where("party", "=", party)
        .orderBy("id")
        .limit(1)
        .executeTakeFirst();
      if (row === undefined || this.#closed) return;
      const error = await callPartner(side, party, row.path, row.body, z.unknown()).then(
        () => undefined,
        (cause: unknown) => TomboloError.from(cause, "transport.failed", "the partner could not be reached"),
      );
      const late =
        row.expires_at <= side.clock.now() || (error?.code === "resource.not-yet" && row.attempts >= NOT_YET_MAX);
      const retry = error !== undefined && isTransient(error) && !late;
      if (retry) return this.#later(side, party, row.id, row.attempts);
      if (error !== undefined) await this.#onRefused(side, party, row.path, row.body, error);
      else await this.#onDelivered(side, party, row.path, row.body);
      await side.store.db.deleteFrom("outbox").where("id", "=", row.id).execute();
    }
  }

  async #later(side: Side, party: string, id: number, attempts: number): Promise<void> {
    await side.store.db
      .updateTable("outbox")
      .set({ attempts: attempts + 1 })
      .where("id", "=", id)
      .execute();
    const delay = RETRY_MS[Math.min(attempts, RETRY_MS.length - 1)]!;
    this.#timers.set(
      party,
      setTimeout(() => this.kick(party), delay),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#busy.values());
  }
}

/** Worth another try: the network, or the partner's own trouble. A refusal is not. */
export const isTransient = (error: TomboloError): boolean =>
  error.family === "transport" ||
  error.code === "state.internal" ||
  error.family === "resource" ||
  error.code === "auth.expired";
