/**
 * Columns before models, guest and host as processes over mutual TLS on loopback, sharing this machine's cores, tables in memory: fine bins of
 * all columns of both by quantiles, then weights of evidence of all with the host's bins summed under encryption; and a party alone that explores.
 * `--made 1000000x20x80` for a table of another size, `--bins`. At the end, by case, processor time for each value (row and column): how far it is linear.
 *
 * Yardstick of the same run: X25519 by OpenSSL, in rows times the host's columns summed.
 */
import type { MadeUpShape } from "./boosting-data.ts";
import type { FeaturesFigures, FeaturesOrder } from "./features-party.ts";
import { type Parties, withParties } from "./party-process.ts";
import type { BenchOptions, Reporter } from "./report.ts";
import { x25519PerSecond } from "./x25519.ts";

const PARTY = new URL("./features-party.ts", import.meta.url);
const YARDSTICK_MS = 500;
const BINS = 20;
const CASES: readonly MadeUpShape[] = [
  { rows: 100_000, guest: 30, host: 30 },
  { rows: 100_000, guest: 30, host: 300 },
  { rows: 1_000_000, guest: 20, host: 20 },
  { rows: 1_000_000, guest: 20, host: 80 },
];
const EXPLORED: MadeUpShape = { rows: 1_000_000, guest: 100, host: 1 };
const SMOKE: readonly MadeUpShape[] = [{ rows: 300, guest: 3, host: 3 }];
const SMOKE_BINS = 5;

export async function bench(report: Reporter, options: BenchOptions): Promise<void> {
  const { smoke, regression = {}, boosting = {} } = options;
  const perSecond = x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
  report.row({ bench: "features", case: "yardstick: X25519", value: perSecond, unit: "op/s" });
  const bins = Number(boosting.bins ?? (smoke ? SMOKE_BINS : BINS));
  const linear: { readonly name: string; readonly ns: number }[] = [];
  for (const shape of casesOf(regression.made, smoke)) linear.push(await benchBinning(report, shape, bins, perSecond));
  for (const { name, ns } of linear)
    report.row({ bench: "features", case: `linear: ${name}, encrypted sums`, value: ns, unit: "ns/value" });
  if (regression.made === undefined) await benchExplore(report, smoke ? SMOKE[0]! : EXPLORED);
}

function casesOf(made: string | undefined, smoke: boolean): readonly MadeUpShape[] {
  if (made === undefined) return smoke ? SMOKE : CASES;
  const [rows, guest, host] = made.split("x").map(Number);
  return [{ rows: rows!, guest: guest!, host: host! }];
}

async function benchBinning(report: Reporter, shape: MadeUpShape, bins: number, perSecond: number) {
  const name = `${shape.rows.toLocaleString("en")} x (${shape.guest} + ${shape.host}), ${bins} bins`;
  const row = (what: string, value: number, unit: string, ratio?: number): void =>
    report.row({ bench: "features", case: name + what, value, unit, ...(ratio === undefined ? {} : { ratio }) });
  const { fine, sums } = await withParties<FeaturesOrder, { fine: Step; sums: Step }>(PARTY, async (parties) => {
    await makeBoth(parties, shape);
    const fine = await together(parties, { step: "bin", bins });
    return { fine, sums: await together(parties, { step: "sums", session: "features" }) };
  });
  const values = shape.rows * shape.host;
  row(", binning with weights of evidence, all", fine.seconds + sums.seconds, "s");
  row(", the same, processor time of both", fine.cpuSeconds + sums.cpuSeconds, "s");
  row(", of it fine bins of all columns", fine.seconds, "s");
  row(", of it encrypted sums", sums.seconds, "s", values / sums.seconds / perSecond);
  row(", encrypted sums, processor time of both", sums.cpuSeconds, "s");
  row(", bytes", sums.bytes / 1e6, "MB");
  row(", peak memory, guest", sums.peakBytes[0]! / 2 ** 20, "MiB");
  row(", peak memory, host", sums.peakBytes[1]! / 2 ** 20, "MiB");
  return { name, ns: (1e9 * sums.cpuSeconds) / values };
}

/** One party, no partner. */
async function benchExplore(report: Reporter, shape: MadeUpShape): Promise<void> {
  const name = `explore ${shape.rows.toLocaleString("en")} x ${shape.guest}`;
  const { seconds, figures } = await withParties(PARTY, async ([bank]: Parties<FeaturesOrder>) => {
    await bank.do({ step: "make", shape, side: "guest" });
    const started = performance.now();
    const figures = (await bank.do({ step: "explore" })) as FeaturesFigures;
    return { seconds: (performance.now() - started) / 1000, figures };
  });
  report.row({ bench: "features", case: name, value: seconds, unit: "s" });
  report.row({ bench: "features", case: `${name}, processor time`, value: figures.cpuSeconds, unit: "s" });
  report.row({ bench: "features", case: `${name}, peak memory`, value: figures.peakBytes / 2 ** 20, unit: "MiB" });
}

interface Step {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of one side: both see the same. */
  readonly bytes: number;
  /** Guest, host. */
  readonly peakBytes: readonly number[];
}

async function makeBoth([bank, telco]: Parties<FeaturesOrder>, shape: MadeUpShape): Promise<void> {
  await Promise.all([bank.do({ step: "make", shape, side: "guest" }), telco.do({ step: "make", shape, side: "host" })]);
}

async function together(parties: Parties<FeaturesOrder>, order: FeaturesOrder): Promise<Step> {
  const started = performance.now();
  const figures = (await Promise.all(parties.map((party) => party.do(order)))) as FeaturesFigures[];
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: figures.reduce((sum, each) => sum + each.cpuSeconds, 0),
    bytes: figures[0]!.bytes,
    peakBytes: figures.map((each) => each.peakBytes),
  };
}
