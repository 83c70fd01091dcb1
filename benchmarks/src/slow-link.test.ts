import { connect, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { parseLink, slowLink } from "./slow-link.ts";

it("says how it reads a speed, and what it does not read", () => {
  expect(parseLink("20ms,100mbit")).toEqual({ delayMs: 20, bytesPerSecond: 12_500_000 });
  expect(parseLink("0.5ms,1.5mbit")).toEqual({ delayMs: 0.5, bytesPerSecond: 187_500 });
  for (const wrong of ["20,100", "20ms,0mbit", "", "-1ms,5mbit"]) expect(() => parseLink(wrong)).toThrow("--link");
});

it("brings every byte in order, later and no faster than said", async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
  );
  const link = await slowLink(port, { delayMs: 15, bytesPerSecond: 4_000_000 });
  const bytes = Uint8Array.from({ length: 400_000 }, (_, i) => (i * 31) ^ (i >> 8));
  const socket = connect({ port: link.port, host: "127.0.0.1", allowHalfOpen: true });
  const started = performance.now();
  const back = await echoed(socket, bytes);
  // Never sooner: twice the delay and the time that the line takes once; how much later hangs on the machine.
  expect(performance.now() - started).toBeGreaterThan(2 * 15 + 100 - 5);
  expect(Buffer.compare(back, bytes)).toBe(0);
  link.close();
  server.close();
});

function echoed(socket: Socket, bytes: Uint8Array): Promise<Buffer> {
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("end", () => resolve(Buffer.concat(parts)));
    socket.on("error", reject);
    socket.end(bytes);
  });
}
