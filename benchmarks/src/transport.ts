/**
 * Runner to runner, all in processes of their own: runner, node, TLS, node, runner. Yardstick of the same run: one
 * bare HTTP/2 stream over TLS 1.3 between two processes that moves the same bytes.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPartyCertificate } from "@tombolo/transport-ptp";
import type { BenchOptions, Reporter } from "./report.ts";
import type { Load, Rates, Task } from "./transport-worker.ts";

const WORKER = new URL("./transport-worker.ts", import.meta.url);
const MIB = 2 ** 20;

export async function bench(report: Reporter, { smoke }: BenchOptions): Promise<void> {
  const load: Load = {
    bulkBytes: smoke ? 8 * MIB : 512 * MIB,
    chunkBytes: 256 * 1024,
    roundTrips: smoke ? 50 : 3000,
  };
  // Alternating, and the better of each: other work on the machine then hits both alike.
  const bare: Rates[] = [];
  const ours: Rates[] = [];
  for (let i = 0; i < (smoke ? 1 : 3); i++) {
    bare.push(await withWorkers((workers) => measureBare(workers, load)));
    ours.push(await withWorkers((workers) => measureOurs(workers, load)));
  }
  const best = (rates: readonly Rates[], key: keyof Rates): number => Math.max(...rates.map((each) => each[key]));
  const rows = [
    ["bulk", "bytesPerSecond", MIB, "MiB/s"],
    ["round trips of 8 bytes", "roundTripsPerSecond", 1, "1/s"],
  ] as const;
  for (const [name, key, scale, unit] of rows) {
    const yardstick = best(bare, key);
    const value = best(ours, key);
    report.row({ bench: "transport", case: `yardstick: bare HTTP/2 TLS, ${name}`, value: yardstick / scale, unit });
    report.row({
      bench: "transport",
      case: `runner to runner, ${name}`,
      value: value / scale,
      unit,
      ratio: value / yardstick,
    });
  }
}

async function measureBare(workers: Workers, load: Load): Promise<Rates> {
  const certificate = await createPartyCertificate("bench", ["localhost"]);
  const port = (await workers.run({ kind: "bare-server", certificate, load })) as number;
  return (await workers.run({ kind: "bare-client", certificate, port, load })) as Rates;
}

async function measureOurs(workers: Workers, load: Load): Promise<Rates> {
  const folder = await workers.folder();
  const [bank, telco] = await Promise.all([createPartyCertificate("bank", []), createPartyCertificate("telco", [])]);
  const sockets = { bank: join(folder, "bank.sock"), telco: join(folder, "telco.sock") };
  const port = (await workers.run({
    kind: "node",
    self: "telco",
    certificate: telco,
    partner: { id: "bank", fingerprint: bank.fingerprint },
    socketPath: sockets.telco,
    dial: null,
  })) as number;
  await workers.run({
    kind: "node",
    self: "bank",
    certificate: bank,
    partner: { id: "telco", fingerprint: telco.fingerprint },
    socketPath: sockets.bank,
    dial: { partyId: "telco", host: "127.0.0.1", port, fingerprint: telco.fingerprint },
  });
  const runner = (self: "bank" | "telco", partner: string, sends: boolean): Task => ({
    kind: "runner",
    self,
    partner,
    socketPath: sockets[self],
    load,
    sends,
  });
  const [rates] = await Promise.all([
    workers.run(runner("bank", "telco", true)),
    workers.run(runner("telco", "bank", false)),
  ]);
  return rates as Rates;
}

async function withWorkers(measure: (workers: Workers) => Promise<Rates>): Promise<Rates> {
  const workers = new Workers();
  try {
    return await measure(workers);
  } finally {
    await workers.end();
  }
}

/** Child processes that end with the measurement. */
class Workers {
  readonly #children: ChildProcess[] = [];
  #folder: string | undefined;

  async folder(): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), "tombolo-bench-"));
    return this.#folder;
  }

  async run(task: Task): Promise<unknown> {
    const child = fork(WORKER, [], { serialization: "advanced", execArgv: workerArguments(task.kind) });
    this.#children.push(child);
    child.send(task);
    const [answer] = await Promise.race([once(child, "message"), died(child, task.kind)]);
    return (answer as { result: unknown }).result;
  }

  async end(): Promise<void> {
    const ended = this.#children.map((child) => (child.exitCode === null ? once(child, "exit") : undefined));
    for (const child of this.#children) child.disconnect();
    await Promise.all(ended);
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}

/** TOMBOLO_PROFILE=<folder> leaves a CPU profile of each process there. */
function workerArguments(kind: string): string[] {
  const folder = process.env.TOMBOLO_PROFILE;
  const profile = folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${join(folder, kind)}`];
  return ["--disable-warning=ExperimentalWarning", ...profile];
}

async function died(child: ChildProcess, kind: string): Promise<never> {
  const [code, signal] = await once(child, "exit");
  throw new Error(`the benchmark's ${kind} process ended early (${signal ?? code})`);
}
