import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PARTIES } from "./party-node.ts";
import { type Parties, withParties } from "./party-process.ts";
import { writeIds } from "./psi-data.ts";
import type { PsiFlags } from "./psi-flags.ts";
import type { PartyResult, PartyTask } from "./psi-party.ts";
import type { BenchOptions, Reporter } from "./report.ts";
import { x25519PerSecond } from "./x25519.ts";

const PARTY = new URL("./psi-party.ts", import.meta.url);
const YARDSTICK_MS = 500;
const SMOKE_ROWS = 2000;
/** Asked of a catalogue, half of them in it. */
const ASKED = 1000;

/** What `--protocol` may name. A look-up is made of two tasks and has its own sizes: the rows are the catalogue's. */
const KINDS: Readonly<Record<string, { readonly component: string; readonly parameters: object }>> = {
  vole: { component: "psi", parameters: { protocol: "vole" } },
  "vole-malicious": { component: "psi", parameters: { protocol: "vole", security: "malicious" } },
  ecdh: { component: "psi", parameters: { protocol: "ecdh" } },
  sm2: { component: "psi", parameters: { protocol: "ecdh", suite: "sm2" } },
  "multi-party": { component: "psi", parameters: { protocol: "multi-party" } },
  label: { component: "match-label", parameters: { columns: [{ column: "n" }] } },
  count: { component: "match-count", parameters: {} },
  sum: { component: "match-sum", parameters: { values: [{ column: "n", upper: 1e6 }] } },
  lookup: { component: "match-lookup", parameters: {} },
};
/** Of three parties. */
const SEVERAL: readonly string[] = ["multi-party"];
/** Of which the host's column of numbers is a part. */
const VALUED: readonly string[] = ["label", "sum"];
const NAMES = PARTIES.map(({ party }) => party);
/** Measured when nothing is named: kinds and sizes that take a minute or two in all. */
const DEFAULTS: readonly (readonly [kind: string, rows: number])[] = [
  ["vole", 1e5],
  ["ecdh", 1e5],
  ["count", 1e5],
  ["lookup", 1e5],
  ["vole", 1e6],
  ["ecdh", 1e6],
];

interface Files {
  readonly guest: string;
  readonly host: string;
  readonly id: string;
}

export async function bench(report: Reporter, { smoke, psi: flags = {} }: BenchOptions): Promise<void> {
  const unknown = flags.protocol?.find((name) => !(name in KINDS));
  if (unknown !== undefined) throw new Error(`no kind ${unknown}; there are ${Object.keys(KINDS).join(", ")}`);
  const parent = flags.folder ?? tmpdir();
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "tombolo-bench-psi-"));
  try {
    if (flags.guest !== undefined && flags.host !== undefined) {
      const files = { guest: resolve(flags.guest), host: resolve(flags.host), id: flags.id ?? "id" };
      for (const kind of flags.protocol ?? ["vole", "ecdh"]) await benchFiles(report, folder, kind, files);
      return;
    }
    for (const [kind, rows] of cases(smoke, flags))
      if (kind === "lookup") await benchLookup(report, folder, rows, smoke);
      else await benchRows(report, folder, kind, rows, smoke);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function cases(smoke: boolean, { protocol, rows }: PsiFlags): readonly (readonly [kind: string, rows: number])[] {
  if (smoke) return (protocol ?? Object.keys(KINDS)).map((kind) => [kind, SMOKE_ROWS]);
  if (protocol === undefined && rows === undefined) return DEFAULTS;
  const kinds = protocol ?? ["vole", "ecdh"];
  return (rows ?? ["1e5", "1e6"]).flatMap((size) => kinds.map((kind) => [kind, Number(size)] as const));
}

/** A user's own files: one line. */
async function benchFiles(report: Reporter, folder: string, kind: string, files: Files): Promise<void> {
  const perSecond = x25519PerSecond(YARDSTICK_MS);
  if (SEVERAL.includes(kind) || VALUED.includes(kind))
    throw new Error(`${kind} is measured on generated files alone: name --rows`);
  const { seconds, guest, hosts } = await match(folder, kind, files.id, [files.guest, files.host]);
  const host = hosts[0]!;
  const rows = Math.max(guest.rows, host.rows);
  const name = `${kind} ${rows} rows, ${guest.matched} matched`;
  report.row({ bench: "psi", case: name, value: seconds, unit: "s", ratio: rows / seconds / perSecond });
}

async function benchRows(report: Reporter, folder: string, kind: string, rows: number, smoke: boolean): Promise<void> {
  const half = Math.floor(rows / 2);
  const firsts = SEVERAL.includes(kind) ? [0, half, Math.floor(rows / 4)] : [0, half];
  const files = firsts.map((_, i) => join(folder, `${NAMES[i]}-${rows}.csv`));
  const isValued = (place: number): boolean => place > 0 && VALUED.includes(kind);
  await Promise.all(firsts.map((first, i) => writeIds(files[i]!, rows, first, isValued(i))));
  const perSecond = x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
  const result = await match(folder, kind, "id", files);
  const { guest, hosts } = result;
  const found = hosts.map(({ matched }) => matched ?? guest.matched);
  if (guest.matched !== Math.ceil(rows / 2) || found.some((matched) => matched !== guest.matched))
    throw new Error(`matched ${guest.matched} and ${found.join(", ")} of ${rows} rows`);
  tell(report, `${kind} ${rows.toLocaleString("en")} rows a side`, result, rows, perSecond);
}

/** The host makes a catalogue of its rows once; then the guest asks about few. */
async function benchLookup(report: Reporter, folder: string, rows: number, smoke: boolean): Promise<void> {
  const files = filesOf(folder, ASKED, rows);
  await Promise.all([writeIds(files.guest, ASKED, rows - ASKED / 2), writeIds(files.host, rows, 0)]);
  const perSecond = x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
  const measure = async (parties: Parties<PartyTask>): Promise<void> => {
    const offline = await run(
      parties,
      { name: "catalogue", component: "match-catalogue", parameters: {}, id: files.id },
      [{}, { csv: files.host }],
    );
    const online = await run(parties, { name: "lookup", ...KINDS.lookup!, id: files.id }, [
      { csv: files.guest, catalogue: offline.guest.catalogue },
      { catalogue: offline.hosts[0]!.catalogue },
    ]);
    if (online.guest.matched !== ASKED / 2) throw new Error(`found ${online.guest.matched} of ${ASKED} ids`);
    const name = `lookup in ${rows.toLocaleString("en")} rows`;
    tell(report, `${name}, catalogue`, offline, rows, perSecond);
    tell(report, `${name}, ${ASKED} asked`, online, ASKED, perSecond);
  };
  await withParties(PARTY, measure, { parent: folder });
}

const filesOf = (folder: string, guest: number, host: number): Files => ({
  guest: join(folder, `guest-${guest}.csv`),
  host: join(folder, `host-${host}.csv`),
  id: "id",
});

function tell(report: Reporter, name: string, { seconds, guest, hosts }: Run, rows: number, perSecond: number): void {
  const row = (what: string, value: number, unit: string, ratio?: number): void =>
    report.row({ bench: "psi", case: `${name}${what}`, value, unit, ...(ratio === undefined ? {} : { ratio }) });
  row("", seconds, "s");
  row("", rows / seconds, "rows/s", rows / seconds / perSecond);
  const all = [guest, ...hosts];
  const summed = (of: (party: PartyResult) => number): number => all.reduce((sum, party) => sum + of(party), 0);
  row(
    hosts.length > 1 ? ", processor time of all" : ", processor time of both",
    summed((party) => party.cpuSeconds),
    "s",
  );
  row(", sent", summed((party) => party.bytesOut) / rows, "B/row");
  row(", guest's memory", guest.peakBytes / 2 ** 20, "MiB");
  for (const host of hosts) row(", host's memory", host.peakBytes / 2 ** 20, "MiB");
  for (const [step, value] of Object.entries(guest.secondsOf)) row(`, guest's ${step}`, value, "s");
}

interface Run {
  readonly seconds: number;
  readonly guest: PartyResult;
  readonly hosts: readonly PartyResult[];
}

type Brought = Partial<Pick<PartyTask, "csv" | "value" | "catalogue">>;

function match(parent: string, kind: string, id: string, files: readonly string[]): Promise<Run> {
  const value = VALUED.includes(kind) ? "n" : null;
  const task = { name: "match", ...KINDS[kind]!, id };
  const brought = files.map((csv, i) => ({ csv, value: i === 0 ? null : value }));
  const measure = async (parties: Parties<PartyTask>): Promise<Run> => {
    const result = await run(parties, task, brought);
    await checkAligned(result);
    return result;
  };
  return withParties(PARTY, measure, { count: files.length, parent });
}

async function run(
  parties: Parties<PartyTask>,
  task: Pick<PartyTask, "name" | "component" | "parameters" | "id">,
  brought: readonly Brought[],
): Promise<Run> {
  const start = performance.now();
  const asked = parties.map((party, i) =>
    party.do({ csv: null, value: null, catalogue: null, ...task, ...brought[i] }),
  );
  const [guest, ...hosts] = (await Promise.all(asked)) as [PartyResult, ...PartyResult[]];
  return { seconds: (performance.now() - start) / 1000, guest, hosts };
}

/** Where all parties have rows: tables of nothing but ids are the same file when they are aligned. */
async function checkAligned({ guest, hosts }: Run): Promise<void> {
  const all = [guest, ...hosts];
  if (all.some(({ resultCsv }) => resultCsv === null)) return;
  if (hosts.some(({ matched }) => matched !== guest.matched))
    throw new Error("the parties matched different numbers of rows");
  const [first, ...rest] = await Promise.all(all.map(({ resultCsv }) => firstLineAndHash(resultCsv!)));
  for (const { header, hash } of rest)
    if (header === first!.header && !header.includes(",") && hash !== first!.hash)
      throw new Error("the rows are not aligned");
}

async function firstLineAndHash(path: string): Promise<{ readonly header: string; readonly hash: string }> {
  const hash = createHash("sha256");
  let header: string | undefined;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
    header ??= (chunk as Buffer).toString("utf8").split("\n", 1)[0];
  }
  return { header: header ?? "", hash: hash.digest("hex") };
}
