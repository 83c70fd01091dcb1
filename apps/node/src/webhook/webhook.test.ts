import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { systemActor } from "../context.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { deliverNext, getWebhook, queueWebhook, setWebhook } from "./webhook.ts";

let context: TestContext;
let receiver: Server;
let url: string;
let status = 200;
const received: { headers: IncomingHttpHeaders; body: string; path: string }[] = [];
beforeAll(async () => {
  context = await testContext({ config: { webhook: { allowPrivateAddresses: true } } });
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body, path: request.url ?? "" });
      response.writeHead(status, { location: "/elsewhere" }).end("ignored");
    });
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
}, 60_000);
afterAll(async () => {
  receiver.close();
  await context[Symbol.asyncDispose]();
}, 60_000);
afterEach(() => {
  status = 200;
  received.length = 0;
});

const { signal } = new AbortController();
const waiting = async () => (await context.store.db.selectFrom("webhook_deliveries").selectAll().execute()).length;

test("a delivery is signed over time and body, and leaves the queue", async () => {
  const { secret } = await setWebhook(context, systemActor, url);
  await queueWebhook(context, { event: "approval.waiting", approval: "a1" });
  await deliverNext(context, signal);
  const [{ headers, body }] = received as [(typeof received)[0]];
  expect(JSON.parse(body)).toMatchObject({ event: "approval.waiting", approval: "a1", party: "bank" });
  const [, time, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["tombolo-signature"]))!;
  expect(createHmac("sha256", secret!).update(`${time}.${body}`).digest("hex")).toBe(signature);
  expect(await waiting()).toBe(0);
});

test("a failing receiver is tried again later, at most twelve times", async () => {
  await setWebhook(context, systemActor, url);
  await queueWebhook(context, { event: "x" });
  status = 500;
  let attempts = 0;
  for (; (await waiting()) > 0; attempts++) {
    await deliverNext(context, signal);
    expect(await deliverNext(context, signal), "not again at once").toBe(false);
    context.clock.advance(5 * 60);
  }
  expect(attempts).toBe(12);
  expect(received.length).toBe(12);
});

test("redirects are not followed", async () => {
  await setWebhook(context, systemActor, url);
  await queueWebhook(context, { event: "x" });
  status = 302;
  await deliverNext(context, signal);
  expect(received.map((each) => each.path)).toEqual(["/hook"]);
});

test("private addresses need the configuration's leave; metadata addresses are never called", async () => {
  await setWebhook(context, systemActor, url);
  await queueWebhook(context, { event: "x" });
  context.config.webhook.allowPrivateAddresses = false;
  await deliverNext(context, signal);
  context.config.webhook.allowPrivateAddresses = true;
  expect(received).toEqual([]);
  expect(await waiting()).toBe(1);
  await setWebhook(context, systemActor, "http://169.254.169.254/latest/meta-data");
  await queueWebhook(context, { event: "x" });
  await deliverNext(context, signal);
  expect(await waiting()).toBe(1);
});

test("only http and https without credentials; removing it empties the queue", async () => {
  for (const bad of ["ftp://example.org/x", "https://user:pass@example.org/"])
    await expect(setWebhook(context, systemActor, bad)).rejects.toMatchObject({ code: "input.webhook" });
  await setWebhook(context, systemActor, null);
  expect(await getWebhook(context)).toBeNull();
  await queueWebhook(context, { event: "x" });
  expect(await waiting()).toBe(0);
});
