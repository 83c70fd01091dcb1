/**
 * How the own columns of what a service is asked change: the last hour against the first rows it was asked. Counts by bin
 * come from the service's own component, whose count begins anew with each attempt; no value is among them.
 */
import type { Observed } from "@tombolo/components";
import type { NodeContext } from "../context.ts";
import { toJson } from "../store/columns.ts";
import { stabilityIndex, sum } from "./figures.ts";
import { LastHour, rowsOf } from "./last-hour.ts";

const FIRST_ROWS = 1000;

export interface InputStability {
  readonly column: string;
  readonly rows: number;
  readonly index: number | null;
}

export class InputWatch {
  readonly #context: NodeContext;
  readonly #deployment: string;
  readonly #hour = new LastHour();
  #reference: Observed | null = null;

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

  async look(counts: Observed): Promise<void> {
    this.#hour.look(counts, this.#context.clock.now().getTime());
    const first = this.#hour.counts;
    if (this.#reference === null && rowsOf(first) >= FIRST_ROWS) await this.#keep(first);
  }

  get stability(): InputStability[] {
    return this.#hour.columns.map(({ column, seen }) => {
      const reference = this.#reference?.[`column:${column}`];
      const index = reference === undefined ? null : stabilityIndex(reference, seen);
      return { column, rows: sum(seen), index };
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
