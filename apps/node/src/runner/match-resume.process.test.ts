/**
 * Matching in many buckets with real runners over mutual TLS: one is killed in the middle, and the next attempt goes on
 * after the last bucket that both have, to rows that are aligned.
 */
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findComponent } from "@tombolo/components";
import { readColumns, writeTable } from "@tombolo/datasets";
import {
  createPartyCertificate,
  createPtpTransport,
  type PtpTransport,
  type RunnerSocket,
  serveRunnerSocket,
} from "@tombolo/transport-ptp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Runner, startRunner } from "./child.ts";
import { saveJson } from "./files.ts";
import type { Capability, ProgressUpdate } from "./ipc.ts";

const TOKEN = "test";
const ROWS = 60_000;
const COMMON = 2000;
/** Of these 32 buckets. */
const BUCKETS_BEFORE = 3;
const PARTIES = [
  { party: "bank", role: "guest" },
  { party: "telco", role: "host" },
] as const;
type Party = (typeof PARTIES)[number]["party"];

let folder: string;
const transports: PtpTransport[] = [];
const sockets: RunnerSocket[] = [];

const idOf = (i: number): string => `person-${(i * 7919) % 1_000_003}`;
const idsOf = (party: Party): string[] =>
  Array.from({ length: ROWS }, (_, i) => idOf(party === "bank" ? i : ROWS - COMMON + (ROWS - 1 - i)));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-match-"));
  const [bank, telco] = await Promise.all([createPartyCertificate("bank", []), createPartyCertificate("telco", [])]);
  const certificates = { bank, telco };
  for (const { party } of PARTIES) {
    const partner = party === "bank" ? "telco" : "bank";
    const transport = createPtpTransport({
      self: party,
      tls: certificates[party],
      techProviderCode: "tombolo",
      addressPolicy: { allowPrivate: true },
      authorise: (fingerprint) => (fingerprint === certificates[partner].fingerprint ? { partyId: partner } : null),
      onRequest: async () => ({ status: 404, body: new Uint8Array(0) }),
      sessionAllowed: () => true,
      listen: { host: "127.0.0.1", port: 0 },
    });
    transports.push(transport);
    await mkdir(join(folder, party));
    const attach = (sessionParty: string, sessionId: string, local: Parameters<typeof transport.attachSession>[3]) =>
      transport.attachSession(sessionParty, sessionId, TOKEN, local);
    sockets.push(
      await serveRunnerSocket(join(folder, `${party}.sock`), (hello, local) =>
        attach(hello.party, hello.sessionId, local),
      ),
    );
    await storeTable(party);
  }
  const { port } = await transports[1]!.listen();
  transports[0]!.connect({ partyId: "telco", host: "127.0.0.1", port, fingerprint: telco.fingerprint });
}, 120_000);

afterAll(async () => {
  await Promise.all(transports.map((transport) => transport.close()));
  await Promise.all(sockets.map((socket) => socket.close()));
  await rm(folder, { recursive: true, force: true });
});

const tableOf = (party: Party): string => join(folder, party, "data.parquet");

async function storeTable(party: Party): Promise<void> {
  const categories = idsOf(party);
  const codes = Int32Array.from(categories, (_, i) => i);
  const values = Float64Array.from(categories, (_, i) => i + 0.5);
  const columns = [
    { kind: "text", name: "id", codes, categories },
    { kind: "number", name: "n", values },
  ] as const;
  await writeTable(tableOf(party), { rowCount: ROWS, columns });
  const note = { rowCount: ROWS, columns: ["id", "n"], hasIds: false, keys: ["id"], label: null, aligned: false };
  await saveJson(`${tableOf(party)}.json`, note);
}

const attemptFolder = (party: Party, attempt: number): string => join(folder, party, `attempt-${attempt}`);

function capability(party: Party, attempt: number): Capability {
  return {
    job: "job",
    task: "match",
    attempt,
    component: "psi",
    componentVersion: findComponent("psi")!.version,
    self: PARTIES.find((each) => each.party === party)!,
    participants: PARTIES,
    parameters: { bucketRows: 2 ** 12 },
    partyParameters: {},
    seed: 1,
    minimumRows: 5,
    drawSalt: "",
    binding: { consentHash: "00".repeat(32), protocol: "psi", suite: "international" },
    datasets: {},
    inputs: { data: { kind: "table", path: tableOf(party) } },
    folder: attemptFolder(party, attempt),
    checkpointFile: join(folder, party, "checkpoint.json"),
    link: { socketPath: join(folder, `${party}.sock`), token: TOKEN },
    deadlineSeconds: 240,
    servesUntil: null,
    rowStore: false,
    awaySeconds: 5,
  };
}

const started = (party: Party, attempt: number, progress: (update: ProgressUpdate) => void): Promise<Runner> =>
  startRunner(
    capability(party, attempt),
    { heapMiB: 512, residentMiB: 2048, threads: 1, compileCache: join(folder, "compiled"), waitsIn: folder },
    {
      progress,
      figures: () => {},
      meter: () => {},
      draw: async () => {},
      reserve: async (needed) => needed,
      rows: async () => null,
      observed: () => {},
      log: () => {},
    },
  );

async function bucketsDone(party: Party): Promise<number> {
  try {
    const kept = JSON.parse(await readFile(join(folder, party, "checkpoint.json"), "utf8")) as {
      rounds: { receipts: unknown[] }[];
    };
    return kept.rounds[0]!.receipts.length;
  } catch {
    return 0;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it("goes on after a runner was killed", { timeout: 240_000 }, async () => {
  const [bank, telco] = [await started("bank", 1, () => {}), await started("telco", 1, () => {})];
  while ((await bucketsDone("telco")) < BUCKETS_BEFORE) await pause(10);
  process.kill(telco.pid!, "SIGKILL");
  expect(await telco.result).toMatchObject({ ok: false, failure: { code: "resource.runner-died" } });
  expect(await bank.result).toMatchObject({ ok: false, failure: { code: "transport.peer-lost" } });
  const before = Math.min(await bucketsDone("bank"), await bucketsDone("telco"));
  const spread = await spreadAt("telco");
  expect(before).toBeGreaterThanOrEqual(BUCKETS_BEFORE);

  const seen: ProgressUpdate[] = [];
  const again = [await started("bank", 2, (update) => seen.push(update)), await started("telco", 2, () => {})];
  const results = await Promise.all(again.map((runner) => runner.result));
  expect(results).toMatchObject([{ ok: true }, { ok: true }]);
  // The ids were not spread again, and matching did not start from nothing.
  expect(seen.some(({ stage }) => stage === "read")).toBe(false);
  expect(spread).toBeGreaterThan(0);
  for (const { party } of PARTIES) await expect(stat(join(folder, party, "work"))).rejects.toThrow("ENOENT");

  const tables = await Promise.all(
    PARTIES.map(({ party }) => readColumns(join(attemptFolder(party, 2), "data.parquet"), ["id", "n"])),
  );
  const ids = tables.map(({ columns: [column] }) =>
    column?.kind === "text" ? Array.from(column.codes, (code) => column.categories[code]) : [],
  );
  expect(ids[0]!.length).toBe(COMMON);
  expect(ids[1]).toEqual(ids[0]);
  // Whole rows moved, not ids alone.
  const own = idsOf("bank");
  const numbers = tables[0]!.columns[1]!;
  expect(numbers.kind === "number" && ids[0]!.every((id, i) => own[numbers.values[i]! - 0.5] === id)).toBe(true);
});

const spreadAt = async (party: Party): Promise<number> =>
  (await stat(join(folder, party, "work", "round-0", "ids"))).size;
