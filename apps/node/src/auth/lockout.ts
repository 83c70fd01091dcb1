/**
 * Slows guessing down. Failures are counted per user and address, per address, and per user; each has a threshold
 * after which waits double up to an hour. The first one stops a guesser without locking the user out elsewhere; the
 * last only answers many addresses at one user. An attempt counts before its password is checked, so that parallel
 * attempts cannot slip through.
 */
import { TomboloError } from "@tombolo/base";
import type { NodeContext } from "../context.ts";

const MINUTE_MS = 60_000;
const WAIT_MS_MAX = 60 * MINUTE_MS;
/** After a quiet day the count starts anew. */
const FORGET_MS = 24 * 60 * MINUTE_MS;

interface Subject {
  readonly key: string;
  readonly failuresFree: number;
}

const subjectsOf = (username: string, address: string): Subject[] => [
  { key: `both:${username}|${address}`, failuresFree: 5 },
  { key: `address:${address}`, failuresFree: 30 },
  { key: `user:${username}`, failuresFree: 50 },
];

/** Counts an attempt, or throws `auth.locked` when one of its subjects has to wait. */
export async function countAttempt(context: NodeContext, username: string, address: string): Promise<void> {
  const now = context.clock.now();
  await context.store.transaction(async (tx) => {
    const forget = new Date(now.getTime() - FORGET_MS);
    await tx.deleteFrom("sign_in_failures").where("last_failure_at", "<", forget).execute();
    for (const subject of subjectsOf(username, address)) {
      const rows = tx.selectFrom("sign_in_failures").selectAll().where("subject", "=", subject.key);
      const row = await rows.forUpdate().executeTakeFirst();
      if (row?.blocked_until != null && row.blocked_until > now) throw locked(row.blocked_until, now);
      const failures = (row?.failures ?? 0) + 1;
      const values = {
        failures,
        blocked_until: blockedUntil(failures - subject.failuresFree, now),
        last_failure_at: now,
      };
      await tx
        .insertInto("sign_in_failures")
        .values({ subject: subject.key, ...values })
        .onConflict((conflict) => conflict.column("subject").doUpdateSet(values))
        .execute();
    }
  });
}

/** A right password: the attempt was no failure. */
export async function forgiveAttempt(context: NodeContext, username: string, address: string): Promise<void> {
  const [both, byAddress, byUser] = subjectsOf(username, address);
  await context.store.transaction(async (tx) => {
    await tx.deleteFrom("sign_in_failures").where("subject", "in", [both!.key, byUser!.key]).execute();
    // Only this attempt is taken back: an own account must not clear the count of guesses at others.
    await tx
      .updateTable("sign_in_failures")
      .set((row) => ({ failures: row("failures", "-", 1), blocked_until: null }))
      .where("subject", "=", byAddress!.key)
      .execute();
  });
}

/** After an administrator's reset the user may sign in from anywhere. */
export async function forgetFailures(context: NodeContext, username: string): Promise<void> {
  const exact = username.replace(/_/g, "\\_");
  await context.store.db
    .deleteFrom("sign_in_failures")
    .where((row) => row.or([row("subject", "=", `user:${username}`), row("subject", "like", `both:${exact}|%`)]))
    .execute();
}

function blockedUntil(over: number, now: Date): Date | null {
  if (over < 0) return null;
  return new Date(now.getTime() + Math.min(WAIT_MS_MAX, MINUTE_MS * 2 ** Math.min(over, 10)));
}

function locked(until: Date, now: Date): TomboloError {
  const minutes = Math.ceil((until.getTime() - now.getTime()) / MINUTE_MS);
  const wait = minutes === 1 ? "a minute" : `${minutes} minutes`;
  return new TomboloError("auth.locked", `too many failed attempts; wait ${wait}`, {
    remedy: "Wait, or ask an administrator for a new one-time link.",
  });
}
