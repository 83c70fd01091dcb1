import { type ClientHttp2Session, connect, createServer } from "node:http2";
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { keepAlive } from "./keep-alive.ts";

/** Four of these without an answer end a path: long enough for a machine that is busy with other tests. */
const PING_MS = 400;
const servers: Server[] = [];
const sockets: Socket[] = [];
let client: ClientHttp2Session;

const listening = async (server: Server): Promise<number> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

/** A session over a TCP path that can be made to carry nothing any more. */
async function session(): Promise<{ silence(): void }> {
  const far = createServer();
  far.on("sessionError", () => {});
  const farPort = await listening(far as unknown as Server);
  const path = createTcpServer((near) => {
    const onward = connectTcp(farPort, "127.0.0.1");
    near.pipe(onward).pipe(near);
    for (const socket of [near, onward]) socket.on("error", () => {});
    sockets.push(near, onward);
  });
  client = connect(`http://127.0.0.1:${await listening(path)}`);
  client.on("error", () => {});
  return {
    silence() {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}
afterEach(() => {
  client.destroy();
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("keepAlive", () => {
  it("keeps an idle path whose pings are answered", async () => {
    await session();
    let answers = 0;
    keepAlive(client, PING_MS, () => answers++);
    // Twice the silence that would end it.
    await expect.poll(() => answers, { timeout: 20_000 }).toBeGreaterThan(8);
    expect(client.destroyed).toBe(false);
  });

  it("ends a path on which nothing comes back", async () => {
    const { silence } = await session();
    keepAlive(client, PING_MS, () => {});
    await sleep(2 * PING_MS);
    expect(client.destroyed).toBe(false);
    silence();
    const gone = new Promise((resolve) => client.once("close", resolve));
    await Promise.race([gone, sleep(20 * PING_MS)]);
    expect(client.destroyed).toBe(true);
  });
});
