/** Sessions of people: an opaque token in a strict cookie; idle and absolute limits; ended on reset and disable. */
import type { Role } from "@tombolo/sdk";
import type { NodeContext } from "../context.ts";
import { hashToken, newToken } from "./tokens.ts";

/** `last_seen_at` is written at most this often. */
const TOUCH_MS = 60_000;

export interface SessionUser {
  readonly id: string;
  readonly username: string;
  readonly roles: readonly Role[];
}

/** Cookies ignore ports: the party's id keeps two nodes on one machine apart. */
export const cookieName = (party: string, secure: boolean): string => `${secure ? "__Host-" : ""}tombolo-${party}`;

export async function startSession(context: NodeContext, userId: string): Promise<string> {
  const token = newToken();
  const now = context.clock.now();
  await context.store.transaction(async (tx) => {
    await tx.updateTable("users").set({ last_sign_in_at: now }).where("id", "=", userId).execute();
    await tx.deleteFrom("sessions").where("created_at", "<", absoluteLimit(context)).execute();
    const session = { token_hash: hashToken(token), user_id: userId, created_at: now, last_seen_at: now };
    await tx.insertInto("sessions").values(session).execute();
  });
  return token;
}

/** Who holds this token, while the session lives. `touch` counts as activity (a live stream alone does not). */
export async function sessionUser(
  context: NodeContext,
  token: string,
  touch: boolean,
): Promise<SessionUser | undefined> {
  const now = context.clock.now();
  const idleSince = new Date(now.getTime() - context.config.session.idleMinutes * 60_000);
  const tokenHash = hashToken(token);
  const row = await context.store.db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .select(["users.id", "users.username", "users.roles", "sessions.last_seen_at"])
    .where("sessions.token_hash", "=", tokenHash)
    .where("sessions.last_seen_at", ">", idleSince)
    .where("sessions.created_at", ">", absoluteLimit(context))
    .where("users.disabled", "=", false)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (touch && now.getTime() - row.last_seen_at.getTime() > TOUCH_MS)
    await context.store.db
      .updateTable("sessions")
      .set({ last_seen_at: now })
      .where("token_hash", "=", tokenHash)
      .execute();
  return { id: row.id, username: row.username, roles: row.roles };
}

export async function endSession(context: NodeContext, token: string): Promise<void> {
  await context.store.db.deleteFrom("sessions").where("token_hash", "=", hashToken(token)).execute();
}

export async function endSessionsOf(context: NodeContext, userId: string): Promise<void> {
  await context.store.db.deleteFrom("sessions").where("user_id", "=", userId).execute();
}

const absoluteLimit = (context: NodeContext): Date =>
  new Date(context.clock.now().getTime() - context.config.session.absoluteHours * 3_600_000);
