import { TomboloError } from "@tombolo/base";
import { bytes, createMeter, message, openPeer, stream } from "@tombolo/channel";
import { describe, expect, test } from "vitest";
import { SESSION, type TestNode, twoNodes } from "./testing/two-nodes.ts";

const means = { en: "a test message", zh: "测试消息" };
const CHUNK = 200_000;
const table = {
  bulk: stream("left", "right", bytes(CHUNK), { means, sizeMax: CHUNK }),
  there: message("left", "right", bytes(100), { means, sizeMax: 100 }),
  back: message("right", "left", bytes(100), { means, sizeMax: 100 }),
};
const binding = {
  consentHash: new Uint8Array(32),
  job: "job-1",
  task: "task-1",
  attempt: 1,
  componentVersion: "1.0.0",
  protocol: "test",
  suite: "international",
};

async function peerOf<Role extends "left" | "right">(node: TestNode, role: Role) {
  const [self, party] = role === "left" ? ["bank", "telco"] : ["telco", "bank"];
  const deadlineMs = 10_000;
  return openPeer(await node.link(), table, {
    ...{ role, peerRole: role === "left" ? "right" : "left", self: self!, party: party!, binding, deadlineMs },
    meter: createMeter(),
    openLane: (lane) => node.link({ sessionId: `${SESSION}.lane.${lane}` }),
  });
}

async function lanes() {
  const nodes = await twoNodes();
  const [left, right] = await Promise.all([peerOf(nodes.bank, "left"), peerOf(nodes.telco, "right")]);
  const [leftLane, rightLane] = await Promise.all([left.lane(), right.lane()]);
  return { nodes, left, right, leftLane, rightLane };
}

describe("lanes between two nodes", () => {
  test("one goes on while the other's windows are full, over connections that break", async () => {
    const { nodes, left, right, leftLane, rightLane } = await lanes();
    const count = 250;
    const chunks = function* () {
      for (let i = 0; i < count; i++) yield new Uint8Array(CHUNK).fill(i);
    };
    const sent = left.sendEach("bulk", chunks());
    for (let i = 0; i < 30; i++) {
      if (i % 10 === 5) nodes.proxy.cut();
      const [, got] = await Promise.all([leftLane.send("there", Uint8Array.of(i)), rightLane.receive("there")]);
      expect(got).toEqual(Uint8Array.of(i));
      await Promise.all([rightLane.send("back", got), leftLane.receive("back")]);
    }
    let at = 0;
    for await (const chunk of right.receiveEach("bulk")) expect(chunk[CHUNK - 1]).toBe(at++ % 256);
    expect(at).toBe(count);
    await sent;
    await Promise.all([left.close(), right.close()]);
  }, 30_000);

  test("what ends one ends all at both sides, with the reason", async () => {
    const { left, right, leftLane, rightLane } = await lanes();
    const waiting = Promise.allSettled([left.receive("back"), right.receive("there"), leftLane.receive("back")]);
    left.abort(new TomboloError("aborted.cancelled", "cancelled").toPublic());
    for (const result of [...(await waiting), ...(await Promise.allSettled([rightLane.receive("there")]))])
      expect(result).toMatchObject({ status: "rejected", reason: { code: "aborted.cancelled" } });
  });
});
