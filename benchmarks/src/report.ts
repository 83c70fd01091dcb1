import type { BoostingFlags } from "./boosting-flags.ts";
import type { PsiFlags } from "./psi-flags.ts";
import type { RegressionFlags } from "./regression-flags.ts";

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
