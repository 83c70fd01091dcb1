/**
 * Seconds per boosted tree (depth 4, 32 bins), guest and one host in one process over an in-memory link, each with half
 * of the columns. Yardstick of the same run: the plaintext twin on the same columns; the ratio is its time over ours.
 */
import { type Column, seededSampling, systemSecrets } from "@tombolo/base";
import { createMeter, openPeer } from "@tombolo/channel";
import {
  type BoostingParameters,
  defaultParameters,
  trainGuest,
  trainHost,
  trainingMessages,
  trainTwin,
} from "@tombolo/federated/vertical/boosting";
import { memoryNetwork } from "@tombolo/transport-memory";
import type { BenchOptions, Reporter } from "./report.ts";

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly trees: number;
}

interface Table {
  readonly labels: Float64Array;
  readonly guest: readonly Column[];
  readonly host: readonly Column[];
}

const CASES: readonly Case[] = [
  { rows: 10_000, columns: 20, trees: 3 },
  { rows: 100_000, columns: 50, trees: 1 },
];
const SMOKE: readonly Case[] = [{ rows: 60, columns: 4, trees: 1 }];
const SEED = 7;

export async function bench(report: Reporter, { smoke }: BenchOptions): Promise<void> {
  for (const one of smoke ? SMOKE : CASES) {
    const table = makeTable(one);
    const parameters = { ...defaultParameters, trees: one.trees };
    const name = `${one.rows} rows x ${one.columns} columns`;
    const plain = (await seconds(() => trainPlain(table, parameters))) / one.trees;
    report.row({ bench: "boosting", case: `yardstick: plaintext twin, ${name}`, value: plain, unit: "s/tree" });
    const secure = (await seconds(() => trainFederated(table, parameters))) / one.trees;
    report.row({ bench: "boosting", case: name, value: secure, unit: "s/tree", ratio: plain / secure });
  }
}

const trainPlain = ({ labels, guest, host }: Table, parameters: BoostingParameters) =>
  trainTwin({ columns: [guest, host], labels, parameters, sampling: seededSampling(SEED) });

async function trainFederated({ labels, guest, host }: Table, parameters: BoostingParameters): Promise<void> {
  const [here, there] = memoryNetwork({ seed: SEED }).connect("bank", "telco");
  const common = { binding: BINDING, deadlineMs: 600_000 };
  const [asGuest, asHost] = await Promise.all([
    openPeer(here, trainingMessages, {
      ...common,
      role: "guest",
      peerRole: "host",
      self: "bank",
      party: "telco",
      meter: createMeter(),
    }),
    openPeer(there, trainingMessages, {
      ...common,
      role: "host",
      peerRole: "guest",
      self: "telco",
      party: "bank",
      meter: createMeter(),
    }),
  ]);
  const sampling = seededSampling(SEED);
  await Promise.all([
    trainGuest({ columns: guest, labels, parameters, sampling }, [asGuest], systemSecrets()),
    trainHost({ columns: host, rowCount: labels.length, parameters, sampling }, asHost, systemSecrets()),
  ]);
  await Promise.all([asGuest.close(), asHost.close()]);
}

const BINDING = {
  consentHash: new Uint8Array(32),
  job: "bench",
  task: "bench",
  attempt: 1,
  componentVersion: "1.0.0",
  protocol: "vertical/boosting",
  suite: "international",
};

/** Uniform columns; the label is a noisy sum of a few of each party's. */
function makeTable({ rows, columns }: Case): Table {
  const sampling = seededSampling(SEED);
  const all = Array.from({ length: columns }, (_, i): Column & { kind: "number" } => ({
    kind: "number",
    name: `x${i}`,
    values: Float64Array.from({ length: rows }, () => sampling.next()),
  }));
  const used = all.filter((_, i) => i % 3 === 0);
  const labels = Float64Array.from({ length: rows }, (_, row) => {
    const signal = used.reduce((sum, { values }) => sum + values[row]! - 0.5, 0);
    return signal + sampling.next() - 0.5 > 0 ? 1 : 0;
  });
  return { labels, guest: all.slice(0, columns / 2), host: all.slice(columns / 2) };
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}
