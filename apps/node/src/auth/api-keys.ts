/** API keys of business systems: `Authorization: Bearer <secret>`, kept hashed, always with an end. */
import { safeText, TomboloError } from "@tombolo/base";
import type { ApiKey, Role } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import type { Actor, NodeContext } from "../context.ts";
import { toJson } from "../store/columns.ts";
import type { Database } from "../store/schema.ts";
import { hashToken, newId, newToken } from "./tokens.ts";

const DAY_MS = 86_400_000;
const TOUCH_MS = 60_000;
const PREFIX = "tbk_";
/** Business systems call thousands of times a second: a key is looked up once in a while. Deleting one forgets all. */
const FRESH_MS = 2_000;
const FRESH_MAX = 1000;

interface FreshKey {
  readonly key: ApiKey;
  readonly until: number;
}
const freshKeys = new WeakMap<NodeContext["store"], Map<string, FreshKey>>();

function freshOf({ store }: NodeContext): Map<string, FreshKey> {
  const known = freshKeys.get(store);
  if (known !== undefined) return known;
  const made = new Map<string, FreshKey>();
  freshKeys.set(store, made);
  return made;
}

const nameOf = (hash: Uint8Array): string => Buffer.from(hash).toString("base64");

/** It was good a moment ago. */
export const isFreshKey = (context: NodeContext, secret: string): boolean => freshKey(context, secret) !== undefined;

function freshKey(context: NodeContext, secret: string): ApiKey | undefined {
  const now = context.clock.now().getTime();
  const known = freshOf(context).get(nameOf(hashToken(secret)));
  return known !== undefined && known.until > now && Date.parse(known.key.expiresAt) > now ? known.key : undefined;
}

const ID_PREFIX = "key";
export const isKeyId = (id: string): boolean => id.startsWith(`${ID_PREFIX}-`);

const toApiKey = (row: Selectable<Database["api_keys"]>): ApiKey => ({
  id: row.id,
  name: row.name,
  roles: [...row.roles],
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  createdBy: row.created_by,
});

export async function listApiKeys(context: NodeContext): Promise<ApiKey[]> {
  return (await context.store.db.selectFrom("api_keys").selectAll().orderBy("created_at").execute()).map(toApiKey);
}

export async function createApiKey(
  context: NodeContext,
  actor: Actor,
  input: { name: string; roles: readonly Role[]; days: number },
): Promise<{ key: ApiKey; secret: string }> {
  const secret = `${PREFIX}${newToken()}`;
  const now = context.clock.now();
  const row = {
    id: newId(ID_PREFIX),
    // Partners see it as the name of who asked or decided.
    name: safeText(input.name, "the name", 200),
    secret_hash: hashToken(secret),
    roles: [...new Set(input.roles)],
    created_by: actor.name,
    created_at: now,
    expires_at: new Date(now.getTime() + input.days * DAY_MS),
    last_used_at: null,
  };
  await context.store.transaction(async (tx) => {
    await tx
      .insertInto("api_keys")
      .values({ ...row, roles: toJson(row.roles) })
      .execute();
    const summary = { en: `API key ${row.name} created`, zh: `已创建 API 密钥 ${row.name}` };
    await context.journal.append("api-key.created", actor, summary, {
      key: row.id,
      roles: row.roles,
      days: input.days,
    });
  });
  return { key: toApiKey(row), secret };
}

export async function deleteApiKey(context: NodeContext, actor: Actor, id: string): Promise<void> {
  await context.store.transaction(async (tx) => {
    const row = await tx.deleteFrom("api_keys").where("id", "=", id).returning("name").executeTakeFirst();
    if (row === undefined) throw new TomboloError("state.unknown", "there is no such API key");
    context.store.afterCommit(() => freshOf(context).clear());
    const summary = { en: `API key ${row.name} deleted`, zh: `已删除 API 密钥 ${row.name}` };
    await context.journal.append("api-key.deleted", actor, summary, { key: id });
  });
}

export async function apiKeyOf(context: NodeContext, secret: string): Promise<ApiKey | undefined> {
  if (!secret.startsWith(PREFIX)) return undefined;
  const fresh = freshKey(context, secret);
  if (fresh !== undefined) return fresh;
  const now = context.clock.now();
  const keys = context.store.db.selectFrom("api_keys").selectAll();
  const row = await keys.where("secret_hash", "=", hashToken(secret)).where("expires_at", ">", now).executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() > TOUCH_MS)
    await context.store.db.updateTable("api_keys").set({ last_used_at: now }).where("id", "=", row.id).execute();
  const key = toApiKey(row);
  const known = freshOf(context);
  if (known.size >= FRESH_MAX) known.clear();
  known.set(nameOf(row.secret_hash), { key, until: now.getTime() + FRESH_MS });
  return key;
}
