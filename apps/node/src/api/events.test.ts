import type { LiveEvent } from "@tombolo/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventBus } from "../events/bus.ts";
import { type TestApi, testApi } from "../testing/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
}, 60_000);
afterAll(() => api[Symbol.asyncDispose](), 60_000);

const event = (kind: LiveEvent["kind"], id: string): LiveEvent => ({ kind, id, data: null });
const listening = async (count: number): Promise<void> => {
  while (api.context.events.listenerCount !== count) await new Promise((done) => setTimeout(done, 5));
};

test("a stream carries what its reader may see, of its job only, and ends when the reader goes", async () => {
  const analyst = await api.person("ana", "analyst");
  const stop = new AbortController();
  const stream = analyst.client.events({ job: "j1" }, stop.signal);
  const first = stream.next();
  await listening(1);
  for (const each of [event("journal", "j1"), event("job", "j2"), event("task", "j1/psi"), event("job", "j1")])
    api.context.events.publish(each);
  expect((await first).value).toEqual(event("task", "j1/psi"));
  expect((await stream.next()).value).toEqual(event("job", "j1"));
  stop.abort();
  await stream.next().catch(() => undefined);
  await listening(0);
});

test("no stream without a sign-in", async () => {
  expect((await fetch(`${api.origin}/api/v1/events`)).status).toBe(401);
});

test("a subscription that falls too far behind is ended", async () => {
  const bus = new EventBus();
  const signal = new AbortController().signal;
  const slow = bus.subscribe(() => true, signal);
  const first = slow.next();
  for (let i = 0; i < 1000; i++) bus.publish(event("job", `j${i}`));
  expect((await first).done).toBe(true);
  expect(bus.listenerCount).toBe(0);
});

test("closing the server ends open streams", async () => {
  const closing = await testApi();
  const analyst = await closing.person("ana", "analyst");
  const stream = analyst.client.events({}, new AbortController().signal);
  const first = stream.next();
  while (closing.context.events.listenerCount === 0) await new Promise((done) => setTimeout(done, 5));
  await closing[Symbol.asyncDispose]();
  expect((await first.catch(() => ({ done: true }))).done).toBe(true);
});
