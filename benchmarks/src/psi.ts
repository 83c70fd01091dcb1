/**
 * ECDH-PSI, both parties on this machine, each its own process, over loopback TCP; ids in memory to aligned rows.
 *
 * Yardstick: X25519 by Node's own OpenSSL on as many threads as there are cores. The ratio is rows matched in the time
 * OpenSSL needs for one X25519 operation; a row takes four scalar multiplications and two hashes to the group over both
 * parties, so 0.25 means that a multiplication, its hash included, costs as much as OpenSSL's.
 */
import { spawn } from "node:child_process";
import { diffieHellman, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { systemSecrets } from "@tombolo/base";
import { guest } from "@tombolo/protocols/psi/ecdh";
import { makeIds, openGuest } from "./psi-parties.ts";
import type { BenchOptions, Reporter } from "./report.ts";

const YARDSTICK_MS = 500;

export async function bench(report: Reporter, { smoke }: BenchOptions): Promise<void> {
  for (const rows of smoke ? [2000] : [100_000, 1_000_000]) {
    const perSecond = await x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
    const seconds = await matchSeconds(rows);
    const name = `ECDH-PSI ${rows.toLocaleString("en")} rows a side`;
    report.row({ bench: "psi", case: name, value: seconds, unit: "s" });
    report.row({ bench: "psi", case: name, value: rows / seconds, unit: "rows/s", ratio: rows / seconds / perSecond });
  }
}

async function matchSeconds(rows: number): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const ids = makeIds(rows, 0);
  const { port } = server.address() as AddressInfo;
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL("psi-host.ts", import.meta.url)), `${port}`, `${rows}`],
    {
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const exited = once(child, "exit") as Promise<[number | null]>;
  const died = exited.then(([code]) => Promise.reject(new Error(`the host's process ended early with code ${code}`)));
  died.catch(() => {});
  const [socket] = (await Promise.race([once(server, "connection"), died])) as [Socket];
  const session = await openGuest(socket);
  const start = performance.now();
  const { rows: matched } = await guest(ids, [session], { secrets: systemSecrets(), hostCount: 1 });
  const seconds = (performance.now() - start) / 1000;
  await session.close();
  server.close();
  const [code] = await exited;
  if (matched.length !== rows / 2 || code !== 0)
    throw new Error(`matched ${matched.length} rows, host ended with ${code}`);
  return seconds;
}

/** On all cores at once, as the protocol uses them. */
async function x25519PerSecond(durationMs: number): Promise<number> {
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(new URL(import.meta.url)));
  await Promise.all(workers.map((worker) => once(worker, "message"))); // ready
  const counts = workers.map(async (worker) => {
    worker.postMessage(durationMs);
    return ((await once(worker, "message")) as [number])[0];
  });
  const total = (await Promise.all(counts)).reduce((sum, perSecond) => sum + perSecond, 0);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return total;
}

function measureX25519(durationMs: number): number {
  const { privateKey } = generateKeyPairSync("x25519");
  const { publicKey } = generateKeyPairSync("x25519");
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < durationMs) {
    for (let i = 0; i < 100; i++) diffieHellman({ privateKey, publicKey });
    count += 100;
  }
  return (1000 * count) / (performance.now() - start);
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  port.once("message", (durationMs: number) => port.postMessage(measureX25519(durationMs)));
  port.postMessage("ready");
}
