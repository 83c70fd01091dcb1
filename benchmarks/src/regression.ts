/**
 * Logistic regression over two parties' columns, between two processes over mutual TLS on loopback: seconds an epoch of
 * mini-batches once products are made ahead, the first epoch with everything from reading the own table on, all epochs with everything,
 * when the joint model is as good as a plain fit of the joined table, bytes and memory; of the smallest table also the form with an arbiter, and what standard errors cost. What a row costs for each column shows how all
 * grows with both.
 * `--guest a.csv --host b.csv --id column --label column` for files of one's own, `--made 1000000x20x280` for a table of another size,
 * `--epochs`, `--batch`; `--link` for what rounds and bytes take over a slow link.
 *
 * Yardsticks: the plaintext twin's epoch on the joined table; X25519 by OpenSSL, in rows an epoch.
 */
import { auc, rank } from "@tombolo/federated/evaluation";
import { defaultParameters, type RegressionParameters, trainTwin } from "@tombolo/federated/vertical/regression";
import { benchArbiter } from "./regression-arbiter.ts";
import { type JoinedTable, joinedFiles, madeUp } from "./regression-data.ts";
import { benchErrors } from "./regression-errors.ts";
import type { RegressionFlags } from "./regression-flags.ts";
import { predictors } from "./regression-predictors.ts";
import { type Both, trainBoth } from "./regression-run.ts";
import { type BenchOptions, linkRows, type Reporter } from "./report.ts";
import type { LinkSpeed } from "./slow-link.ts";
import { x25519PerSecond } from "./x25519.ts";

const YARDSTICK_MS = 500;

interface Case {
  readonly rows: number;
  readonly guest: number;
  readonly host: number;
  readonly batchRows: number;
  /** Of scikit-learn 1.9 on the joined table, without a penalty; null: not computed. */
  readonly plainAuc: number | null;
}

const sized = (rows: number, guest: number, host: number, batchRows: number, plainAuc: number | null): Case => ({
  ...{ rows, guest, host, batchRows, plainAuc },
});
const CASES = [
  sized(10_000, 20, 20, 4096, 0.783169),
  sized(50_000, 30, 70, 4096, 0.770423),
  sized(100_000, 30, 70, 4096, 0.772857),
  sized(100_000, 30, 170, 4096, 0.778739),
  sized(100_000, 30, 300, 4096, 0.78057),
  sized(1_000_000, 20, 80, 32_768, 0.778935),
];
const SMOKE = [sized(300, 3, 3, 150, null)];
/** Batches with an arbiter have more rows at least. */
const SMOKE_ARBITER = [sized(400, 3, 3, 400, null)];
/** What counts as as good as the plain fit. */
const AUC_LEFT = 0.001;

export async function bench(report: Reporter, { smoke, regression = {}, link }: BenchOptions): Promise<void> {
  const perSecond = x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
  report.row({ bench: "regression", case: "yardstick: X25519", value: perSecond, unit: "op/s" });
  const about = (name: string, batchRows: number, plainAuc: number | null): About => {
    const { epochs = "4", batch = batchRows } = regression;
    const sgd = { solver: "sgd", missing: "mean", epochs: Number(epochs), batchRows: Number(batch) } as const;
    return { report, name, parameters: { ...defaultParameters, ...sgd }, plainAuc, perSecond };
  };
  const own = ownFiles(regression);
  if (own !== null) return benchTable(await joinedFiles(own), about("own files", 4096, null));
  const cases = casesOf(regression, smoke);
  // A small table: epochs over slow links wait for rounds, whatever the columns.
  for (const { rows, guest, host, batchRows, plainAuc } of link === undefined ? cases : cases.slice(0, 1)) {
    const name = `${rows.toLocaleString("en")} x (${guest} + ${host})`;
    if (link !== undefined) await benchLink(madeUp(rows, guest, host), about(name, batchRows, plainAuc), link);
    else await benchTable(madeUp(rows, guest, host), about(name, batchRows, plainAuc));
  }
  if (link !== undefined) return;
  const [arbiter] = smoke ? SMOKE_ARBITER : cases;
  const { rows, guest, host } = arbiter!;
  const small = { name: `${rows.toLocaleString("en")} x (${guest} + ${host})`, epochs: smoke ? 1 : 4, rowsPerTerm: 40 };
  await benchArbiter(report, madeUp(rows, guest, host), small);
  if (regression.made === undefined) await benchErrors(report, smoke);
}

function casesOf({ made }: RegressionFlags, smoke: boolean): readonly Case[] {
  if (made === undefined) return smoke ? SMOKE : CASES;
  const [rows, guest, host] = made.split("x").map(Number);
  return [sized(rows!, guest!, host!, 4096, null)];
}

function ownFiles({ guest, host, id, label }: RegressionFlags) {
  if (guest === undefined || host === undefined || label === undefined) return null;
  return { guest, host, id: id ?? "id", label };
}

interface About {
  readonly report: Reporter;
  readonly name: string;
  readonly parameters: RegressionParameters;
  readonly plainAuc: number | null;
  /** X25519. */
  readonly perSecond: number;
}

/** Of an epoch after the first, in the mean. */
const later = (ends: readonly number[]): number =>
  ends.length > 1 ? (ends.at(-1)! - ends[0]!) / (ends.length - 1) : ends[0]!;

async function benchTable(table: JoinedTable, about: About): Promise<void> {
  const { report, name, parameters, perSecond } = about;
  const rows = table.labels.length;
  const row = (what: string, value: number, unit: string): void =>
    report.row({ bench: "regression", case: name + what, value, unit });
  const [guest, host] = await trainBoth(table, parameters);
  const epochs = guest.stepSeconds.length;
  const perEpoch = later(guest.stepSeconds);
  report.row({ bench: "regression", case: name, value: perEpoch, unit: "s/epoch", ratio: rows / perEpoch / perSecond });
  row(", processor time of both", later(guest.stepCpuSeconds) + later(host.stepCpuSeconds), "s/epoch");
  row(", first epoch, with reading, set-up and what is made ahead", guest.stepSeconds[0]!, "s");
  row(`, ${epochs} epochs with everything, each`, guest.stepSeconds.at(-1)! / epochs, "s/epoch");
  const cpuSeconds = guest.cpuSeconds + host.cpuSeconds;
  row(", the same, processor time of both", cpuSeconds / epochs, "s/epoch");
  const entries = rows * (table.guest.length + table.host.length);
  row(", the same, a row and column", (1e9 * cpuSeconds) / epochs / entries, "ns/epoch");
  row(", bytes", guest.bytes / 1e6, "MB");
  row(", peak memory", Math.max(guest.peakBytes, host.peakBytes) / 2 ** 20, "MiB");
  reportAuc(table, [guest, host], about);
  const started = performance.now();
  const twin = { columns: [table.guest, table.host], rows: { labels: table.labels } };
  await trainTwin({ ...twin, parameters: { ...parameters, epochs: 1 } });
  const twinSeconds = (performance.now() - started) / 1000;
  row(", epoch of the plaintext twin", twinSeconds, "s");
  row(", times the plaintext twin", perEpoch / twinSeconds, "");
}

async function benchLink(table: JoinedTable, { report, name, parameters }: About, link: LinkSpeed): Promise<void> {
  for (const transfers of ["fast", "slow"] as const) {
    const [{ stepSeconds, stepWaits, stepBytes }] = await trainBoth(table, { ...parameters, link: transfers }, link);
    const rows = (of: string, pick: (ends: readonly number[]) => number): void => {
      const figures = { seconds: pick(stepSeconds), waits: pick(stepWaits), bytes: pick(stepBytes) };
      linkRows(
        report,
        "regression",
        `${name}, ${transfers === "fast" ? "softspoken" : "silent"}, ${of}`,
        figures,
        link,
      );
    };
    rows("first epoch", (ends) => ends[0]!);
    rows("a later epoch", later);
  }
}

/** At the end, and when it first was as good as that of a plain fit, if it was. */
function reportAuc(table: JoinedTable, [guest, host]: Both, { report, name, plainAuc }: About): void {
  const row = (what: string, value: number, unit: string): void =>
    report.row({ bench: "regression", case: name + what, value, unit });
  const aucOf = (scores: Float64Array): number => auc(rank(table.labels, scores)) ?? Number.NaN;
  row(", joint AUC", aucOf(guest.contributions.map((own, i) => own + host.contributions[i]!)), "");
  if (plainAuc === null) return;
  row(", AUC of scikit-learn", plainAuc, "");
  const least = plainAuc - AUC_LEFT;
  const good = guest.weights.findIndex((own, i) => aucOf(predictors(table, own, host.weights[i]!)) >= least);
  if (good < 0) return;
  row(`, epochs to within ${AUC_LEFT} of it`, good + 1, "");
  row(", from reading the tables to there", guest.stepSeconds[good]!, "s");
}
