/** Signing in with a password. Says the same, and takes as long, for a wrong password and for an unknown user. */
import { TomboloError } from "@tombolo/base";
import { type User, username as usernameSchema } from "@tombolo/sdk";
import type { Actor, NodeContext } from "../context.ts";
import { countAttempt, forgiveAttempt } from "./lockout.ts";
import { checkPassword, hashPassword } from "./passwords.ts";
import { endSessionsOf } from "./sessions.ts";
import { refuseWeak, toUser, userRow } from "./users.ts";

export async function signIn(context: NodeContext, name: string, password: string, address: string): Promise<User> {
  // What cannot be a user name is counted under one name, so that made-up names fill no table.
  const username = usernameSchema.safeParse(name).data ?? "(invalid)";
  await countAttempt(context, username, address);
  const row = await context.store.db
    .selectFrom("users")
    .selectAll()
    .where("username", "=", username)
    .executeTakeFirst();
  const right = await checkPassword(row?.disabled === false ? row.password_hash : null, password);
  if (!right || row === undefined) {
    context.log.warn({ username: row === undefined ? "(unknown)" : username, address }, "sign-in refused");
    throw new TomboloError("auth.credentials", "user name or password is wrong", {
      remedy: "Try again, or ask an administrator for a one-time link.",
    });
  }
  await forgiveAttempt(context, username, address);
  return toUser(row);
}

/** Ends all sessions of the user; the caller starts a new one. */
export async function changePassword(
  context: NodeContext,
  actor: Actor,
  input: { current: string; next: string },
  address: string,
): Promise<void> {
  const row = await userRow(context, actor.id);
  await signIn(context, row.username, input.current, address);
  refuseWeak(input.next, row.username);
  const passwordHash = await hashPassword(input.next);
  await context.store.transaction(async (tx) => {
    await tx.updateTable("users").set({ password_hash: passwordHash }).where("id", "=", row.id).execute();
    await endSessionsOf(context, row.id);
    const summary = { en: `${row.username} changed the password`, zh: `${row.username} 修改了密码` };
    await context.journal.append("user.password", actor, summary, { user: row.id });
  });
}
