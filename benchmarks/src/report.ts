import type { BoostingFlags } from "./boosting-flags.ts";
import type { PsiFlags } from "./psi-flags.ts";
import type { RegressionFlags } from "./regression-flags.ts";
import type { LinkSpeed } from "./slow-link.ts";

/** One measured figure. `ratio` is against a yardstick measured in the same run: above 1 is better than the yardstick; a yardstick has none. */
export interface Row {
  readonly bench: string;
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio?: number;
}

export interface Reporter {
  row(row: Row): void;
}

export interface BenchOptions {
  /** Tiny sizes: shows that the benchmark still runs, not how fast. */
  readonly smoke: boolean;
  readonly psi?: PsiFlags;
  readonly regression?: RegressionFlags;
  readonly boosting?: BoostingFlags;
  /** Between the parties of those benchmarks that can be told. Default: loopback as it is. */
  readonly link?: LinkSpeed | undefined;
}

/** What a step took over a slow link, and what of it its waits and its bytes would take alone. */
export function linkRows(
  report: Reporter,
  bench: string,
  name: string,
  { seconds, waits, bytes }: { readonly seconds: number; readonly waits: number; readonly bytes: number },
  { delayMs, bytesPerSecond }: LinkSpeed,
): void {
  const row = (what: string, value: number, unit: string): void =>
    report.row({ bench, case: `${name}, ${delayMs} ms${what}`, value, unit });
  row("", seconds, "s");
  row(", waits for the partner", waits, "");
  row(", delays of these, one each", (waits * delayMs) / 1000, "s");
  row(", bytes both ways", bytes / 1e6, "MB");
  row(", half of them at the link's rate", bytes / 2 / bytesPerSecond, "s");
}

const figure = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);

/** A line per figure: aligned for people, or one JSON object per line. */
export function reporter(json: boolean): Reporter {
  if (json) return { row: (row) => console.log(JSON.stringify({ ...row, ratio: row.ratio ?? null })) };
  return {
    row(row) {
      const ratio = row.ratio === undefined ? "" : `${figure(row.ratio).padStart(9)} x yardstick`;
      console.log(
        `${row.bench.padEnd(10)} ${row.case.padEnd(44)} ${figure(row.value).padStart(12)} ${row.unit.padEnd(10)}${ratio}`,
      );
    },
  };
}
