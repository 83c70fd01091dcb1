/**
 * Rows as callers give them, as the numbers that a part of a model looks at: raw columns by name, through the pipeline that
 * the training rows went through.
 */
import { type Column, type TextColumn, TomboloError } from "@tombolo/base";
import { type UsedColumn, usedValues } from "@tombolo/federated/vertical/serving";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { Replay } from "../pipeline/replay.ts";
import type { ItemRefusal, Observed } from "../service.ts";
import { readFeatures, refusal } from "./items.ts";
import { noteCounts } from "./notes.ts";

export type Features = Readonly<Record<string, unknown>>;

export interface ReadRows {
  /** Row by row, in the order of the model's columns; of rows that are refused anything. */
  readonly values: Float64Array;
  /** In the place of rows that have no usable value. */
  readonly refused: readonly (ItemRefusal | null)[];
}

const NO_CODES: ReadonlyMap<string, number> = new Map();

export class RowReader {
  /** What callers give, by name. */
  readonly given: readonly UsedColumn[];
  readonly #used: readonly UsedColumn[];
  readonly #replay: Replay;

  /** Throws `input.model`. */
  constructor(used: readonly UsedColumn[], pipeline: Pipeline = []) {
    this.#used = used;
    this.#replay = new Replay(
      pipeline,
      used.map(({ name }) => name),
    );
    const own = new Map(used.map((column) => [column.name, column]));
    this.given = this.#replay.isEmpty
      ? used
      : this.#replay.takes.map(({ name, kind }) => ({
          name,
          kind: kind ?? own.get(name)!.kind,
          codes: NO_CODES,
          required: false,
        }));
  }

  /** Counts of what given rows held that the steps had not seen. */
  get observed(): Observed {
    return noteCounts(this.#replay.notes);
  }

  read(rows: readonly Features[]): ReadRows {
    return this.#replay.isEmpty ? this.#asGiven(rows) : this.#replayed(rows);
  }

  #asGiven(rows: readonly Features[]): ReadRows {
    const width = this.#used.length;
    const values = new Float64Array(rows.length * width);
    const refused = rows.map((row, i) => unusable(readFeatures(this.#used, row, values, i * width)));
    return { values, refused };
  }

  #replayed(rows: readonly Features[]): ReadRows {
    const refused: (ItemRefusal | null)[] = rows.map((row) => unusable(this.#fault(row)));
    const places = [...rows.keys()].filter((row) => refused[row] === null);
    const width = this.#used.length;
    const values = new Float64Array(rows.length * width);
    for (const place of this.#made(rows, places, values)) refused[place] = notPrepared;
    for (const place of places) {
      const lacking = this.#used.findIndex(({ required }, c) => required && Number.isNaN(values[place * width + c]!));
      if (lacking >= 0) refused[place] ??= unusable(this.#used[lacking]!.name);
    }
    return { values, refused };
  }

  /** Answers the places for which a step has no value, which one row among many may end for all. */
  #made(rows: readonly Features[], places: readonly number[], values: Float64Array): readonly number[] {
    if (places.length === 0) return [];
    const width = this.#used.length;
    try {
      const columns = this.given.map((column) =>
        columnOf(
          column,
          places.map((place) => rows[place]!),
        ),
      );
      const made = usedValues(this.#used, this.#replay.apply(columns, places.length));
      for (const [i, place] of places.entries())
        for (let c = 0; c < width; c++) values[place * width + c] = made[c]![i]!;
      return [];
    } catch (error) {
      if (!(error instanceof TomboloError)) throw error;
      return places.length === 1 ? places : places.flatMap((place) => this.#made(rows, [place], values));
    }
  }

  /** A column that the row lacks, or that holds something else. */
  #fault(row: Features): string | null {
    const wrong = this.given.find(({ name, kind }) => {
      const value = Object.hasOwn(row, name) ? row[name] : undefined;
      if (value === null) return false;
      if (kind === "text") return typeof value !== "string";
      return typeof value !== "boolean" && !(typeof value === "number" && Number.isFinite(value));
    });
    return wrong?.name ?? null;
  }
}

const unusable = (column: string | null): ItemRefusal | null =>
  column === null ? null : refusal("input.features", `the row has no usable value of "${column}"`);

const notPrepared = refusal("input.features", "a step of the model's preparation has no value for the row");

function columnOf({ name, kind }: UsedColumn, rows: readonly Features[]): Column {
  if (kind === "text") return textOf(name, rows);
  return {
    kind,
    name,
    values: Float64Array.from(rows, (row) => (row[name] === null ? Number.NaN : Number(row[name]))),
  };
}

/** As tables are read: an empty text is a missing one. */
function textOf(name: string, rows: readonly Features[]): TextColumn {
  const places = new Map<string, number>();
  const codes = Int32Array.from(rows, (row) => {
    const value = row[name];
    if (typeof value !== "string" || value === "") return -1;
    const place = places.get(value) ?? places.size;
    places.set(value, place);
    return place;
  });
  return { kind: "text", name, codes, categories: [...places.keys()] };
}
