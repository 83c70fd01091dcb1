import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guardAddress } from "./address-guard.ts";
import {
  DATA_BYTES_MAX,
  encodeAck,
  encodeHeader,
  FRAME_OVERHEAD_BYTES,
  FrameReader,
  KIND,
  type WireFrame,
} from "./link-wire.ts";
import { SendWindow } from "./send-window.ts";

describe("the reader of link frames", () => {
  test("finds the same frames however the bytes are cut", () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 60_000, max: 200_000 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.integer({ min: 1, max: 90_000 })), (sizes, cuts) => {
        const payloads = sizes.map((size) => randomBytes(size));
        const stream = Buffer.concat(
          payloads.flatMap((payload, i) => [encodeHeader(KIND.data, i + 1, payload.length), payload]),
        );
        const frames: WireFrame[] = [];
        const reader = new FrameReader((frame) => frames.push(frame));
        for (let at = 0; at < stream.length; ) {
          const cut = cuts.next().value as number;
          reader.push(stream.subarray(at, at + cut));
          at += cut;
        }
        expect(frames.map(({ sequence }) => sequence)).toEqual(payloads.map((_, i) => i + 1));
        for (const [i, { payload }] of frames.entries()) expect(payloads[i]!.equals(payload)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ["an unknown kind", 9, 0],
    ["no kind", 0, 0],
    ["data beyond the largest frame", KIND.data, DATA_BYTES_MAX + 1],
    ["a long acknowledgement", KIND.ack, 5],
    ["an end with content", KIND.fin, 1],
    ["a long reason", KIND.abort, 5000],
  ])("refuses %s", (_, kind, length) => {
    const reader = new FrameReader(() => {});
    const header = encodeHeader(kind as typeof KIND.data, 1, length);
    expect(() => reader.push(header)).toThrow(expect.objectContaining({ code: "protocol.link" }));
  });

  test("an acknowledgement carries both counters", () => {
    const frames: WireFrame[] = [];
    new FrameReader((frame) => frames.push(frame)).push(encodeAck(2 ** 31 + 5, 7));
    expect(frames[0]).toMatchObject({ kind: KIND.ack, sequence: 2 ** 31 + 5 });
    expect(frames[0]!.payload).toEqual(Buffer.from([7, 0, 0, 0]));
  });
});

describe("the send window", () => {
  test("keeps what was not received, frees room for what was taken, gives memory back once", () => {
    const recycled: Uint8Array[] = [];
    const window = new SendWindow(4 * (100 + FRAME_OVERHEAD_BYTES), (payload) => recycled.push(payload));
    const payloads = Array.from({ length: 4 }, (_, i) => new Uint8Array(100).fill(i));
    for (const payload of payloads) {
      expect(window.hasRoom(100)).toBe(true);
      window.add(KIND.data, payload);
    }
    expect(window.hasRoom(100)).toBe(false);
    window.acknowledge(3, 0);
    expect(recycled).toEqual(payloads.slice(0, 3));
    expect(window.hasRoom(100)).toBe(false);
    expect([...window.unreceived()].map(({ sequence }) => sequence)).toEqual([4]);
    window.acknowledge(3, 2);
    expect(window.hasRoom(200)).toBe(true);
    window.acknowledge(4, 4);
    expect([...window.unreceived()]).toEqual([]);
    expect(recycled).toEqual(payloads);
  });

  test.each([
    [2, 0],
    [1, 2],
  ])("refuses the impossible acknowledgement %i, %i", (received, taken) => {
    const window = new SendWindow(1000, () => {});
    window.add(KIND.data, new Uint8Array(1));
    expect(() => window.acknowledge(received, taken)).toThrow(expect.objectContaining({ code: "protocol.link" }));
  });
});

describe("partner addresses", () => {
  test.each([
    "169.254.169.254",
    "100.100.100.200",
    "fe80::1",
    "fd00:ec2::254",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
  ])("%s is never dialled", (address) => {
    expect(() => guardAddress(address, { allowPrivate: true })).toThrow(
      expect.objectContaining({ code: "transport.address" }),
    );
  });

  test.each(["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "::1", "fd12::1", "::ffff:127.0.0.1"])(
    "%s is dialled only where private addresses are allowed",
    (address) => {
      expect(() => guardAddress(address, { allowPrivate: false })).toThrow(
        expect.objectContaining({ code: "transport.address" }),
      );
      expect(() => guardAddress(address, { allowPrivate: true })).not.toThrow();
    },
  );

  test("public addresses are dialled", () => {
    for (const address of ["93.184.216.34", "2606:2800:220:1::1"])
      expect(() => guardAddress(address, { allowPrivate: false })).not.toThrow();
  });
});
