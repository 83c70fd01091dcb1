import { TomboloError } from "@tombolo/base";
import { type MemoryNetwork, memoryNetwork, type Tamper } from "@tombolo/transport-memory";
import { describe, expect, test } from "vitest";
import { bytes, createMeter, LANES_MAX, type Link, message, openPeer, type PeerOptions } from "./index.ts";

const means = { en: "a test message", zh: "测试消息" };
const table = {
  there: message("left", "right", bytes(1000), { means, sizeMax: 1000 }),
  back: message("right", "left", bytes(1000), { means, sizeMax: 1000 }),
};
const binding = {
  consentHash: new Uint8Array(32),
  job: "job",
  task: "task",
  attempt: 1,
  componentVersion: "1.0.0",
  protocol: "test",
  suite: "international",
};

/** Links between the two, of each lane one; the end that comes second finds the other's. */
function linksOf(network: MemoryNetwork): (side: 0 | 1, lane: number) => Link {
  const links = new Map<number, readonly [Link, Link]>();
  return (side, lane) => {
    if (!links.has(lane)) links.set(lane, network.connect("bank", "telco"));
    return links.get(lane)![side];
  };
}

async function pair(tamper?: Tamper, deadlineMs = 2000) {
  const linkOf = linksOf(memoryNetwork({ windowFrames: 1, ...(tamper === undefined ? {} : { tamper }) }));
  const meter = createMeter();
  const common = { binding, meter, deadlineMs };
  const left: PeerOptions<"left"> = {
    ...{ ...common, role: "left", peerRole: "right", self: "bank", party: "telco" },
    openLane: async (lane) => linkOf(0, lane),
  };
  const right: PeerOptions<"right"> = {
    ...{ ...common, meter: createMeter(), role: "right", peerRole: "left", self: "telco", party: "bank" },
    openLane: async (lane) => linkOf(1, lane),
  };
  const sessions = await Promise.all([openPeer(linkOf(0, 0), table, left), openPeer(linkOf(1, 0), table, right)]);
  return { left: sessions[0], right: sessions[1], meter };
}

describe("a further lane", () => {
  test("has an order and room of its own, a binding of its own, and the session's meter", async () => {
    const { left, right, meter } = await pair();
    const [leftLane, rightLane] = await Promise.all([left.lane(), right.lane()]);
    expect(leftLane.binding).toEqual(rightLane.binding);
    expect(leftLane.binding).not.toEqual(left.binding);
    // The window of the first lane is full, and nobody reads there.
    await left.send("there", Uint8Array.of(1));
    const stuck = left.send("there", Uint8Array.of(2));
    for (let i = 0; i < 20; i++) {
      const [, got] = await Promise.all([leftLane.send("there", Uint8Array.of(100 + i)), rightLane.receive("there")]);
      expect(got).toEqual(Uint8Array.of(100 + i));
    }
    expect(await right.receive("there")).toEqual(Uint8Array.of(1));
    expect(await right.receive("there")).toEqual(Uint8Array.of(2));
    await stuck;
    expect(meter.snapshot().out.there).toMatchObject({ messages: 22, bytes: 22 });
    await Promise.all([left.close(), right.close()]);
  });

  test("meets the one that the partner opened as the same, up to the most there may be", async () => {
    const { left, right } = await pair();
    const lanes = Array.from({ length: LANES_MAX }, (_, i) => i);
    const opened = await Promise.all([
      Promise.all(lanes.map(() => left.lane())),
      Promise.all(lanes.map(() => right.lane())),
    ]);
    for (const i of lanes) {
      const [, got] = await Promise.all([
        opened[0][i]!.send("there", Uint8Array.of(i)),
        opened[1][i]!.receive("there"),
      ]);
      expect(got).toEqual(Uint8Array.of(i));
    }
    await expect(left.lane()).rejects.toMatchObject({ code: "state.internal" });
  });

  test("is refused where its first frame is that of another lane", async () => {
    const hellos: Uint8Array[] = [];
    const { left, right } = await pair((sent) => {
      if (sent.from === "bank" && sent.index === 0) hellos.push(sent.frame);
      return [sent.index === 0 && sent.from === "bank" ? hellos[0]! : sent.frame];
    });
    const [, refused] = await Promise.allSettled([left.lane(), right.lane()]);
    expect(refused).toMatchObject({ status: "rejected", reason: { code: "protocol.binding", blame: "bank" } });
    for (const waiting of [left.receive("back"), right.receive("there")])
      await expect(waiting).rejects.toMatchObject({ code: "protocol.binding" });
  });
});

describe("lanes end together", () => {
  test("what fails on one is what all calls on the others reject with, at both sides", async () => {
    const forged: Tamper = (sent) => [
      sent.from === "bank" && sent.index === 1 ? sent.frame.slice(0, 3) : sent.frame, // the first after the hello
    ];
    const { left, right } = await pair(forged);
    const [leftLane, rightLane] = await Promise.all([left.lane(), right.lane()]);
    const waiting = [left.receive("back"), right.receive("there"), leftLane.receive("back")];
    const ended = Promise.allSettled([...waiting, rightLane.receive("there")]);
    await leftLane.send("there", Uint8Array.of(1));
    for (const result of await ended)
      expect(result).toMatchObject({ status: "rejected", reason: { code: "protocol.frame", blame: "bank" } });
    await expect(right.send("back", Uint8Array.of(1))).rejects.toMatchObject({ code: "protocol.frame" });
  });

  test("an abort of the session ends its lanes", async () => {
    const { left, right } = await pair();
    const lanes = await Promise.all([left.lane(), right.lane()]);
    const waiting = Promise.allSettled([lanes[0].receive("back"), lanes[1].receive("there"), right.receive("there")]);
    left.abort(new TomboloError("aborted.cancelled", "cancelled").toPublic());
    for (const result of await waiting)
      expect(result).toMatchObject({ status: "rejected", reason: { code: "aborted.cancelled" } });
  });

  test("the deadline runs only where nothing moves on any of them", async () => {
    const { left, right } = await pair(undefined, 80);
    const [leftLane, rightLane] = await Promise.all([left.lane(), right.lane()]);
    const waiting = leftLane.receive("back");
    for (let i = 0; i < 8; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await Promise.all([left.send("there", Uint8Array.of(i)), right.receive("there")]);
    }
    await Promise.all([rightLane.send("back", Uint8Array.of(9)), waiting]);
    const ended = await Promise.allSettled([leftLane.receive("back"), left.receive("back")]);
    for (const result of ended)
      expect(result).toMatchObject({ status: "rejected", reason: { code: "transport.timeout" } });
  });
});
