/** Users and their one-time links. Every change of who may do what is journalled. */
import { safeText, TomboloError } from "@tombolo/base";
import type { Role, User } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import type { Actor, NodeContext } from "../context.ts";
import { toJson } from "../store/columns.ts";
import type { Database } from "../store/schema.ts";
import { forgetFailures } from "./lockout.ts";
import { consoleOrigin } from "./origin.ts";
import { hashPassword } from "./passwords.ts";
import { endSessionsOf } from "./sessions.ts";
import { hashToken, newId, newToken } from "./tokens.ts";

const LINK_MINUTES = 15;

type UserRow = Selectable<Database["users"]>;

export interface OneTimeLink {
  readonly url: string;
  readonly expiresAt: string;
}

export const toUser = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  displayName: row.display_name,
  roles: [...row.roles],
  disabled: row.disabled,
  active: row.password_hash !== null || row.subject !== null,
  subject: row.subject,
  lastSignInAt: row.last_sign_in_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
});

export async function listUsers(context: NodeContext): Promise<User[]> {
  return (await context.store.db.selectFrom("users").selectAll().orderBy("username").execute()).map(toUser);
}

export async function hasUsers(context: NodeContext): Promise<boolean> {
  return (await context.store.db.selectFrom("users").select("id").limit(1).executeTakeFirst()) !== undefined;
}

export async function createUser(
  context: NodeContext,
  actor: Actor,
  input: { username: string; displayName: string; roles: readonly Role[] },
): Promise<{ user: User; link: OneTimeLink }> {
  return context.store.transaction(async (tx) => {
    const known = await tx.selectFrom("users").select("id").where("username", "=", input.username).executeTakeFirst();
    if (known !== undefined)
      throw new TomboloError("state.exists", `there is a user ${input.username} already`, {
        remedy: "Choose another name, or reset that user.",
      });
    const row: UserRow = {
      id: newId("user"),
      username: input.username,
      display_name: safeText(input.displayName, "the name", 200),
      roles: [...new Set(input.roles)],
      disabled: false,
      password_hash: null,
      ...{ issuer: null, subject: null },
      last_sign_in_at: null,
      created_at: context.clock.now(),
    };
    await tx
      .insertInto("users")
      .values({ ...row, roles: toJson(row.roles) })
      .execute();
    const roles = row.roles.join(", ");
    const summary = { en: `User ${row.username} created (${roles})`, zh: `已创建用户 ${row.username}（${roles}）` };
    await context.journal.append("user.created", actor, summary, {
      user: row.id,
      username: row.username,
      roles: [...row.roles],
    });
    return { user: toUser(row), link: await newLink(context, row.id) };
  });
}

export async function updateUser(
  context: NodeContext,
  actor: Actor,
  id: string,
  patch: {
    displayName?: string | undefined;
    roles?: readonly Role[] | undefined;
    disabled?: boolean | undefined;
    subject?: string | undefined;
  },
): Promise<User> {
  return context.store.transaction(async (tx) => {
    const row = await userRow(context, id);
    if (patch.roles !== undefined && row.subject !== null) throw providerDecides();
    if (patch.subject !== undefined) await tie(context, row, patch.subject);
    const next: UserRow = {
      ...row,
      display_name: patch.displayName === undefined ? row.display_name : safeText(patch.displayName, "the name", 200),
      roles: patch.roles === undefined ? row.roles : [...new Set(patch.roles)],
      disabled: patch.disabled ?? row.disabled,
    };
    const { display_name, disabled } = next;
    await tx
      .updateTable("users")
      .set({ display_name, disabled, roles: toJson(next.roles) })
      .where("id", "=", id)
      .execute();
    await refuseWithoutAdmin(context);
    if (next.disabled) await endSessionsOf(context, id);
    const summary = { en: `User ${row.username} changed`, zh: `已修改用户 ${row.username}` };
    await context.journal.append("user.changed", actor, summary, {
      user: id,
      before: { roles: [...row.roles], disabled: row.disabled },
      after: { roles: [...next.roles], disabled: next.disabled },
      ...(patch.subject === undefined ? {} : { subject: patch.subject }),
    });
    return toUser(await userRow(context, id));
  });
}

/** From now on the person signs in at the provider alone. */
async function tie(context: NodeContext, { id }: UserRow, subject: string): Promise<void> {
  const { store, config } = context;
  const issuer = config.signIn?.issuer;
  if (issuer === undefined)
    throw new TomboloError("input.subject", "no identity provider is configured for people", {
      remedy: "Set signIn in node.yaml first.",
    });
  const known = store.db.selectFrom("users").select("id").where("issuer", "=", issuer).where("subject", "=", subject);
  const other = await known.executeTakeFirst();
  if (other !== undefined && other.id !== id)
    throw new TomboloError("state.exists", "another user is that person already");
  await store.db.updateTable("users").set({ issuer, subject, password_hash: null }).where("id", "=", id).execute();
  await store.db.deleteFrom("one_time_links").where("user_id", "=", id).execute();
  await endSessionsOf(context, id);
}

const providerDecides = (): TomboloError =>
  new TomboloError("state.provider", "this person signs in at the identity provider, which gives the roles", {
    remedy: "Change it there, or in signIn.roles of the node's configuration; a user can be disabled here.",
  });

/** A new one-time link; ends the user's sessions and makes the old password useless. */
export async function resetUser(context: NodeContext, actor: Actor, id: string): Promise<OneTimeLink> {
  return context.store.transaction(async (tx) => {
    const row = await userRow(context, id);
    if (row.subject !== null) throw providerDecides();
    await tx.updateTable("users").set({ password_hash: null }).where("id", "=", id).execute();
    await tx.deleteFrom("one_time_links").where("user_id", "=", id).execute();
    await forgetFailures(context, row.username);
    await endSessionsOf(context, id);
    const summary = { en: `User ${row.username} reset`, zh: `已重置用户 ${row.username}` };
    await context.journal.append("user.reset", actor, summary, { user: id });
    return newLink(context, id);
  });
}

/** By name, for the command line. */
export async function userIdByName(context: NodeContext, username: string): Promise<string> {
  const row = await context.store.db
    .selectFrom("users")
    .select("id")
    .where("username", "=", username)
    .executeTakeFirst();
  if (row === undefined)
    throw new TomboloError("input.user", `there is no user ${username}`, {
      remedy: "List users in the console, or create one with `user add`.",
    });
  return row.id;
}

async function newLink(context: NodeContext, userId: string): Promise<OneTimeLink> {
  const token = newToken();
  const now = context.clock.now();
  const expiresAt = new Date(now.getTime() + LINK_MINUTES * 60_000);
  await context.store.db.deleteFrom("one_time_links").where("expires_at", "<", now).execute();
  await context.store.db
    .insertInto("one_time_links")
    .values({ token_hash: hashToken(token), user_id: userId, expires_at: expiresAt, used_at: null })
    .execute();
  // In the fragment: it reaches no server log and no Referer header.
  return { url: `${consoleOrigin(context.config)}/link#${token}`, expiresAt: expiresAt.toISOString() };
}

/** Whose link it is, while it is valid. Throws `auth.link`. */
export async function userOfLink(context: NodeContext, token: string): Promise<User> {
  const row = await context.store.db
    .selectFrom("one_time_links")
    .innerJoin("users", "users.id", "one_time_links.user_id")
    .selectAll("users")
    .where("token_hash", "=", hashToken(token))
    .where("used_at", "is", null)
    .where("expires_at", ">", context.clock.now())
    .where("users.disabled", "=", false)
    .executeTakeFirst();
  if (row === undefined)
    throw new TomboloError("auth.link", "this link was used already, has expired, or is not one of ours", {
      remedy: "Ask an administrator for a new one (`tombolo user reset <name>`).",
    });
  return toUser(row);
}

/** Uses the link up and sets the password, in one transaction: of two at the same time one wins. */
export async function setPasswordByLink(context: NodeContext, token: string, password: string): Promise<User> {
  const user = await userOfLink(context, token);
  refuseWeak(password, user.username);
  const passwordHash = await hashPassword(password);
  return context.store.transaction(async (tx) => {
    const used = await tx
      .updateTable("one_time_links")
      .set({ used_at: context.clock.now() })
      .where("token_hash", "=", hashToken(token))
      .where("used_at", "is", null)
      .returning("user_id")
      .executeTakeFirst();
    if (used === undefined) return userOfLink(context, token);
    await tx.updateTable("users").set({ password_hash: passwordHash }).where("id", "=", user.id).execute();
    await endSessionsOf(context, user.id);
    const summary = {
      en: `${user.username} set a password by one-time link`,
      zh: `${user.username} 通过一次性链接设置了密码`,
    };
    await context.journal.append("user.activated", { kind: "user", id: user.id, name: user.username }, summary, {
      user: user.id,
    });
    return { ...user, active: true };
  });
}

/** The policy is length (12, by the schema); the only other rule stops the most obvious guess. */
export function refuseWeak(password: string, username: string): void {
  const plain = password.toLowerCase();
  if (plain.includes(username) || new Set(plain).size < 5)
    throw new TomboloError("input.password", "this password is too easy to guess", {
      remedy: "Use at least 12 characters with some variety, and not your user name.",
    });
}

export async function userRow(context: NodeContext, id: string): Promise<UserRow> {
  const row = await context.store.db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw new TomboloError("state.unknown", "there is no such user");
  return row;
}

async function refuseWithoutAdmin(context: NodeContext): Promise<void> {
  const users = await context.store.db.selectFrom("users").select("roles").where("disabled", "=", false).execute();
  if (users.some((user) => user.roles.includes("admin"))) return;
  throw new TomboloError("state.last-admin", "somebody has to stay administrator", {
    remedy: "Give another user the admin role first.",
  });
}
