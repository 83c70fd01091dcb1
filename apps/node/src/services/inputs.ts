/**
 * How the own columns of what a service is asked change: the last hour against the first rows it was asked. Counts by bin
 * come from the service's own component, whose count begins anew with each attempt; no value is among them.
 */
import type { Observed } from "@tombolo/components";
import type { NodeContext } from "../context.ts";
import { toJson } from "../store/columns.ts";
import { stabilityIndex, sum } from "./figures.ts";
import { MINUTE_MS } from "./minutes.ts";

const WINDOW_MINUTES = 60;
const FIRST_ROWS = 1000;
const COLUMN = "column:";

export interface InputStability {
  readonly column: string;
  readonly rows: number;
  readonly index: number | null;
}

interface Look {
  readonly at: number;
  readonly counts: Observed;
}

export class InputWatch {
  readonly #context: NodeContext;
  readonly #deployment: string;
  #reference: Observed | null = null;
  /** Oldest first: a minute apart, the first an hour ago. */
  #looks: Look[] = [];
  #now: Observed = {};

  constructor(context: NodeContext, deployment: string) {
    this.#context = context;
    this.#deployment = deployment;
  }

  async load(): Promise<void> {
    const row = await this.#context.store.db
      .selectFrom("service_inputs")
      .select("reference")
      .where("deployment", "=", this.#deployment)
      .executeTakeFirst();
    this.#reference = row?.reference ?? null;
  }

  /** `counts`: of the attempt that runs now. */
  async look(counts: Observed): Promise<void> {
    const columns = Object.fromEntries(Object.entries(counts).filter(([name]) => name.startsWith(COLUMN)));
    const now = this.#context.clock.now().getTime();
    if (rowsOf(columns) < rowsOf(this.#now)) this.#looks = [];
    this.#now = columns;
    const last = this.#looks.at(-1);
    if (last === undefined || now - last.at >= MINUTE_MS) this.#looks.push({ at: now, counts: columns });
    if (this.#looks.length > WINDOW_MINUTES) this.#looks.shift();
    if (this.#reference === null && rowsOf(columns) >= FIRST_ROWS) await this.#keep(columns);
  }

  get stability(): InputStability[] {
    const before = this.#looks.length < WINDOW_MINUTES ? {} : this.#looks[0]!.counts;
    return Object.entries(this.#now).map(([name, counts]) => {
      const seen = counts.map((count, bin) => count - (before[name]?.[bin] ?? 0));
      const reference = this.#reference?.[name];
      const index = reference === undefined ? null : stabilityIndex(reference, seen);
      return { column: name.slice(COLUMN.length), rows: sum(seen), index };
    });
  }

  async #keep(reference: Observed): Promise<void> {
    this.#reference = reference;
    await this.#context.store.db
      .insertInto("service_inputs")
      .values({ deployment: this.#deployment, reference: toJson(reference) })
      .onConflict((conflict) => conflict.column("deployment").doNothing())
      .execute();
  }
}

/** Every column counts every row. */
const rowsOf = (counts: Observed): number => sum(Object.values(counts)[0] ?? []);
