import { seededSampling } from "@tombolo/base";
import {
  type BoostingParameters,
  checkParameters,
  defaultParameters,
  type Scheme,
  trainTwin,
} from "@tombolo/federated/vertical/boosting";
import type { BoostingFlags } from "./boosting-flags.ts";
import type { BoostingFigures, BoostingOrder } from "./boosting-party.ts";
import { benchShared } from "./boosting-shared.ts";
import { withParties } from "./party-process.ts";
import { type JoinedTable, joinedFiles, madeUp } from "./regression-data.ts";
import type { BenchOptions, Reporter } from "./report.ts";
import { x25519PerSecond } from "./x25519.ts";

const PARTY = new URL("./boosting-party.ts", import.meta.url);
const YARDSTICK_MS = 500;
const SEED = 7;
/** Rows, the guest's and the host's columns. */
const CASES = [
  [10_000, 20, 20],
  [100_000, 30, 70],
  [100_000, 30, 300],
  [1_000_000, 20, 80],
] as const;
/** At level shared. */
const SHARED_CASES = [[10_000, 20, 20]] as const;
const SMOKE = [[300, 3, 3]] as const;

export async function bench(report: Reporter, { smoke, boosting = {} }: BenchOptions): Promise<void> {
  const perSecond = x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
  report.row({ bench: "boosting", case: "yardstick: X25519", value: perSecond, unit: "op/s" });
  const parameters = parametersOf(boosting);
  const { guest, host, id, label } = boosting;
  const shared = { seed: SEED, perSecond };
  if (guest !== undefined && host !== undefined && label !== undefined) {
    const table = await joinedFiles({ guest, host, id: id ?? "id", label });
    if (boosting.level === "shared") return benchShared(report, "own files", table, parameters, shared);
    return benchTable(report, "own files", table, parameters, perSecond);
  }
  for (const [rows, own, others] of smoke ? SMOKE : SHARED_CASES) {
    const name = `${rows.toLocaleString("en")} x (${own} + ${others})`;
    await benchShared(report, name, madeUp(rows, own, others), parameters, shared);
  }
  if (boosting.level === "shared") return;
  for (const [rows, own, others] of smoke ? SMOKE : CASES) {
    const name = `${rows.toLocaleString("en")} x (${own} + ${others})`;
    await benchTable(report, name, madeUp(rows, own, others), parameters, perSecond);
  }
}

function parametersOf({
  trees = "5",
  depth = "5",
  bins = "32",
  scheme = "lattice",
}: BoostingFlags): BoostingParameters {
  return checkParameters({
    ...defaultParameters,
    trees: Number(trees),
    depth: Number(depth),
    bins: Number(bins),
    scheme: scheme as Scheme,
  });
}

async function benchTable(
  report: Reporter,
  name: string,
  table: JoinedTable,
  parameters: BoostingParameters,
  perSecond: number,
): Promise<void> {
  const row = (what: string, value: number, unit: string): void =>
    report.row({ bench: "boosting", case: name + what, value, unit });
  const both = await trainBoth(table, parameters);
  const [guest, host] = both;
  const trees = guest.treeSeconds.length;
  const perTree = (guest.treeSeconds.at(-1)! - guest.begunSeconds) / trees;
  const total = (of: (figures: BoostingFigures) => number): number => of(guest) + of(host);
  const cells = table.labels.length * (table.guest.length + table.host.length);
  report.row({ bench: "boosting", case: name, value: perTree, unit: "s/tree", ratio: cells / perTree / perSecond });
  row(", processor time of both", total((x) => x.cpuSeconds - x.cpuSecondsBefore) / trees, "s/tree");
  row(", set-up", guest.begunSeconds, "s");
  row(
    ", processor time of the set-up",
    total((x) => x.cpuSecondsBefore),
    "s",
  );
  row(", bytes", (guest.bytes - guest.bytesBefore) / trees / 1e6, "MB/tree");
  row(", bytes of the set-up", guest.bytesBefore / 1e6, "MB");
  row(", peak memory, guest", guest.peakBytes / 2 ** 20, "MiB");
  row(", peak memory, host", host.peakBytes / 2 ** 20, "MiB");
  row(", joint AUC", guest.auc, "");
  const started = performance.now();
  const twin = { columns: [table.guest, table.host], labels: table.labels, sampling: seededSampling(SEED) };
  await trainTwin({ ...twin, parameters: { ...parameters, trees: 1 } });
  const twinSeconds = (performance.now() - started) / 1000;
  row(", tree of the plaintext twin with its binning", twinSeconds, "s");
  row(", times the plaintext twin", perTree / twinSeconds, "");
}

async function trainBoth(
  table: JoinedTable,
  parameters: BoostingParameters,
): Promise<readonly [BoostingFigures, BoostingFigures]> {
  return withParties<BoostingOrder, readonly [BoostingFigures, BoostingFigures]>(PARTY, async ([bank, telco]) => {
    const common = { rowCount: table.labels.length, parameters, seed: SEED } as const;
    const both = await Promise.all([
      bank.do({ ...common, columns: table.guest, labels: table.labels }),
      telco.do({ ...common, columns: table.host, labels: null }),
    ]);
    return both as [BoostingFigures, BoostingFigures];
  });
}
