/** Rows of boosting at level shared, without a target: seconds, processor time and bytes of a tree behind the first, and of the first with the set-up. */
import { seededSampling } from "@tombolo/base";
import type { BoostingParameters } from "@tombolo/federated/vertical/boosting";
import { trainSharedTwin } from "@tombolo/federated/vertical/boosting/shared";
import type { SharedFigures, SharedOrder } from "./boosting-shared-party.ts";
import { withParties } from "./party-process.ts";
import type { JoinedTable } from "./regression-data.ts";
import type { Reporter } from "./report.ts";

const PARTY = new URL("./boosting-shared-party.ts", import.meta.url);
const TREES = 2;

export async function benchShared(
  report: Reporter,
  name: string,
  table: JoinedTable,
  given: BoostingParameters,
  { seed, perSecond }: { readonly seed: number; readonly perSecond: number },
): Promise<void> {
  const parameters = { ...given, trees: TREES };
  const row = (what: string, value: number, unit: string): void =>
    report.row({ bench: "boosting", case: `${name}, level shared${what}`, value, unit });
  const [guest, host] = await trainBoth(table, parameters, seed);
  const last = (marks: readonly number[]): number => marks.at(-1)! - marks.at(-2)!;
  const perTree = last(guest.treeSeconds);
  const cells = table.labels.length * (table.guest.length + table.host.length);
  report.row({
    bench: "boosting",
    case: `${name}, level shared`,
    value: perTree,
    unit: "s/tree",
    ratio: cells / perTree / perSecond,
  });
  row(", processor time of both", last(guest.treeCpuSeconds) + last(host.treeCpuSeconds), "s/tree");
  row(", first tree with set-up", guest.treeSeconds[0]!, "s");
  row(", bytes", last(guest.treeBytes) / 1e6, "MB/tree");
  row(", peak memory, guest", guest.peakBytes / 2 ** 20, "MiB");
  row(", peak memory, host", host.peakBytes / 2 ** 20, "MiB");
  const started = performance.now();
  const columns = [table.guest, table.host] as const;
  trainSharedTwin({
    columns,
    labels: table.labels,
    parameters: { ...parameters, trees: 1 },
    sampling: seededSampling(seed),
  });
  row(", times the plaintext twin", perTree / ((performance.now() - started) / 1000), "");
}

function trainBoth(
  table: JoinedTable,
  parameters: BoostingParameters,
  seed: number,
): Promise<readonly [SharedFigures, SharedFigures]> {
  return withParties<SharedOrder, readonly [SharedFigures, SharedFigures]>(PARTY, async ([bank, telco]) => {
    const common = { rowCount: table.labels.length, parameters, seed } as const;
    const both = await Promise.all([
      bank.do({ ...common, columns: table.guest, labels: table.labels }),
      telco.do({ ...common, columns: table.host, labels: null }),
    ]);
    return both as [SharedFigures, SharedFigures];
  });
}
