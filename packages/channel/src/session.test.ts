import { utf8 } from "@tombolo/base";
import { type MemoryNetworkOptions, memoryNetwork, type Tamper } from "@tombolo/transport-memory";
import { describe, expect, test } from "vitest";
import {
  bytes,
  createMeter,
  decodeFrame,
  decodeReason,
  describeTable,
  empty,
  encodeFrame,
  encodeReason,
  f64s,
  fixedWidth,
  integer,
  json,
  message,
  openPeer,
  type PeerOptions,
  stream,
  strings,
  tableHash,
  u32s,
} from "./index.ts";

const means = { en: "a test message", zh: "测试消息" };
const table = {
  ask: message("left", "right", bytes(1000), { means, sizeMax: 1000 }),
  parts: stream("left", "right", bytes(100), { means, sizeMax: 100 }),
  answer: message("right", "left", integer({ min: 0, max: 9 }), { means }),
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
const leftOptions: PeerOptions<"left"> = {
  role: "left",
  peerRole: "right",
  self: "bank",
  party: "telco",
  binding,
  meter: createMeter(),
  deadlineMs: 2000,
};
const rightOptions: PeerOptions<"right"> = {
  ...leftOptions,
  role: "right",
  peerRole: "left",
  self: "telco",
  party: "bank",
};

async function pair(network: MemoryNetworkOptions = {}, left: Partial<PeerOptions<"left">> = {}) {
  const [a, b] = memoryNetwork(network).connect("bank", "telco");
  return Promise.all([
    openPeer(a, table, { ...leftOptions, meter: createMeter(), ...left }),
    openPeer(b, table, { ...rightOptions, meter: createMeter() }),
  ]);
}

/** Replaces the first data frame. */
const forged =
  (index: number, flags: number, sequence: number, payload: Uint8Array): Tamper =>
  (sent) =>
    sent.from === "bank" && sent.index === 1 ? [encodeFrame({ index, flags, sequence }, payload)] : [sent.frame];

test("a frame from a socket has plain bytes, of which slice is a copy", () => {
  const frame = encodeFrame({ flags: 0, index: 3, sequence: 1 }, Uint8Array.of(1, 2, 3));
  const { payload } = decodeFrame(Buffer.from(frame));
  const copy = payload.slice();
  payload.fill(9);
  expect(copy).toEqual(Uint8Array.of(1, 2, 3));
  expect(copy.buffer.byteLength).toBe(3);
});

describe("opening a session", () => {
  test.each([
    ["another consent", { binding: { ...binding, consentHash: new Uint8Array(32).fill(1) } }],
    ["another attempt", { binding: { ...binding, attempt: 2 } }],
    ["another component version", { binding: { ...binding, componentVersion: "1.0.1" } }],
    ["another party", { self: "bank2" }],
  ])("is refused at both sides with %s", async (_, left) => {
    const [a, b] = memoryNetwork().connect("bank", "telco");
    const opened = await Promise.allSettled([
      openPeer(a, table, { ...leftOptions, ...left }),
      openPeer(b, table, rightOptions),
    ]);
    for (const { status, reason } of opened as PromiseRejectedResult[])
      expect([status, reason.code]).toEqual(["rejected", "protocol.binding"]);
  });

  test("is refused with another message table", async () => {
    const [a, b] = memoryNetwork().connect("bank", "telco");
    const other = { ...table, ask: message("left", "right", bytes(999), { means, sizeMax: 1000 }) };
    expect(tableHash(other)).not.toEqual(tableHash(table));
    const opened = await Promise.allSettled([openPeer(a, other, leftOptions), openPeer(b, table, rightOptions)]);
    expect(opened.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  test("gives both sides the same binding, another for another attempt", async () => {
    const [left, right] = await pair();
    expect(left.binding).toEqual(right.binding);
    expect(left.binding).toHaveLength(32);
  });
});

describe("receiving", () => {
  test.each([
    ["a message out of its order", forged(2, 0, 0, new Uint8Array(1)), "protocol.order"],
    ["a message of unknown number", forged(7, 0, 0, new Uint8Array(1)), "protocol.order"],
    ["a frame out of sequence", forged(1, 0, 1, new Uint8Array(1)), "protocol.sequence"],
    ["an end mark for a single message", forged(1, 2, 0, new Uint8Array(0)), "protocol.order"],
    ["an oversize message", forged(1, 0, 0, new Uint8Array(1001)), "protocol.size"],
    ["unknown flags", forged(1, 4, 0, new Uint8Array(1)), "protocol.frame"],
    ["an oversize frame", forged(1, 0, 0, new Uint8Array(2 ** 20 + 1)), "protocol.frame"],
  ])("%s ends the session at both sides, blaming the sender", async (_, tamper, code) => {
    const [left, right] = await pair({ tamper });
    const receiving = right.receive("ask");
    await left.send("ask", new Uint8Array(10)).catch(() => {});
    await expect(receiving).rejects.toMatchObject({ code, blame: "bank" });
    await expect(left.receive("answer")).rejects.toMatchObject({ code });
    await expect(right.send("answer", 1)).rejects.toMatchObject({ code });
    expect(left.signal.aborted && right.signal.aborted).toBe(true);
  });

  test("silence beyond the deadline is a timeout at both sides", async () => {
    const [left, right] = await pair({}, { deadlineMs: 40 });
    await expect(left.receive("answer")).rejects.toMatchObject({ code: "transport.timeout", blame: "telco" });
    await expect(right.receive("ask")).rejects.toMatchObject({ code: "transport.timeout" });
  });

  test("an early close is told from silence", async () => {
    const [left, right] = await pair();
    await right.close();
    await expect(left.receive("answer")).rejects.toMatchObject({ code: "protocol.closed", blame: "telco" });
  });
});

test("a long message in tiny frames is refused before it costs much more memory than its bytes", async () => {
  const [a, b] = memoryNetwork().connect("bank", "telco");
  const long = { ...table, ask: message("left", "right", bytes(10_000), { means, sizeMax: 10_000 }) };
  const [left, right] = await Promise.all([
    openPeer(a, long, { ...leftOptions, meter: createMeter(), limits: { frameBytes: 1 } }),
    openPeer(b, long, { ...rightOptions, meter: createMeter() }),
  ]);
  const [sent, received] = await Promise.allSettled([left.send("ask", new Uint8Array(10_000)), right.receive("ask")]);
  expect(received).toMatchObject({ reason: { code: "protocol.size", blame: "bank" } });
  expect(sent.status).toBe("rejected");
});

test("chunks, streams and empty messages arrive whole; the meter counts payload by name", async () => {
  const meter = createMeter();
  const [left, right] = await pair({ windowFrames: 1 }, { meter, limits: { frameBytes: 7 } });
  const ask = new Uint8Array(1000).map((_, i) => i);
  const parts = [new Uint8Array(0), new Uint8Array(7).fill(1), new Uint8Array(99).fill(2)];
  const sending = (async () => {
    await left.send("ask", ask);
    await left.sendEach("parts", parts);
  })();
  expect(await right.receive("ask")).toEqual(ask);
  const got: Uint8Array[] = [];
  for await (const part of right.receiveEach("parts")) got.push(part.slice());
  await sending;
  expect(got).toEqual(parts);
  expect(meter.snapshot().out).toEqual({
    ask: { messages: 1, bytes: 1000, frames: 143 },
    parts: { messages: 3, bytes: 106, frames: 1 + 1 + 15 + 1 },
  });
});

test("a table describes itself in the order of the protocol", () => {
  expect(describeTable(table).map(({ name, from, sizeMax }) => [name, from, sizeMax])).toEqual([
    ["ask", "left", 1000],
    ["parts", "left", 100],
    ["answer", "right", 16 * 2 ** 20],
  ]);
});

describe("codecs", () => {
  test("give back what they were given", () => {
    expect(u32s.decode(u32s.encode(new Uint32Array([0, 2 ** 32 - 1])))).toEqual(new Uint32Array([0, 2 ** 32 - 1]));
    const numbers = f64s({ missing: true });
    expect(numbers.decode(numbers.encode(new Float64Array([1.5, Number.NaN])))).toEqual(
      new Float64Array([1.5, Number.NaN]),
    );
    const texts = strings({ countMax: 3, bytesMax: 10 });
    expect(texts.decode(texts.encode(["", "a", "连岛"]))).toEqual(["", "a", "连岛"]);
    expect(empty.decode(empty.encode())).toBeUndefined();
  });

  test.each([
    ["u32s of odd length", () => u32s.decode(new Uint8Array(5))],
    [
      "infinite numbers",
      () => f64s({ missing: true }).decode(f64s({ missing: true }).encode(new Float64Array([1 / 0]))),
    ],
    [
      "missing numbers where none may be",
      () => f64s({ missing: false }).decode(f64s({ missing: true }).encode(new Float64Array([Number.NaN]))),
    ],
    [
      "too many texts",
      () => strings({ countMax: 1, bytesMax: 9 }).decode(strings({ countMax: 2, bytesMax: 9 }).encode(["a", "b"])),
    ],
    [
      "a text that claims more than there is",
      () => strings({ countMax: 1, bytesMax: 99 }).decode(new Uint8Array([50, 0, 0, 0, 65])),
    ],
    ["invalid UTF-8", () => strings({ countMax: 1, bytesMax: 9 }).decode(new Uint8Array([1, 0, 0, 0, 255]))],
    ["a ragged row of points", () => fixedWidth(32).decode(new Uint8Array(33))],
    ["an integer out of range", () => integer({ min: 0, max: 5 }).decode(integer({ min: 0, max: 9 }).encode(6))],
    ["bytes in an empty message", () => empty.decode(new Uint8Array(1))],
    ["text that is not JSON", () => json("x", (value) => value).decode(utf8("{"))],
  ])("refuse %s", (_, decode) => {
    expect(decode).toThrow(expect.objectContaining({ code: "protocol.malformed" }));
  });
});

test("a reason crosses the wire without its remedy; a hostile one is replaced", () => {
  const reason = {
    code: "input.rows",
    message: "too few rows",
    stage: "psi",
    blame: "bank",
    remedy: "secret",
  } as const;
  expect(decodeReason(encodeReason(reason))).toEqual({
    code: "input.rows",
    message: "too few rows",
    stage: "psi",
    blame: "bank",
  });
  for (const text of ["{", '{"code":"evil","message":"x"}', '{"code":"input.x","message":"\\u001b[31m"}', "null"])
    expect(decodeReason(utf8(text)).code).toBe("aborted.unreadable");
});
