/** Raw rows of one party as its part of a model looks at them: the pipeline that its training rows went through, done again. */
import { type Column, type ColumnTable, TomboloError } from "@tombolo/base";
import type { StepNote } from "@tombolo/federated/features";
import { openTransform } from "./kinds.ts";
import type { FittedTransform, Pipeline } from "./pipeline.ts";
import type { Fit } from "./transform.ts";

export interface ReplayNote extends StepNote {
  /** From 1 on. */
  readonly transform: number;
  readonly kind: string;
}

interface Stage {
  readonly kind: string;
  readonly fit: Fit;
  readonly takes: ReadonlySet<string>;
}

export class Replay {
  /** Raw columns that it takes, and what they hold; null: what the model's own column does. */
  readonly takes: readonly { readonly name: string; readonly kind: Column["kind"] | null }[];
  readonly #stages: readonly Stage[];
  readonly #wanted: readonly string[];
  readonly #notes = new Map<string, ReplayNote>();

  /** `wanted`: columns of the model, in the order in which it takes them. Throws `input.model`. */
  constructor(pipeline: Pipeline, wanted: readonly string[]) {
    const stages: Stage[] = [];
    let open: ReadonlySet<string> = new Set(wanted);
    for (const { kind, part } of pipeline.toReversed()) {
      const { fit, takes } = openTransform(kind, part).narrow(open);
      stages.unshift({ kind, fit, takes });
      open = takes;
    }
    this.#stages = stages;
    this.#wanted = wanted;
    const kinds = kindsOf(pipeline[0]);
    // In the order in which they stood.
    const order = [...kinds.keys()].filter((name) => open.has(name));
    const others = [...open].filter((name) => !kinds.has(name));
    this.takes = [...order, ...others].map((name) => ({ name, kind: kinds.get(name) ?? null }));
  }

  /** What is done, in order, for its owner's people. */
  get steps(): readonly { readonly kind: string; readonly steps: readonly string[] }[] {
    return this.#stages.map(({ kind, fit }) => ({ kind, steps: fit.steps }));
  }

  /** Nothing is to be done. */
  get isEmpty(): boolean {
    return this.#stages.length === 0;
  }

  /** `columns`: those it takes, in any order, others beside them. Throws `input.*` with the number of the transform in its detail. */
  apply(columns: readonly Column[], rowCount: number): readonly Column[] {
    let table: ColumnTable = { rowCount, columns };
    for (const [i, { kind, fit, takes }] of this.#stages.entries()) {
      const own = { rowCount, columns: table.columns.filter(({ name }) => takes.has(name)) };
      table = atTransform(i + 1, () => fit.apply(own, (note) => this.#tell({ ...note, transform: i + 1, kind })));
    }
    return this.#wanted.map((name) => columnIn(table, name));
  }

  /** What rows held so far that the steps had not seen; counts grow. */
  get notes(): readonly ReplayNote[] {
    return [...this.#notes.values()];
  }

  #tell(note: ReplayNote): void {
    const key = `${note.transform} ${note.step} ${note.what} ${note.column}`;
    const rows = (this.#notes.get(key)?.rows ?? 0) + note.rows;
    this.#notes.set(key, { ...note, rows });
  }
}

const kindsOf = (first: FittedTransform | undefined): Map<string, Column["kind"]> =>
  new Map(first?.columns.map(({ name, kind }) => [name, kind]));

function columnIn({ columns }: ColumnTable, name: string): Column {
  const column = columns.find((each) => each.name === name);
  if (column !== undefined) return column;
  throw new TomboloError("input.columns", "a column that the model needs is not there", { detail: { column: name } });
}

function atTransform<T>(transform: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TomboloError)) throw error;
    const { remedy, detail } = error;
    throw new TomboloError(error.code, error.message, {
      ...(remedy === undefined ? {} : { remedy }),
      detail: { ...detail, transform },
      cause: error,
    });
  }
}
