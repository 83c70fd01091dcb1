/**
 * Every route of a real node, called as nobody should call it: malformed, oversize, doubled, wrongly typed, not allowed.
 * Whatever comes, the answer is the caller's fault, said in the one envelope, with nothing of the inside in it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type Route, type RouteName, role, routes } from "@tombolo/sdk";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDataFolder } from "../config/data-folder.ts";
import { type RunningNode, startNode } from "../main.ts";
import { ask } from "../operations/control.ts";
import { copyEmptyDatabase } from "../testing/empty-database.ts";
import { type StrangeCall, strangeCall } from "../testing/strange-calls.ts";

const SEED = Number(process.env.FUZZ_SEED ?? 20261121);
const CALLS_EACH = Number(process.env.FUZZ_CALLS ?? 4);
const MIB = 2 ** 20;
const all = Object.entries(routes) as [RouteName, Route][];

let directory: string;
let node: RunningNode;
let everything: string;
let caller: string;
let known: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tombolo-fuzz-"));
  const data = join(directory, "node");
  const config = {
    ...{ party: "bank", name: "Bank", log: { level: "error" } },
    api: { port: 0 },
    partner: { host: "127.0.0.1", port: 0 },
    limits: { requestsPerMinute: 1_000_000, uploadBytesMax: MIB },
  };
  const paths = await createDataFolder({ directory: data, config, passphrase: undefined });
  await copyEmptyDatabase(paths.database);
  node = await startNode(data, {});
  const key = async (name: string, roles: readonly string[]): Promise<string> =>
    ((await ask(data, "addApiKey", { name, roles, days: 1 })) as { secret: string }).secret;
  [everything, caller] = [await key("everything", role.options), await key("shop", ["caller"])];
  const client = new Client({ origin: node.origin, apiKey: everything });
  const body = new TextEncoder().encode("phone,age\n1,2\n3,4\n");
  const { id } = await client.call(
    "uploadDataset",
    { query: { name: "t", filename: "t.csv", id: "phone" }, body },
    { contentType: "text/csv" },
  );
  const project = await client.call("createProject", { body: { name: "p", members: [] } }).catch(() => undefined);
  known = [id, "bank", "phone", ...(project === undefined ? [] : [project.id])];
});
afterAll(async () => {
  await node?.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly traceId: string | null;
  readonly text: string;
  readonly isJson: boolean;
}

async function send(
  route: Route,
  { path, contentType, body }: StrangeCall,
  bearer: string | undefined,
): Promise<Answer> {
  const stop = new AbortController();
  const response = await fetch(`${node.origin}${path}`, {
    method: route.method,
    headers: {
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(contentType === undefined || contentType === "" ? {} : { "content-type": contentType }),
    },
    signal: stop.signal,
    ...(body === undefined ? {} : { body }),
  });
  const live = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const text = live ? "" : await response.text();
  stop.abort();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  return { status: response.status, traceId: response.headers.get("x-trace-id"), text, isJson };
}

const CODE = /^(input|protocol|transport|consent|auth|state|resource|aborted)\.[a-z0-9.-]+$/;
const INSIDE = /node_modules|\n\s+at |\.ts:\d+|file:\/\/|\/apps\/node|select .* from|stack"/;

/** An impossible address is no route's: refused before anybody asks who calls. */
const ELSEWHERE = /"input\.address"|there is nothing at this address/;

/** What is wrong with an answer; undefined: nothing. */
function faultOf({ status, traceId, text, isJson }: Answer): string | undefined {
  if (status >= 500) return `status ${status}`;
  if (!/^[0-9a-f-]{36}$/.test(traceId ?? "")) return "no trace id";
  if (status < 400) return undefined;
  if (!isJson) return `${status} is not JSON`;
  const { error } = JSON.parse(text) as { error?: { code?: string; message?: string; traceId?: string } };
  if (!CODE.test(error?.code ?? "")) return "no code";
  if (error?.message === undefined || error.message === "") return "no message";
  if (error.traceId !== traceId) return "another trace id";
  return INSIDE.test(text) || text.includes(directory) ? "tells of the inside" : undefined;
}

/** Sends each route its calls; answers what was wrong, with what was sent, and the seed that sends it again. */
async function fuzz(
  bearer: string | undefined,
  chosen: readonly (readonly [RouteName, Route])[],
  also: (answer: Answer, route: Route) => string | undefined = () => undefined,
): Promise<string[]> {
  const faults: string[] = [];
  for (const [name, route] of chosen)
    for (const call of fc.sample(strangeCall(route, known), { seed: SEED + name.length, numRuns: CALLS_EACH })) {
      const answer = await send(route, call, bearer);
      const fault = faultOf(answer) ?? also(answer, route);
      const sent = `${call.contentType} ${call.path.slice(0, 200)} ${call.body?.slice(0, 300)}`;
      if (fault !== undefined) faults.push(`${SEED} ${name}: ${fault}: ${answer.text.slice(0, 200)} <- ${sent}`);
    }
  return faults;
}

const state = async (): Promise<unknown> => {
  const client = new Client({ origin: node.origin, apiKey: everything });
  const [users, keys, datasets, projects, journal] = await Promise.all([
    client.call("listUsers"),
    client.call("listApiKeys"),
    client.call("listDatasets"),
    client.call("listProjects"),
    client.call("journal", { query: { limit: 1 } }),
  ]);
  const names = keys.items.map(({ id }) => id);
  return { users, names, datasets, projects, last: journal.items[0]?.index };
};

test("who may not call is refused before anything is read, and changes nothing", async () => {
  const before = await state();
  const closed = all.filter(([, { permission }]) => permission !== null);
  const refused = ({ status, text }: Answer): string | undefined =>
    [401, 403].includes(status) || ELSEWHERE.test(text) ? undefined : `status ${status}`;
  for (const bearer of [undefined, "tbk_nobody"]) expect(await fuzz(bearer, closed, refused)).toEqual([]);
  const mayNot = closed.filter(([, { permission }]) => permission !== "services:call" && permission !== "signed-in");
  expect(await fuzz(caller, mayNot, refused)).toEqual([]);
  expect(await state()).toEqual(before);
}, 120_000);

test("who may call anything gets told what is wrong with it, and the node is there after it", async () => {
  expect(await fuzz(everything, all)).toEqual([]);
  const client = new Client({ origin: node.origin, apiKey: everything });
  expect(await client.call("health")).toEqual({ ok: true });
  expect(await client.call("verifyJournal")).toMatchObject({ ok: true, problems: [] });
}, 120_000);
