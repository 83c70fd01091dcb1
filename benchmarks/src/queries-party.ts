/** One party of the query benchmark: its node, and the protocols of private queries over its sessions, in one process. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { concat, systemSecrets } from "@tombolo/base";
import type { MessageTable, Peer } from "@tombolo/channel";
import { retrieval } from "@tombolo/crypto";
import { TagFile } from "@tombolo/datasets";
import * as simple from "@tombolo/protocols/pir/simple";
import { entryBytes } from "@tombolo/protocols/psi/unbalanced";
import * as hidden from "@tombolo/protocols/query/hidden";
import * as keyword from "@tombolo/protocols/query/keyword";
import { TaskRun } from "../../apps/node/src/runner/task-context.ts";
import { commonCapability } from "./party-node.ts";
import { obeyOrders, ownNode, stopwatch } from "./party-task.ts";
import { digestsOf, entriesOf, headerOf, KEY, randomEntries, recordOf, writeCatalogue } from "./queries-catalogue.ts";

/** Ask `batches` times about `known` ids of which half are there, out of `rows`; `rate`: questions a second, null: in turn. */
export interface KeywordOrder {
  readonly kind: "keyword";
  readonly name: string;
  readonly role: "guest" | "host";
  readonly rows: number;
  readonly recordBytes: number;
  readonly asked: number;
  readonly batches: number;
  readonly rate: number | null;
}

/** Retrieve `asked` single records out of `rows` without a catalogue. */
export interface HiddenOrder {
  readonly kind: "hidden";
  readonly role: "guest" | "host";
  readonly rows: number;
  readonly recordBytes: number;
  readonly asked: number;
}

export interface SpeedOrder {
  readonly kind: "speed";
  readonly bytes: number;
  readonly rounds: number;
}

export type QueryOrder = KeywordOrder | HiddenOrder | SpeedOrder;

export interface HiddenFigures {
  /** Of the guest: whole look-ups, and what was made ahead for each. */
  readonly milliseconds: readonly number[];
  readonly preparing: readonly number[];
  /** Of the host. */
  readonly server: readonly number[];
  readonly seconds: number;
  readonly cells: number;
  readonly hint: number;
}

async function open<M extends MessageTable>(
  name: string,
  role: "guest" | "host",
  messages: M,
): Promise<{ readonly peer: Peer<M, string>; readonly run: TaskRun }> {
  const folder = join(ownNode().folder, name);
  await mkdir(folder, { recursive: true });
  const capability = {
    ...commonCapability(ownNode(), folder),
    task: name,
    component: name,
    componentVersion: "1.0.0",
    parameters: {},
    binding: { consentHash: "00".repeat(32), protocol: name, suite: "international" },
    inputs: {},
    servesUntil: null,
    drawSalt: "",
    rowStore: false,
  };
  const run = new TaskRun(capability, () => {}, new AbortController().signal);
  const [self, other] = role === "guest" ? ["guest", "host"] : ["host", "guest"];
  const peer = await run.context({}, {}).peer(messages, self!, other!, role === "guest" ? "telco" : "bank");
  return { peer: peer as Peer<M, string>, run };
}

const admit = async (): Promise<void> => {};

async function runKeyword({ name, role, rows, recordBytes, asked, batches, rate }: KeywordOrder): Promise<number[]> {
  const header = await headerOf(rows, recordBytes);
  const known = asked / 2;
  const path = join(ownNode().folder, `${name}.tags`);
  if (role === "guest") await writeCatalogue(path, known, header);
  const { peer, run } = await open(name, role, keyword.messages);
  if (role === "host") {
    await keyword.host(peer as Peer<typeof keyword.messages, "host">, { header, key: KEY, now: 0, admit });
    await run.close();
    return [];
  }
  const entries = await TagFile.open(path, entryBytes(header), header.tagBytes);
  const digests = await digestsOf(0, asked);
  const took: number[] = [];
  const options = { secrets: systemSecrets(), header, entries, padTo: 1 };
  await keyword.guest(peer as Peer<typeof keyword.messages, "guest">, options, async (ask) => {
    const single = rate !== null;
    const question = async (batch: number): Promise<void> => {
      const id = batch % asked;
      const start = performance.now();
      const { found } = await ask(single ? digests.subarray(16 * id, 16 * id + 16) : digests);
      took.push(performance.now() - start);
      const expected = single ? Number(id < known) : known;
      if (found.reduce((sum, each) => sum + each, 0) !== expected) throw new Error("wrong answers");
    };
    await question(0); // warms up
    took.length = 0;
    if (rate === null) for (let batch = 0; batch < batches; batch++) await question(batch);
    else await paced(batches, rate, question);
  });
  await entries.close();
  await run.close();
  return took;
}

/** Starts one after another at their times, however long each takes. */
async function paced(count: number, rate: number, use: (i: number) => Promise<void>): Promise<void> {
  const start = performance.now();
  const all: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    const wait = start + (1000 * i) / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    all.push(use(i));
  }
  await Promise.all(all);
}

async function hiddenHost({ rows, recordBytes, asked }: HiddenOrder): Promise<HiddenFigures> {
  const header = await headerOf(rows, recordBytes);
  const entries = concat(await entriesOf(asked, header), ...randomEntries(rows - asked, entryBytes(header)));
  const start = performance.now();
  const database = await hidden.entriesDatabase(entries, header, systemSecrets());
  const seconds = (performance.now() - start) / 1000;
  const setup = await open("hidden-setup", "host", simple.setupMessages);
  await simple.sendSetup(database, setup.peer as Peer<typeof simple.setupMessages, "host">);
  await setup.run.close();
  const { peer, run } = await open("hidden", "host", hidden.messages);
  const options = { header, key: KEY, now: 0, admit, table: database };
  await hidden.host(peer as Peer<typeof hidden.messages, "host">, options);
  await run.close();
  const query = new Uint32Array(database.description.columns).fill(0x9e3779b9);
  const server = await times(asked, () => retrieval.pirAnswer(database.cells, query));
  const sizes = { cells: database.cells.length, hint: database.hint.byteLength };
  return { milliseconds: [], preparing: [], server, seconds, ...sizes };
}

async function hiddenGuest({ rows, recordBytes, asked }: HiddenOrder): Promise<HiddenFigures> {
  const header = await headerOf(rows, recordBytes);
  const secrets = systemSecrets();
  const received = await open("hidden-setup", "guest", simple.setupMessages);
  const setup = await simple.receiveSetup(received.peer as Peer<typeof simple.setupMessages, "guest">, 2 ** 20);
  await received.run.close();
  const { peer, run } = await open("hidden", "guest", hidden.messages);
  const digests = await digestsOf(0, asked);
  const [milliseconds, preparing]: number[][] = [[], []];
  let ready: simple.Prepared | undefined;
  const options = { secrets, header, setup, padTo: 1, prepared: () => ready };
  await hidden.guest(peer as Peer<typeof hidden.messages, "guest">, options, async (ask) => {
    for (let i = 0; i < asked; i++) {
      const prepare = async (): Promise<void> => {
        ready = await simple.Prepared.make(setup, secrets);
      };
      preparing!.push(...(await times(1, prepare)));
      const start = performance.now();
      const { found, records } = await ask(digests.subarray(16 * i, 16 * i + 16));
      milliseconds!.push(performance.now() - start);
      if (found[0] !== 1 || Buffer.compare(records, recordOf(i, recordBytes)) !== 0) throw new Error("wrong record");
    }
  });
  await run.close();
  return { milliseconds: milliseconds!, preparing: preparing!, server: [], seconds: 0, cells: 0, hint: 0 };
}

/** Processor seconds a byte of a pass over a database, and of one in which the C library reads as many bytes. */
async function speed({ bytes, rounds }: SpeedOrder): Promise<{ readonly answer: number[]; readonly read: number[] }> {
  const columns = 21_504;
  const cells = new Uint8Array(Math.floor(bytes / columns) * columns).fill(0xa7);
  const [left, right] = [cells.subarray(0, cells.length / 2), cells.slice(cells.length / 2)];
  const query = new Uint32Array(columns).fill(0x9e3779b9);
  const [answer, read]: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    answer!.push((await processorSeconds(() => retrieval.pirAnswer(cells, query))) / cells.length);
    read!.push((await processorSeconds(async () => Buffer.compare(left, right))) / cells.length);
  }
  return { answer: answer!, read: read! };
}

/** Of this process, which does nothing else: other work on the machine moves it less than the clock. */
async function processorSeconds(use: () => Promise<unknown>): Promise<number> {
  const elapsed = stopwatch();
  await use();
  return elapsed().cpuSeconds;
}

/** Milliseconds of each. */
async function times(count: number, use: () => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await use();
    took.push(performance.now() - start);
  }
  return took;
}

function obey(order: QueryOrder): Promise<unknown> {
  if (order.kind === "keyword") return runKeyword(order);
  if (order.kind === "speed") return speed(order);
  return order.role === "host" ? hiddenHost(order) : hiddenGuest(order);
}

obeyOrders(obey);
