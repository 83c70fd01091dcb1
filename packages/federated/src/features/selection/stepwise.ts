/**
 * Columns by steps: the one with the largest score statistic enters, the one with the smallest Wald statistic leaves, and a step is
 * kept if the criterion likes the refitted model better (Hosmer, Lemeshow, "Applied Logistic Regression", 3rd ed., 4.3). One fit a
 * step, not one a column and step; of linear models the same steps as trying all. Local: own columns, own label.
 */
import type { NumberColumn } from "@tombolo/base";
import { standardised } from "../../vertical/correlation/standardise.ts";
import { pValue } from "../../vertical/regression/inference/distributions.ts";
import { filled } from "./alike.ts";
import { type Fit, fitted, type Objective, scoreOf } from "./fit.ts";

export interface StepwiseOptions {
  readonly objective: Objective;
  readonly direction: "forward" | "backward" | "both";
  readonly criterion: "aic" | "bic" | "p-value";
  /** Of the p-value: what may enter and what has to leave. */
  readonly enter: number;
  readonly leave: number;
}

export interface Step {
  readonly action: "start" | "enter" | "leave";
  /** Null at the start. */
  readonly column: string | null;
  /** AIC or BIC afterwards, up to what is the same for all; by p-value that of the column. Null at the start by p-value. */
  readonly criterion: number | null;
}

export interface Stepwise {
  readonly chosen: readonly string[];
  readonly steps: readonly Step[];
  /** That were looked at: every so-manieth of a long table. */
  readonly rows: number;
}

/** Beyond it, rows at equal distances are taken: fits are many. */
export const STEPWISE_ROWS_MAX = 100_000;

interface Candidate {
  readonly name: string;
  readonly values: Float64Array;
}

interface Chosen {
  readonly columns: readonly Candidate[];
  readonly fit: Fit;
}

/** Missing values stand at the mean; constant columns are not chosen. Null where no model of the label can be fitted. */
export function stepwise(
  columns: readonly NumberColumn[],
  labels: Float64Array,
  options: StepwiseOptions,
): Stepwise | null {
  const rows = sampled(labels.length);
  const at = (values: Float64Array): Float64Array =>
    rows === null ? values : Float64Array.from(rows, (r) => values[r]!);
  const own = at(labels);
  const candidates = columns.flatMap(({ name, values }): Candidate[] => {
    const unit = standardised(filled(at(values)));
    if (unit === null) return [];
    const scale = Math.sqrt(unit.length);
    return [{ name, values: unit.map((value) => value * scale) }];
  });
  const search = new Search(candidates, own, options);
  const chosen = search.run();
  if (chosen === null) return null;
  return { chosen: chosen.columns.map(({ name }) => name), steps: search.steps, rows: own.length };
}

function sampled(count: number): Uint32Array | null {
  if (count <= STEPWISE_ROWS_MAX) return null;
  return Uint32Array.from({ length: STEPWISE_ROWS_MAX }, (_, i) => Math.floor((i * count) / STEPWISE_ROWS_MAX));
}

class Search {
  readonly steps: Step[] = [];
  readonly #candidates: readonly Candidate[];
  readonly #labels: Float64Array;
  readonly #options: StepwiseOptions;

  constructor(candidates: readonly Candidate[], labels: Float64Array, options: StepwiseOptions) {
    this.#candidates = candidates;
    this.#labels = labels;
    this.#options = options;
  }

  /** At most two moves for each column, so that entering and leaving by p-value cannot go on for ever. */
  run(): Chosen | null {
    const { direction } = this.#options;
    let current = this.#fit(direction === "backward" ? this.#candidates : []);
    if (current === null) return null;
    this.steps.push({ action: "start", column: null, criterion: this.#criterionOf(current) });
    for (let move = 0; move < 2 * this.#candidates.length; move++) {
      const next: Chosen | null =
        (direction !== "backward" ? this.#enter(current) : null) ??
        (direction !== "forward" ? this.#leave(current) : null);
      if (next === null) break;
      current = next;
    }
    return current;
  }

  #fit(columns: readonly Candidate[]): Chosen | null {
    const values = columns.map((column) => column.values);
    const fit = fitted(values.length === 0 ? [] : values, this.#labels, this.#options.objective);
    return fit === null ? null : { columns, fit };
  }

  #enter(current: Chosen): Chosen | null {
    const inside = current.columns.map(({ values }) => values);
    let best: { readonly candidate: Candidate; readonly statistic: number } | null = null;
    for (const candidate of this.#candidates) {
      if (current.columns.includes(candidate)) continue;
      const statistic = Math.abs(scoreOf(current.fit, inside, candidate.values));
      if (best === null || statistic > best.statistic) best = { candidate, statistic };
    }
    if (best === null || best.statistic === 0) return null;
    const next = this.#fit([...current.columns, best.candidate]);
    if (next === null) return null;
    return this.#keep("enter", best.candidate, pValue(next.fit.statistics.at(-1)!, this.#degrees(next)), {
      current,
      next,
    });
  }

  #leave(current: Chosen): Chosen | null {
    const { statistics } = current.fit;
    let least = -1;
    statistics.forEach((statistic, i) => {
      if (least < 0 || Math.abs(statistic) < Math.abs(statistics[least]!)) least = i;
    });
    if (least < 0) return null;
    const next = this.#fit(current.columns.filter((_, i) => i !== least));
    if (next === null) return null;
    const p = pValue(statistics[least]!, this.#degrees(current));
    return this.#keep("leave", current.columns[least]!, p, { current, next });
  }

  #keep(
    action: "enter" | "leave",
    { name }: Candidate,
    p: number,
    { current, next }: { readonly current: Chosen; readonly next: Chosen },
  ): Chosen | null {
    const { criterion, enter, leave } = this.#options;
    const better =
      criterion === "p-value"
        ? action === "enter"
          ? p < enter
          : p > leave
        : this.#criterionOf(next)! < this.#criterionOf(current)!;
    if (!better) return null;
    this.steps.push({ action, column: name, criterion: criterion === "p-value" ? p : this.#criterionOf(next) });
    return next;
  }

  #degrees({ columns }: Chosen): number | null {
    return this.#options.objective === "binary" ? null : this.#labels.length - columns.length - 1;
  }

  #criterionOf({ columns, fit }: Chosen): number | null {
    const { criterion } = this.#options;
    if (criterion === "p-value") return null;
    const price = criterion === "aic" ? 2 : Math.log(this.#labels.length);
    return fit.deviance + price * (columns.length + 1);
  }
}
