/**
 * Runner to runner, all in processes of their own: runner, node, TLS, node, runner. Yardstick of the same run: one
 * bare HTTP/2 stream over TLS 1.3 between two processes that moves the same bytes.
 *
 * All processes live through the whole measurement, and short rounds of the one and the other alternate, who begins
 * too: what else the machine does then hits both alike. The figures are medians over the rounds, the ratio is the
 * median of the ratios of neighbouring rounds.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPartyCertificate } from "@tombolo/transport-ptp";
import type { BenchOptions, Reporter } from "./report.ts";
import type { Order, Round, Task } from "./transport-worker.ts";

const WORKER = new URL("./transport-worker.ts", import.meta.url);
const MIB = 2 ** 20;

/** Two processes, or four, between which bytes move. */
interface Path {
  readonly workers: readonly Worker[];
  readonly sender: Worker;
  readonly receiver: Worker;
}

/** What a path moved in a second, and how long each of its processes was at work meanwhile. */
interface Measured {
  readonly rate: number;
  readonly cpuSeconds: ReadonlyMap<string, number>;
}

interface Pair {
  readonly bare: Measured;
  readonly ours: Measured;
}

export async function bench(report: Reporter, { smoke }: BenchOptions): Promise<void> {
  const rounds = smoke ? 1 : 9;
  const bulk: Round = { kind: "bulk", count: (smoke ? 8 : 256) * MIB };
  const small: Round = { kind: "round-trips", count: smoke ? 50 : 1500 };
  const workers = new Workers();
  try {
    const [bare, ours] = [await openBare(workers), await openOurs(workers)];
    const moved = await alternate(bare, ours, bulk, rounds);
    showRates(report, "bulk", moved, MIB, "MiB/s");
    showRates(report, "round trips of 8 bytes", await alternate(bare, ours, small, rounds), 1, "1/s");
    showCpu(report, moved, bulk.count / 1024 / MIB);
  } finally {
    await workers.end();
  }
}

/** The first round of each only warms up. */
async function alternate(bare: Path, ours: Path, round: Round, count: number): Promise<readonly Pair[]> {
  await measure(bare, round);
  await measure(ours, round);
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i++) {
    if (i % 2 === 0) pairs.push({ bare: await measure(bare, round), ours: await measure(ours, round) });
    else pairs.push({ ours: await measure(ours, round), bare: await measure(bare, round) });
  }
  return pairs;
}

/** A receiver answers once it is ready, a sender once all is done. */
async function measure({ workers, sender, receiver }: Path, round: Round): Promise<Measured> {
  const before = await Promise.all(workers.map((worker) => worker.cpuSeconds()));
  await receiver.do(round);
  const seconds = (await sender.do(round)) as number;
  const after = await Promise.all(workers.map((worker) => worker.cpuSeconds()));
  return {
    rate: round.count / seconds,
    cpuSeconds: new Map(workers.map(({ name }, i) => [name, after[i]! - before[i]!])),
  };
}

function showRates(report: Reporter, name: string, pairs: readonly Pair[], scale: number, unit: string): void {
  const bare = median(pairs.map((pair) => pair.bare.rate)) / scale;
  const ours = median(pairs.map((pair) => pair.ours.rate)) / scale;
  const ratio = median(pairs.map((pair) => pair.ours.rate / pair.bare.rate));
  report.row({ bench: "transport", case: `yardstick: bare HTTP/2 TLS, ${name}`, value: bare, unit });
  report.row({ bench: "transport", case: `runner to runner, ${name}`, value: ours, unit, ratio });
}

/** Processor time hardly depends on what else the machine does, so this tells of a change where rates do not. */
function showCpu(report: Reporter, pairs: readonly Pair[], gibibytes: number): void {
  const row = (name: string, rounds: readonly Measured[], seconds: (round: Measured) => number): void => {
    const value = median(rounds.map(seconds)) / gibibytes;
    report.row({ bench: "transport", case: `processor time, ${name}`, value, unit: "s/GiB" });
  };
  const all = (round: Measured): number => [...round.cpuSeconds.values()].reduce((sum, each) => sum + each, 0);
  for (const side of ["bare", "ours"] as const) {
    const rounds = pairs.map((pair) => pair[side]);
    for (const name of rounds[0]!.cpuSeconds.keys()) row(name, rounds, (round) => round.cpuSeconds.get(name)!);
    row(side === "bare" ? "yardstick: bare HTTP/2 TLS" : "runner to runner", rounds, all);
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function openBare(workers: Workers): Promise<Path> {
  const certificate = await createPartyCertificate("bench", ["localhost"]);
  const server = workers.start("bare-server");
  const port = (await server.do({ kind: "bare-server", certificate })) as number;
  const client = workers.start("bare-client");
  await client.do({ kind: "bare-client", certificate, port });
  return { workers: [client, server], sender: client, receiver: server };
}

async function openOurs(workers: Workers): Promise<Path> {
  const folder = await workers.folder();
  const [bank, telco] = await Promise.all([createPartyCertificate("bank", []), createPartyCertificate("telco", [])]);
  const sockets = { bank: join(folder, "bank.sock"), telco: join(folder, "telco.sock") };
  const listening: Task = {
    kind: "node",
    self: "telco",
    certificate: telco,
    partner: { id: "bank", fingerprint: bank.fingerprint },
    socketPath: sockets.telco,
    dial: null,
  };
  const [dialler, listener] = [workers.start("dialling node"), workers.start("listening node")];
  const port = (await listener.do(listening)) as number;
  await dialler.do({
    kind: "node",
    self: "bank",
    certificate: bank,
    partner: { id: "telco", fingerprint: telco.fingerprint },
    socketPath: sockets.bank,
    dial: { partyId: "telco", host: "127.0.0.1", port, fingerprint: telco.fingerprint },
  });
  const [sender, receiver] = [workers.start("sending runner"), workers.start("receiving runner")];
  await Promise.all([
    sender.do({ kind: "runner", self: "bank", partner: "telco", socketPath: sockets.bank, sends: true }),
    receiver.do({ kind: "runner", self: "telco", partner: "bank", socketPath: sockets.telco, sends: false }),
  ]);
  return { workers: [sender, dialler, listener, receiver], sender, receiver };
}

class Worker {
  readonly name: string;
  readonly #child: ChildProcess;
  #answer = Promise.withResolvers<unknown>();

  constructor(name: string) {
    this.name = name;
    this.#child = fork(WORKER, [], { serialization: "advanced", execArgv: workerArguments(name) });
    this.#child.on("message", (answer) => this.#answer.resolve(answer));
    this.#child.on("exit", (code, signal) =>
      this.#answer.reject(new Error(`the benchmark's ${name} ended early (${signal ?? code})`)),
    );
  }

  async do(order: Order): Promise<unknown> {
    this.#answer = Promise.withResolvers<unknown>();
    this.#child.send(order);
    return ((await this.#answer.promise) as { readonly result: unknown }).result;
  }

  async cpuSeconds(): Promise<number> {
    return (await this.do({ kind: "cpu-seconds" })) as number;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#answer.promise.catch(() => {});
    this.#child.disconnect();
    await ended;
  }
}

/** Child processes that end with the measurement. */
class Workers {
  readonly #workers: Worker[] = [];
  #folder: string | undefined;

  async folder(): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), "tombolo-bench-"));
    return this.#folder;
  }

  start(name: string): Worker {
    const worker = new Worker(name);
    this.#workers.push(worker);
    return worker;
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()));
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}

/** TOMBOLO_PROFILE=<folder> leaves a CPU profile of each process there. */
function workerArguments(name: string): string[] {
  const folder = process.env.TOMBOLO_PROFILE;
  const profile = folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${join(folder, name.replace(" ", "-"))}`];
  return ["--disable-warning=ExperimentalWarning", ...profile];
}
