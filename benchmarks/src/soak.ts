/**
 * A service for a long while: two real nodes, their runners and a generator of load, each a process of its own; calls at
 * a steady rate, and each node killed (SIGKILL) and started again on the way, the guest's after a third, the host's after
 * two thirds. Shows that memory is flat, that no call is lost, and what callers wait.
 *
 *   node benchmarks/src/soak.ts --minutes 20 --rate 25 [--json]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { until } from "../../apps/node/src/testing/cluster.ts";
import { consentBoth, creditScene, head, type Scene, submitJoint } from "../../apps/node/src/testing/joint-job.ts";
import { reporter } from "./report.ts";
import type { SoakFigures, SoakOrder } from "./soak-load.ts";

const ROWS = 900;
const SAMPLE_MS = 5_000;
/** Of a process: caches fill and code is compiled. */
const WARM_UP_MS = 120_000;
const MIB = 2 ** 20;
const SERVICE = "soak";

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    rate: { type: "string", default: "25" },
    json: { type: "boolean", default: false },
  },
});
const seconds = Number(values.minutes) * 60;
const report = reporter(values.json);
const row = (name: string, value: number, unit: string): void => report.row({ bench: "soak", case: name, value, unit });

/** Memory of both nodes and their runners, by process. */
class Memory {
  readonly #scene: Scene;
  readonly #samples = new Map<string, Sample[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#timer = setInterval(() => void this.#look(), SAMPLE_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Processes that lived long enough: what they had after warming up, at the end, and their slope. */
  tell(): void {
    for (const [name, samples] of this.#samples) {
      const warm = samples.filter(({ at }) => at > samples[0]!.at + WARM_UP_MS);
      if (warm.length < 12) continue;
      row(`memory of ${name}, after two minutes`, warm[0]!.bytes / MIB, "MiB");
      row("the same, at its end", warm.at(-1)!.bytes / MIB, "MiB");
      row("the same, most", Math.max(...warm.map(({ bytes }) => bytes)) / MIB, "MiB");
      row(
        `its slope over ${Math.round((warm.at(-1)!.at - warm[0]!.at) / 60_000)} minutes`,
        (slope(warm) * 60_000) / MIB,
        "MiB/min",
      );
    }
  }

  async #look(): Promise<void> {
    const at = Date.now();
    for (const node of Object.values(this.#scene.cluster.nodes)) {
      const pids = [
        [`${node.party}'s node`, node.pid],
        ...(await node.runners()).map((pid) => [`${node.party}'s runner`, pid]),
      ];
      for (const [who, pid] of pids as [string, number][]) {
        const bytes = await residentBytes(pid);
        const name = `${who} (${pid})`;
        if (bytes > 0) this.#samples.set(name, [...(this.#samples.get(name) ?? []), { at, bytes }]);
      }
    }
  }
}

/** 0 once it is gone. */
const residentBytes = async (pid: number): Promise<number> =>
  Number((await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "0 0")).split(" ")[1]) * 4096;

/** Least squares, bytes a millisecond. */
function slope(samples: readonly Sample[]): number {
  const mean = (of: (each: Sample) => number): number =>
    samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const [t, b] = [mean(({ at }) => at), mean(({ bytes }) => bytes)];
  const over = samples.reduce((sum, { at, bytes }) => sum + (at - t) * (bytes - b), 0);
  return over / samples.reduce((sum, { at }) => sum + (at - t) ** 2, 0);
}

/** A joint model, trained and deployed with both consents; answers how it is called. */
async function deploy(scene: Scene): Promise<Omit<SoakOrder, "perSecond" | "seconds">> {
  const bank = scene.cluster.node("bank");
  const analyst = await bank.analyst();
  const job = await submitJoint(scene);
  await consentBoth(scene, job);
  await scene.cluster.job("bank", job, "done", (status) => status === "SUCCESS", 240);
  const made = await analyst.call("createService", {
    body: {
      modelId: `${job}.train`,
      hosts: [{ partyId: "telco", datasetId: scene.telcoData, keys: ["phone"] }],
      until: new Date(Date.now() + 7 * 86_400_000).toISOString(),
      parameters: { timeoutMs: 10_000 },
      ...{ name: SERVICE, title: "Soak" },
      limits: { rowsPerDay: 1_000_000_000 },
    },
  });
  await consentBoth(scene, made.deployments[0]!.jobId);
  const admin = await bank.person("keeper", "admin");
  const { secret } = await admin.call("createApiKey", { body: { name: "load", roles: ["caller"], days: 7 } });
  const url = `http://127.0.0.1:${bank.apiPort}/api/v1/services/${SERVICE}/score`;
  return { url, apiKey: secret, bodies: await bodiesOf(scene, job) };
}

/** Of rows that both have. */
async function bodiesOf(scene: Scene, job: string): Promise<string[]> {
  const analyst = await scene.cluster.node("bank").analyst();
  const { columns, rows } = await analyst.call("previewOutput", { params: { id: job, task: "score", port: "data" } });
  const known = new Set(rows.map((each) => String(each[columns.indexOf("phone")])));
  const [header, ...lines] = (await head("bank.csv", ROWS))
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  return lines.flatMap((line) => {
    const { phone, default: _label, ...cells } = Object.fromEntries(header!.map((name, i) => [name, line[i]!]));
    if (!known.has(phone!)) return [];
    const features = Object.entries(cells).map(([name, cell]) => [
      name,
      cell === "" ? null : name === "home" ? cell : Number(cell),
    ]);
    return [JSON.stringify({ rows: [{ id: phone, features: Object.fromEntries(features) }] })];
  });
}

async function answers({ url, apiKey, bodies }: Omit<SoakOrder, "perSecond" | "seconds">): Promise<boolean> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${apiKey}` };
  const response = await fetch(url, { method: "POST", headers, body: bodies[0]! });
  return response.ok && ((await response.json()) as { rows: { score?: number }[] }).rows[0]?.score !== undefined;
}

async function killed(scene: Scene, party: string, service: Omit<SoakOrder, "perSecond" | "seconds">): Promise<void> {
  const from = Date.now();
  await scene.cluster.node(party).kill("SIGKILL");
  await scene.cluster.node(party).start();
  row(`${party}'s node killed, and its API back after`, (Date.now() - from) / 1000, "s");
  await until("scores are back", () => answers(service).catch(() => false), 900);
  row(`${party}'s node killed, and scores back after`, (Date.now() - from) / 1000, "s");
}

const scene = await creditScene(ROWS);
const generator = fork(new URL("./soak-load.ts", import.meta.url), [], { serialization: "advanced" });
try {
  const service = await deploy(scene);
  await until("it scores", () => answers(service).catch(() => false), 120);
  const memory = new Memory(scene);
  generator.send({ ...service, perSecond: Number(values.rate), seconds } satisfies SoakOrder);
  const done = once(generator, "message") as Promise<[SoakFigures]>;
  for (const party of ["bank", "telco"]) {
    await pause((seconds / 3) * 1000);
    await killed(scene, party, service);
  }
  const [{ calls, lost, repeats, changed, took }] = await done;
  memory.stop();
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? 0;
  row(`calls in ${values.minutes} minutes`, calls, "calls");
  row("calls lost", lost.length, "calls");
  row("scores that changed", changed, "calls");
  for (const [code, count] of Object.entries(repeats)) row(`repeats for ${code}`, count, "calls");
  row("p50", at(0.5), "ms");
  row("p99", at(0.99), "ms");
  memory.tell();
  for (const reason of new Set(lost)) process.stderr.write(`lost: ${reason}\n`);
  process.exitCode = lost.length + changed > 0 ? 1 : 0;
} finally {
  generator.kill();
  await scene.cluster[Symbol.asyncDispose]();
}
