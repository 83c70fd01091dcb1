import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Link } from "@tombolo/channel";
import { describe, expect, test } from "vitest";
import { twoNodes } from "./testing/two-nodes.ts";

/** Sends frames of random sizes; the digest covers every byte and every boundary. */
async function sendAll(link: Link, sizes: readonly number[]): Promise<string> {
  const hash = createHash("sha256");
  for (const size of sizes) {
    const frame = new Uint8Array(randomBytes(size));
    hash.update(`${size}:`).update(frame);
    await link.send(frame);
  }
  return hash.digest("hex");
}

async function receiveAll(link: Link, count: number, pause: () => Promise<void> = async () => {}): Promise<string> {
  const hash = createHash("sha256");
  for (let i = 0; i < count; i++) {
    const frame = await link.receive();
    if (frame === undefined) throw new Error(`closed after ${i} of ${count} frames`);
    hash.update(`${frame.length}:`).update(frame);
    await pause();
  }
  return hash.digest("hex");
}

const sizes = (count: number, sizeMax: number): number[] =>
  Array.from({ length: count }, () => Math.floor(Math.random() * sizeMax));

describe("a session between two nodes", () => {
  test("both directions carry every frame, then close in order", async () => {
    const nodes = await twoNodes();
    const [a, b] = await Promise.all([nodes.bank.link(), nodes.telco.link()]);
    const [there, back] = [sizes(300, 300_000), sizes(300, 100)];
    const [sentA, sentB, gotB, gotA] = await Promise.all([
      sendAll(a, there),
      sendAll(b, back),
      receiveAll(b, there.length),
      receiveAll(a, back.length),
    ]);
    expect(gotB).toBe(sentA);
    expect(gotA).toBe(sentB);
    await Promise.all([a.close(), b.close()]);
    expect(await a.receive()).toBeUndefined();
    expect(await b.receive()).toBeUndefined();
  });

  test("who closed last may be gone at once, with its node", async () => {
    const nodes = await twoNodes({ delayMs: 60 });
    const [a, b] = await Promise.all([nodes.bank.link({ deadlineMs: 5_000 }), nodes.telco.link({ deadlineMs: 5_000 })]);
    await Promise.all([a.send(new Uint8Array(100_000)), b.receive()]);
    const closed = b.close();
    expect(await a.receive()).toBeUndefined();
    await a.close();
    nodes.proxy.cut();
    await nodes.bank.close();
    await closed;
  });

  test("repeated cuts in mid-transfer lose and repeat nothing", async () => {
    const nodes = await twoNodes({ limits: { pingMs: 100 } });
    const [a, b] = await Promise.all([nodes.bank.link(), nodes.telco.link()]);
    const [there, back] = [sizes(600, 400_000), sizes(600, 100_000)];
    nodes.proxy.cutEveryBytes = 9_000_000;
    const slowly = (): Promise<void> => (Math.random() < 0.1 ? sleep(8) : Promise.resolve());
    const [sentA, sentB, gotB, gotA] = await Promise.all([
      sendAll(a, there),
      sendAll(b, back),
      receiveAll(b, there.length, slowly),
      receiveAll(a, back.length, slowly),
    ]);
    expect(nodes.proxy.cuts).toBeGreaterThan(8);
    nodes.proxy.cutEveryBytes = Number.POSITIVE_INFINITY;
    expect(gotB).toBe(sentA);
    expect(gotA).toBe(sentB);
    await Promise.all([a.close(), b.close()]);
  }, 40_000);

  test("a slow network with cuts delays, and loses and repeats nothing", async () => {
    const nodes = await twoNodes({ delayMs: 60 });
    const [a, b] = await Promise.all([nodes.bank.link(), nodes.telco.link()]);
    const frames = sizes(60, 200_000);
    let received = 0;
    const cutTwice = async (): Promise<void> => {
      if (++received % 20 === 0 && received < 60) nodes.proxy.cut();
    };
    const [sent, got] = await Promise.all([sendAll(a, frames), receiveAll(b, frames.length, cutTwice)]);
    expect(got).toBe(sent);
    const started = Date.now();
    await Promise.all([b.send(new Uint8Array(8)), a.receive()]);
    expect(Date.now() - started).toBeGreaterThanOrEqual(55); // the delay is real
    await Promise.all([a.close(), b.close()]);
  }, 60_000);

  test("an abort reaches the other side with its public reason", async () => {
    const nodes = await twoNodes();
    const [a, b] = await Promise.all([nodes.bank.link(), nodes.telco.link()]);
    const waiting = b.receive();
    a.abort({ code: "input.rows", message: "too few rows", stage: "psi/blind", blame: "bank" });
    await expect(waiting).rejects.toMatchObject({ code: "input.rows", stage: "psi/blind", blame: "bank" });
    await expect(a.receive()).rejects.toMatchObject({ code: "input.rows" });
    expect(b.signal.aborted).toBe(true);
  });

  test("a partner away beyond the deadline ends the link at both sides", async () => {
    const nodes = await twoNodes();
    const [a, b] = await Promise.all([nodes.bank.link({ deadlineMs: 700 }), nodes.telco.link({ deadlineMs: 700 })]);
    nodes.proxy.blocked = true;
    nodes.proxy.cut();
    const started = Date.now();
    await Promise.all([
      expect(a.receive()).rejects.toMatchObject({ code: "transport.peer-lost", blame: "telco" }),
      expect(b.receive()).rejects.toMatchObject({ code: "transport.peer-lost", blame: "bank" }),
    ]);
    expect(Date.now() - started).toBeLessThan(2500);
  });

  test("a slow reader holds the sender back: memory stays within the window", async () => {
    const nodes = await twoNodes();
    const windowBytes = 4 * 2 ** 20;
    const [a, b] = await Promise.all([nodes.bank.link({ windowBytes }), nodes.telco.link({ windowBytes })]);
    let sent = 0;
    const frame = new Uint8Array(2 ** 20);
    const sending = (async () => {
      for (; sent < 64; sent++) await a.send(frame);
    })();
    await sleep(500);
    expect(sent).toBeLessThanOrEqual(5);
    for (let i = 0; i < 64; i++) expect((await b.receive())?.length).toBe(2 ** 20);
    await sending;
  });

  test("a runner without a valid capability is refused", async () => {
    const nodes = await twoNodes();
    await expect(nodes.bank.link({ token: "wrong" })).rejects.toMatchObject({ code: "auth.token" });
  });
});
