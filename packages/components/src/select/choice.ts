/** Own columns on their way through the rules: which still stay, and what made the others fall. */
import { type Column, TomboloError } from "@tombolo/base";

export const RULES = [
  ...(["manual", "missing", "unique", "commonest", "variance", "stability", "information-min"] as const),
  ...(["information-max", "importance", "p-value", "permutation", "correlation", "inflation", "stepwise"] as const),
] as const;
export type Rule = (typeof RULES)[number];

export interface Fell {
  readonly rule: Rule;
  /** Null: not known here, or without a figure. */
  readonly value: number | null;
  readonly limit: number | null;
  /** The column it is alike. */
  readonly with: string | null;
}

/** Figures by name, as the report shows them. */
export type Figures = Readonly<Record<string, number | null>>;

export interface Judged {
  readonly name: string;
  readonly figures: Figures;
  /** Null: it stays. */
  readonly fell: Fell | null;
  /** Rules that it is kept in spite of. */
  readonly spared: readonly Rule[];
}

interface Entry {
  readonly column: Column;
  readonly figures: Record<string, number | null>;
  fell: Fell | null;
  readonly spared: Rule[];
}

export class Choice {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #keep: ReadonlySet<string>;

  /** Throws `input.columns` for names that are not there. */
  constructor(
    columns: readonly Column[],
    { keep, drop }: { readonly keep: readonly string[]; readonly drop: readonly string[] },
  ) {
    this.#entries = new Map(
      columns.map((column) => [column.name, { column, figures: {}, fell: null, spared: [] as Rule[] }]),
    );
    this.#keep = new Set(keep);
    for (const name of [...keep, ...drop])
      if (!this.#entries.has(name))
        throw new TomboloError("input.columns", "a column to be kept or dropped is not among the features", {
          remedy: "Name columns that the table has, and neither ids nor the label.",
          detail: { column: name },
        });
    for (const name of drop) this.fall(name, { rule: "manual", value: null, limit: null, with: null });
  }

  get staying(): Column[] {
    return [...this.#entries.values()].flatMap(({ column, fell }) => (fell === null ? [column] : []));
  }

  get judged(): Judged[] {
    return [...this.#entries].map(([name, { figures, fell, spared }]) => ({ name, figures, fell, spared }));
  }

  isKept(name: string): boolean {
    return this.#keep.has(name);
  }

  figure(name: string, figure: string, value: number | null): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.figures[figure] = value;
  }

  /** Of a column that stays so far; one kept by hand is spared. */
  fall(name: string, fell: Fell): void {
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.fell !== null) return;
    if (this.#keep.has(name) && fell.rule !== "manual") entry.spared.push(fell.rule);
    else entry.fell = fell;
  }

  /** Falls where `value` is beyond the limit; nothing without a limit. */
  judge(name: string, rule: Rule, value: number | null, { limit, beyond }: Limit): void {
    this.figure(name, rule === "information-min" || rule === "information-max" ? "information" : rule, value);
    if (limit === null || value === null || !beyond(value, limit)) return;
    this.fall(name, { rule, value, limit, with: null });
  }
}

export interface Limit {
  readonly limit: number | null;
  readonly beyond: (value: number, limit: number) => boolean;
}
export const atMost = (limit: number | null): Limit => ({ limit, beyond: (value, most) => value > most });
export const atLeast = (limit: number | null): Limit => ({ limit, beyond: (value, least) => value < least });
export const above = (limit: number | null): Limit => ({ limit, beyond: (value, least) => value <= least });
