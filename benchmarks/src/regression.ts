import { auc, rank } from "@tombolo/federated/evaluation";
import { defaultParameters, type RegressionParameters, trainTwin } from "@tombolo/federated/vertical/regression";
import { withParties } from "./party-process.ts";
import { type JoinedTable, joinedFiles, madeUp } from "./regression-data.ts";
import type { RegressionFlags } from "./regression-flags.ts";
import type { RegressionFigures, RegressionOrder } from "./regression-party.ts";
import type { BenchOptions, Reporter } from "./report.ts";
import { x25519PerSecond } from "./x25519.ts";

const PARTY = new URL("./regression-party.ts", import.meta.url);
const YARDSTICK_MS = 500;
/** Rows, the guest's and the host's columns. */
const CASES = [
  [10_000, 20, 20],
  [100_000, 30, 70],
  [100_000, 30, 300],
] as const;
const SMOKE = [[300, 3, 3]] as const;

export async function bench(report: Reporter, { smoke, regression = {} }: BenchOptions): Promise<void> {
  const perSecond = x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
  report.row({ bench: "regression", case: "yardstick: X25519", value: perSecond, unit: "op/s" });
  const parameters = parametersOf(regression, smoke);
  const own = ownFiles(regression);
  if (own !== null) return benchTable(report, "own files", await joinedFiles(own), parameters, perSecond);
  for (const [rows, guest, host] of smoke ? SMOKE : CASES) {
    const name = `${rows.toLocaleString("en")} x (${guest} + ${host})`;
    await benchTable(report, name, madeUp(rows, guest, host), parameters, perSecond);
  }
}

function parametersOf({ epochs = "4", batch = "4096" }: RegressionFlags, smoke: boolean): RegressionParameters {
  const [epochCount, batchRows] = [Number(epochs), smoke ? 150 : Number(batch)];
  return { ...defaultParameters, solver: "sgd", missing: "mean", epochs: epochCount, batchRows };
}

function ownFiles({ guest, host, id, label }: RegressionFlags) {
  if (guest === undefined || host === undefined || label === undefined) return null;
  return { guest, host, id: id ?? "id", label };
}

/** Of an epoch after the first, in the mean. */
const later = (ends: readonly number[]): number =>
  ends.length > 1 ? (ends.at(-1)! - ends[0]!) / (ends.length - 1) : ends[0]!;

async function benchTable(
  report: Reporter,
  name: string,
  table: JoinedTable,
  parameters: RegressionParameters,
  perSecond: number,
): Promise<void> {
  const rows = table.labels.length;
  const row = (what: string, value: number, unit: string): void =>
    report.row({ bench: "regression", case: name + what, value, unit });
  const [guest, host] = await trainBoth(table, parameters);
  const epochs = guest.stepSeconds.length;
  const perEpoch = later(guest.stepSeconds);
  report.row({ bench: "regression", case: name, value: perEpoch, unit: "s/epoch", ratio: rows / perEpoch / perSecond });
  row(", processor time of both", later(guest.stepCpuSeconds) + later(host.stepCpuSeconds), "s/epoch");
  row(", first epoch, with set-up and what is made ahead", guest.stepSeconds[0]!, "s");
  row(`, ${epochs} epochs with everything, each`, guest.stepSeconds.at(-1)! / epochs, "s/epoch");
  row(", the same, processor time of both", (guest.cpuSeconds + host.cpuSeconds) / epochs, "s/epoch");
  row(", bytes", guest.bytes / 1e6, "MB");
  row(", peak memory", Math.max(guest.peakBytes, host.peakBytes) / 2 ** 20, "MiB");
  const predictor = guest.contributions.map((own, i) => own + host.contributions[i]!);
  report.row({
    bench: "regression",
    case: `${name}, joint AUC`,
    value: auc(rank(table.labels, predictor)) ?? Number.NaN,
    unit: "",
  });
  const started = performance.now();
  const twin = { columns: [table.guest, table.host], rows: { labels: table.labels } };
  await trainTwin({ ...twin, parameters: { ...parameters, epochs: 1 } });
  const twinSeconds = (performance.now() - started) / 1000;
  row(", epoch of the plaintext twin", twinSeconds, "s");
  row(", times the plaintext twin", perEpoch / twinSeconds, "");
}

async function trainBoth(table: JoinedTable, parameters: RegressionParameters) {
  return withParties<RegressionOrder, readonly [RegressionFigures, RegressionFigures]>(PARTY, async ([bank, telco]) => {
    const common = { rowCount: table.labels.length, parameters } as const;
    const both = await Promise.all([
      bank.do({ ...common, columns: table.guest, labels: table.labels }),
      telco.do({ ...common, columns: table.host, labels: null }),
    ]);
    return both as [RegressionFigures, RegressionFigures];
  });
}
