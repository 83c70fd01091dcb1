import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { untilFetched } from "./lazily.ts";

/** What the node answers by path; null: the connection breaks. */
let statusOf: (path: string) => number | null = () => 200;
const asked: string[] = [];
const server = createServer((request, response) => {
  const status = statusOf(request.url!);
  asked.push(`${request.method} ${request.url} ${status}`);
  if (status === null) request.socket.destroy();
  else response.writeHead(status).end();
});
let node = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  node = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

async function fetchCode(): Promise<number> {
  const { status } = await fetch(`${node}code.js`);
  if (status !== 200) throw new Error(`no code: ${status}`);
  return status;
}

describe("code that is fetched when it is shown", () => {
  it("is fetched once where the node is there", async () => {
    statusOf = () => 200;
    expect(await untilFetched(fetchCode, node)).toBe(200);
    expect(asked).toEqual(["GET /code.js 200"]);
  });

  it.each([
    ["the node", null],
    ["the node behind a proxy", 502],
  ])("is fetched once %s is back, and not before", async (_what, away) => {
    statusOf = () => away;
    const fetched = untilFetched(fetchCode, node);
    await expect.poll(() => asked, { timeout: 10_000 }).toContain(`HEAD / ${away}`);
    statusOf = () => 200;
    expect(await fetched).toBe(200);
    const whileAway = asked.filter((each) => each.endsWith(` ${away}`));
    expect(new Set(whileAway.slice(1))).toEqual(new Set([`HEAD / ${away}`]));
    expect([whileAway[0], ...asked.slice(whileAway.length)]).toEqual([
      `GET /code.js ${away}`,
      "HEAD / 200",
      "GET /code.js 200",
    ]);
  });

  it("is not waited for where the node is there without it", async () => {
    statusOf = (path) => (path === "/" ? 200 : 404);
    await expect(untilFetched(fetchCode, node)).rejects.toThrow("no code: 404");
    expect(asked).toEqual(["GET /code.js 404", "HEAD / 200", "GET /code.js 404"]);
  });
});
