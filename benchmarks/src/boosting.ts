/**
 * Seconds a boosted tree (depth 5, 32 bins), guest and host as processes over mutual TLS on loopback, sharing this machine's cores: a
 * tree once set up, the set-up, bytes, memory, and how good the joint model is. `--guest a.csv --host b.csv --id column --label column` for files of
 * one's own, `--trees`, `--depth`, `--bins`, `--scheme`; `--rows 1e7 --columns 20+20` for generated tables of another size, whose columns each
 * party makes up one at a time. At the end, by case, processor time for each value (row and column): how far it is linear.
 *
 * Yardsticks of the same run: the plaintext twin's tree on the joined table; X25519 by OpenSSL, in rows times columns a tree.
 */
import { seededSampling } from "@tombolo/base";
import {
  type BoostingParameters,
  checkParameters,
  defaultParameters,
  type Scheme,
  trainTwin,
} from "@tombolo/federated/vertical/boosting";
import { columnsOf, labelsOf, type MadeUpShape, type PartyTable } from "./boosting-data.ts";
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
/** Above, the plaintext twin would take minutes. */
const TWIN_ROWS_MAX = 1_000_000;
const CASES: readonly MadeUpShape[] = [
  { rows: 10_000, guest: 20, host: 20 },
  { rows: 100_000, guest: 20, host: 20 },
  { rows: 100_000, guest: 30, host: 70 },
  { rows: 100_000, guest: 30, host: 300 },
  { rows: 1_000_000, guest: 20, host: 20 },
  { rows: 1_000_000, guest: 20, host: 80 },
];
/** At level shared. */
const SHARED_CASES: readonly MadeUpShape[] = [{ rows: 10_000, guest: 20, host: 20 }];
const SMOKE: readonly MadeUpShape[] = [{ rows: 300, guest: 3, host: 3 }];

export async function bench(report: Reporter, { smoke, boosting = {} }: BenchOptions): Promise<void> {
  const perSecond = x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
  report.row({ bench: "boosting", case: "yardstick: X25519", value: perSecond, unit: "op/s" });
  const parameters = parametersOf(boosting);
  const { guest, host, id, label } = boosting;
  const shared = { seed: SEED, perSecond };
  if (guest !== undefined && host !== undefined && label !== undefined) {
    const joined = await joinedFiles({ guest, host, id: id ?? "id", label });
    if (boosting.level === "shared") return benchShared(report, "own files", joined, parameters, shared);
    await benchTable(report, ownFiles(joined), parameters, perSecond);
    return;
  }
  for (const shape of smoke ? SMOKE : sharedCasesOf(boosting)) {
    const table = madeUp(shape.rows, shape.guest, shape.host);
    await benchShared(report, nameOf(shape), table, parameters, shared);
  }
  if (boosting.level === "shared") return;
  const linear: LinearRow[] = [];
  for (const shape of smoke ? SMOKE : casesOf(boosting))
    linear.push(await benchTable(report, generated(shape), parameters, perSecond));
  for (const { name, treeNs, startNs } of linear) {
    report.row({ bench: "boosting", case: `linear: ${name}, a tree`, value: treeNs, unit: "ns/value" });
    report.row({ bench: "boosting", case: `linear: ${name}, set-up`, value: startNs, unit: "ns/value" });
  }
}

const isSized = ({ rows, columns }: BoostingFlags): boolean => rows !== undefined || columns !== undefined;

/** Of a size that is asked for only where the level is, too. */
const sharedCasesOf = (flags: BoostingFlags): readonly MadeUpShape[] =>
  !isSized(flags) ? SHARED_CASES : flags.level === "shared" ? casesOf(flags) : [];

function casesOf(flags: BoostingFlags): readonly MadeUpShape[] {
  if (!isSized(flags)) return CASES;
  const { rows, columns } = flags;
  const [guest, host] = (columns ?? "20+20").split("+").map(Number) as [number, number];
  return (rows ?? ["1e5"]).map((count) => ({ rows: Number(count), guest, host }));
}

interface BenchTable {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly guest: PartyTable;
  readonly host: PartyTable;
}

const nameOf = ({ rows, guest, host }: MadeUpShape): string => `${rows.toLocaleString("en")} x (${guest} + ${host})`;

const generated = (shape: MadeUpShape): BenchTable => ({
  name: nameOf(shape),
  rows: shape.rows,
  columns: shape.guest + shape.host,
  guest: { kind: "made-up", shape, side: "guest" },
  host: { kind: "made-up", shape, side: "host" },
});

const ownFiles = ({ guest, host, labels }: JoinedTable): BenchTable => ({
  name: "own files",
  rows: labels.length,
  columns: guest.length + host.length,
  guest: { kind: "given", columns: guest, labels },
  host: { kind: "given", columns: host, labels: null },
});

/** Processor time of both parties, a row and column. */
interface LinearRow {
  readonly name: string;
  readonly treeNs: number;
  readonly startNs: number;
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
  table: BenchTable,
  parameters: BoostingParameters,
  perSecond: number,
): Promise<LinearRow> {
  const { name } = table;
  const row = (what: string, value: number, unit: string): void =>
    report.row({ bench: "boosting", case: name + what, value, unit });
  const both = await trainBoth(table, parameters);
  const [guest, host] = both;
  const trees = guest.treeSeconds.length;
  const perTree = (guest.treeSeconds.at(-1)! - guest.begunSeconds) / trees;
  const total = (of: (figures: BoostingFigures) => number): number => of(guest) + of(host);
  const values = table.rows * table.columns;
  const treeCpu = total((x) => x.cpuSeconds - x.cpuSecondsBefore) / trees;
  const making = total((x) => x.makingSeconds);
  const startCpu = total((x) => x.cpuSecondsBefore) - making;
  report.row({ bench: "boosting", case: name, value: perTree, unit: "s/tree", ratio: values / perTree / perSecond });
  row(", processor time of both", treeCpu, "s/tree");
  row(", set-up", guest.begunSeconds, "s");
  if (making > 0) row(", processor time of making columns up at both", making, "s");
  row(", processor time of the set-up, but for making columns up", startCpu, "s");
  row(", bytes", (guest.bytes - guest.bytesBefore) / trees / 1e6, "MB/tree");
  row(", bytes of the set-up", guest.bytesBefore / 1e6, "MB");
  row(", peak memory, guest", guest.peakBytes / 2 ** 20, "MiB");
  row(", peak memory, host", host.peakBytes / 2 ** 20, "MiB");
  row(", joint AUC", guest.auc, "");
  if (table.rows <= TWIN_ROWS_MAX) {
    const twinSeconds = await timeTwin(table, parameters);
    row(", tree of the plaintext twin with its binning", twinSeconds, "s");
    row(", times the plaintext twin", perTree / twinSeconds, "");
  }
  return { name, treeNs: (treeCpu / values) * 1e9, startNs: (startCpu / values) * 1e9 };
}

async function timeTwin({ guest, host }: BenchTable, parameters: BoostingParameters): Promise<number> {
  const labels = labelsOf(guest)!;
  let making = 0;
  const columns = [guest, host].map((own) =>
    columnsOf(own, (seconds) => {
      making += seconds;
    }),
  );
  const started = performance.now();
  await trainTwin({ columns, labels, sampling: seededSampling(SEED), parameters: { ...parameters, trees: 1 } });
  return (performance.now() - started) / 1000 - making;
}

async function trainBoth(
  { rows, guest, host }: BenchTable,
  parameters: BoostingParameters,
): Promise<readonly [BoostingFigures, BoostingFigures]> {
  return withParties<BoostingOrder, readonly [BoostingFigures, BoostingFigures]>(PARTY, async ([bank, telco]) => {
    const common = { rowCount: rows, parameters, seed: SEED } as const;
    const both = await Promise.all([bank.do({ ...common, table: guest }), telco.do({ ...common, table: host })]);
    return both as [BoostingFigures, BoostingFigures];
  });
}
