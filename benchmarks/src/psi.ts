/**
 * Matching from two CSV files to two aligned tables as Parquet and CSV, both parties on this machine, each one process,
 * over mutual TLS on loopback. Timed is all of it, once both processes are up and connected.
 *
 * Yardstick: X25519 by Node's own OpenSSL on one thread, in the same run. The ratio is rows of the larger side in the
 * time OpenSSL takes for one operation.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createPartyCertificate } from "@tombolo/transport-ptp";
import { memoryFlags } from "../../apps/node/src/runner/memory.ts";
import { writeIds } from "./psi-data.ts";
import type { PartyNode, PartyResult, PartyTask } from "./psi-party.ts";
import type { BenchOptions, Reporter } from "./report.ts";
import { x25519PerSecond } from "./x25519.ts";

const PARTY = new URL("./psi-party.ts", import.meta.url);
const YARDSTICK_MS = 500;
const SMOKE_ROWS = 2000;
const PROTOCOLS = ["vole", "ecdh"] as const;

interface Files {
  readonly guest: string;
  readonly host: string;
  readonly id: string;
}

export async function bench(report: Reporter, { smoke, psi: flags = {} }: BenchOptions): Promise<void> {
  const parent = flags.folder ?? tmpdir();
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "tombolo-bench-psi-"));
  try {
    const protocols = flags.protocol ?? PROTOCOLS;
    if (flags.guest !== undefined && flags.host !== undefined) {
      const files = { guest: resolve(flags.guest), host: resolve(flags.host), id: flags.id ?? "id" };
      for (const protocol of protocols) await benchFiles(report, folder, protocol, files);
      return;
    }
    const sizes = smoke ? [SMOKE_ROWS] : (flags.rows ?? ["1e5", "1e6"]).map(Number);
    for (const rows of sizes) for (const protocol of protocols) await benchRows(report, folder, protocol, rows, smoke);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A user's own files: one line. */
async function benchFiles(report: Reporter, folder: string, protocol: string, files: Files): Promise<void> {
  const perSecond = x25519PerSecond(YARDSTICK_MS);
  const { seconds, guest, host } = await run(folder, protocol, files);
  const rows = Math.max(guest.rows, host.rows);
  const ratio = rows / seconds / perSecond;
  report.row({
    bench: "psi",
    case: `${protocol} ${rows} rows, ${guest.matched} matched`,
    value: seconds,
    unit: "s",
    ratio,
  });
}

async function benchRows(
  report: Reporter,
  folder: string,
  protocol: string,
  rows: number,
  smoke: boolean,
): Promise<void> {
  const files = { guest: join(folder, `guest-${rows}.csv`), host: join(folder, `host-${rows}.csv`), id: "id" };
  await Promise.all([writeIds(files.guest, rows, 0), writeIds(files.host, rows, Math.floor(rows / 2))]);
  const perSecond = x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
  const { seconds, guest, host } = await run(folder, protocol, files);
  if (guest.matched !== Math.ceil(rows / 2) || host.matched !== guest.matched)
    throw new Error(`matched ${guest.matched} and ${host.matched} of ${rows} rows`);
  const name = `${protocol} ${rows.toLocaleString("en")} rows a side`;
  const row = (what: string, value: number, unit: string, ratio?: number): void =>
    report.row({ bench: "psi", case: `${name}${what}`, value, unit, ...(ratio === undefined ? {} : { ratio }) });
  row("", seconds, "s");
  row("", rows / seconds, "rows/s", rows / seconds / perSecond);
  row(", processor time of both", guest.cpuSeconds + host.cpuSeconds, "s");
  row(", sent", (guest.bytesOut + host.bytesOut) / rows, "B/row");
  row(", guest's memory", guest.peakBytes / 2 ** 20, "MiB");
  row(", host's memory", host.peakBytes / 2 ** 20, "MiB");
  for (const [step, value] of Object.entries(guest.secondsOf)) row(`, guest's ${step}`, value, "s");
}

interface Run {
  readonly seconds: number;
  readonly guest: PartyResult;
  readonly host: PartyResult;
}

async function run(folder: string, protocol: string, files: Files): Promise<Run> {
  const [bank, telco] = await Promise.all([createPartyCertificate("bank", []), createPartyCertificate("telco", [])]);
  const [guest, host] = [new Party(), new Party()];
  const work = await mkdtemp(join(folder, "run-"));
  try {
    const at = async (self: string): Promise<string> => {
      await mkdir(join(work, self));
      return join(work, self);
    };
    const port = (await host.ask({
      kind: "node",
      self: "telco",
      certificate: telco,
      partner: { id: "bank", fingerprint: bank.fingerprint },
      folder: await at("telco"),
      dial: null,
    })) as number;
    await guest.ask({
      kind: "node",
      self: "bank",
      certificate: bank,
      partner: { id: "telco", fingerprint: telco.fingerprint },
      folder: await at("bank"),
      dial: { partyId: "telco", host: "127.0.0.1", port, fingerprint: telco.fingerprint },
    });
    const task = { kind: "match", id: files.id, protocol } as const;
    const start = performance.now();
    const results = (await Promise.all([
      guest.ask({ ...task, role: "guest", csv: files.guest }),
      host.ask({ ...task, role: "host", csv: files.host }),
    ])) as [PartyResult, PartyResult];
    const seconds = (performance.now() - start) / 1000;
    await checkAligned(results);
    return { seconds, guest: results[0], host: results[1] };
  } finally {
    await Promise.all([guest.end(), host.end()]);
    await rm(work, { recursive: true, force: true });
  }
}

/** Tables of nothing but ids are the same file when they are aligned. */
async function checkAligned([guest, host]: [PartyResult, PartyResult]): Promise<void> {
  if (guest.matched !== host.matched) throw new Error("the parties matched different numbers of rows");
  const [a, b] = await Promise.all([firstLineAndHash(guest.alignedCsv), firstLineAndHash(host.alignedCsv)]);
  if (a.header === b.header && !a.header.includes(",") && a.hash !== b.hash)
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

/** A child process that does one thing after another and ends with the measurement. */
class Party {
  readonly #child: ChildProcess = fork(PARTY, [], {
    serialization: "advanced",
    execArgv: ["--disable-warning=ExperimentalWarning", ...memoryFlags(), ...profile()],
  });

  async ask(task: PartyNode | PartyTask): Promise<unknown> {
    this.#child.send(task);
    const died = once(this.#child, "exit").then(([code, signal]) => {
      throw new Error(`a party's process ended early (${signal ?? code})`);
    });
    const [answer] = (await Promise.race([once(this.#child, "message"), died])) as [
      { readonly result: unknown } | { readonly error: string },
    ];
    if ("error" in answer) throw new Error(answer.error);
    return answer.result;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
  }
}

/** TOMBOLO_PROFILE=<folder> leaves a CPU profile of each process there. */
function profile(): string[] {
  const folder = process.env.TOMBOLO_PROFILE;
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}
