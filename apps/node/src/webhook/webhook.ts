/**
 * The webhook: tells one URL of the own organisation that something waits for a decision.
 *
 * The body names ids and titles, never data. It is signed: `tombolo-signature: t=<unix seconds>,v1=<hex>` where v1 is
 * HMAC-SHA256(secret, "<t>.<body>"). Deliveries are queued in the transaction of the act and survive a restart; they
 * are retried with growing waits for about a day, then dropped with a log line.
 */
import { createHmac, randomBytes } from "node:crypto";
import { TomboloError } from "@tombolo/base";
import type { Actor, NodeContext } from "../context.ts";
import { pause } from "../pause.ts";
import { toJson } from "../store/columns.ts";
import { postOnce } from "./post.ts";

const SETTING = "webhook";
const POLL_MS = 5_000;
const ATTEMPTS_MAX = 12;
const QUEUE_MAX = 1000;

interface Setting {
  readonly url: string;
  readonly secret: string;
}

export async function getWebhook(context: NodeContext): Promise<string | null> {
  return (await setting(context))?.url ?? null;
}

/** The secret is shown once. Null removes webhook and queue. */
export async function setWebhook(
  context: NodeContext,
  actor: Actor,
  url: string | null,
): Promise<{ url: string | null; secret: string | null }> {
  if (url !== null) checkUrl(url);
  const secret = url === null ? null : `whs_${randomBytes(32).toString("base64url")}`;
  await context.store.transaction(async (tx) => {
    await tx.deleteFrom("settings").where("name", "=", SETTING).execute();
    await tx.deleteFrom("webhook_deliveries").execute();
    if (url !== null)
      await tx
        .insertInto("settings")
        .values({ name: SETTING, value: toJson({ url, secret }) })
        .execute();
    const host = url === null ? null : new URL(url).host;
    const summary =
      host === null
        ? { en: "Webhook removed", zh: "已移除回调" }
        : { en: `Webhook set to ${host}`, zh: `已设置回调 ${host}` };
    await context.journal.append("webhook.set", actor, summary, { host });
  });
  return { url, secret };
}

/** Queues a message, in the caller's transaction. Does nothing without a webhook. */
export async function queueWebhook(context: NodeContext, message: Readonly<Record<string, unknown>>): Promise<void> {
  if ((await setting(context)) === undefined) return;
  const { db } = context.store;
  const { waiting } = await db
    .selectFrom("webhook_deliveries")
    .select((row) => row.fn.countAll<number>().as("waiting"))
    .executeTakeFirstOrThrow();
  if (Number(waiting) >= QUEUE_MAX) return;
  const now = context.clock.now();
  const body = JSON.stringify({ ...message, party: context.config.party, at: now.toISOString() });
  await db.insertInto("webhook_deliveries").values({ body, next_at: now, created_at: now }).execute();
}

/** Delivers until the signal aborts. */
export async function runWebhook(context: NodeContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const busy = await deliverNext(context, signal).catch((error: unknown) => {
      context.log.error({ err: error }, "webhook delivery failed");
      return false;
    });
    if (!busy) await pause(POLL_MS, signal);
  }
}

/** True if there may be more to do at once. */
export async function deliverNext(context: NodeContext, signal: AbortSignal): Promise<boolean> {
  const { db } = context.store;
  const now = context.clock.now();
  const due = db.selectFrom("webhook_deliveries").selectAll().where("next_at", "<=", now);
  const delivery = await due.orderBy("next_at").limit(1).executeTakeFirst();
  const target = await setting(context);
  if (delivery === undefined || target === undefined) return false;
  const attempts = delivery.attempts + 1;
  // Counted before the attempt: a crash in it must not repeat it for ever.
  const next_at = new Date(now.getTime() + Math.min(4 * 3_600_000, 15_000 * 2 ** attempts));
  await db.updateTable("webhook_deliveries").set({ attempts, next_at }).where("id", "=", delivery.id).execute();
  const failure = await attempt(context, target, delivery.body, signal);
  if (failure !== undefined && attempts < ATTEMPTS_MAX) {
    context.log.warn({ attempts, code: failure.code }, "webhook not delivered, will try again");
    return true;
  }
  if (failure !== undefined) context.log.error({ attempts, code: failure.code }, "webhook given up");
  await db.deleteFrom("webhook_deliveries").where("id", "=", delivery.id).execute();
  return true;
}

async function attempt(
  context: NodeContext,
  { url, secret }: Setting,
  body: string,
  signal: AbortSignal,
): Promise<TomboloError | undefined> {
  const seconds = Math.floor(context.clock.now().getTime() / 1000);
  const signature = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  const headers = { "content-type": "application/json", "tombolo-signature": `t=${seconds},v1=${signature}` };
  try {
    const { allowPrivateAddresses } = context.config.webhook;
    const status = await postOnce(new URL(url), headers, body, { allowPrivate: allowPrivateAddresses, signal });
    if (status >= 200 && status < 300) return undefined;
    return new TomboloError("transport.webhook", `the webhook answered ${status}`);
  } catch (error) {
    return TomboloError.from(error, "transport.webhook", "the webhook could not be reached");
  }
}

async function setting(context: NodeContext): Promise<Setting | undefined> {
  const row = await context.store.db
    .selectFrom("settings")
    .select("value")
    .where("name", "=", SETTING)
    .executeTakeFirst();
  return row?.value as Setting | undefined;
}

function checkUrl(text: string): void {
  const url = new URL(text);
  const fine = (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "";
  if (!fine) throw new TomboloError("input.webhook", "the webhook is an http or https URL without user and password");
}
