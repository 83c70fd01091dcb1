import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { pump } from "./pump.ts";

/** Bytes written to the first come out of the second by way of the pump. */
function pumped(): [Duplex, Duplex] {
  const [from, a] = duplexPair();
  const [b, to] = duplexPair();
  pump(a, b, () => {});
  return [from, to];
}

function counted(length: number, start: number): Buffer {
  const out = Buffer.alloc(length);
  for (let i = 0; i < length; i++) out[i] = (start + i) % 251;
  return out;
}

test("chunks of all sizes, small ones between big ones, come out as they went in", async () => {
  const [from, to] = pumped();
  const out: Buffer[] = [];
  to.on("data", (chunk: Buffer) => out.push(chunk));
  let sent = 0;
  for (const length of [1, 5000, 8, 70_000, 4095, 4096, 300_000, 3, 260_000, 260_000, 9, 1_500_000, 2]) {
    if (!from.write(counted(length, sent))) await once(from, "drain");
    sent += length;
  }
  from.end();
  await once(to, "end");
  expect(Buffer.concat(out).equals(counted(sent, 0))).toBe(true);
});

test("a small message does not wait for others", () => {
  const [, a] = duplexPair();
  const [b, to] = duplexPair();
  pump(a, b, () => {});
  a.emit("data", Buffer.alloc(8));
  expect(to.readableLength).toBe(8);
});

test("big chunks go on together, but never more than 256 KiB of them", () => {
  const [, a] = duplexPair();
  const [b] = duplexPair();
  pump(a, b, () => {});
  a.emit("data", Buffer.alloc(200 * 1024));
  expect(b.writableCorked).toBe(1);
  a.emit("data", Buffer.alloc(56 * 1024));
  expect(b.writableCorked).toBe(0);
});

test("a destination that holds back pauses its source", async () => {
  const [from, a] = duplexPair();
  const [b, to] = duplexPair();
  pump(a, b, () => {});
  let [sent, drained] = [0, true];
  for (; drained && sent < 64; sent++) {
    const done = new Promise<boolean>((resolve) => {
      from.write(Buffer.alloc(256 * 1024), () => resolve(true));
      setTimeout(() => resolve(false), 200);
    });
    drained = await done;
  }
  expect(sent).toBeLessThan(10); // 1 MiB of backlog, one chunk on each side of it
  let received = 0;
  to.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  from.end();
  await once(to, "end");
  expect(received).toBe(sent * 256 * 1024);
});
