/** Which rows are for testing, at the guest: a share of them, or a fold of a cross-validation. */
import { type Sampling, TomboloError } from "@tombolo/base";
import type { TaskTable } from "../component.ts";
import { byLabel, drawnRows, inStrata, ranksOf } from "../row-choice/draw.ts";
import { columnNamed } from "../tables.ts";
import type { Parameters, PartyParameters } from "./parameters.ts";

const LABELS = { key: "tombolo/split/1/key\0", rank: "tombolo/split/1/rank\0" } as const;
const FOLD_LABELS = { key: "tombolo/split/1/fold-key\0", rank: "tombolo/split/1/fold-rank\0" } as const;

export interface Parts {
  /** 1 for rows of the test part. */
  readonly isTest: Uint8Array;
  /** 1 for rows of neither part; null: there are none. */
  readonly isUnused: Uint8Array | null;
}

export interface Asked {
  readonly parameters: Parameters;
  readonly partyParameters: PartyParameters;
  readonly sampling: Sampling;
  readonly drawSalt: Uint8Array;
}

export async function partsOf(data: TaskTable, asked: Asked): Promise<Parts> {
  const { by, fold } = asked.parameters;
  // Folds are told by several tasks, which have draws of their own: what they share stands in the flow.
  const ranks = await (fold === null
    ? ranksOf(data, { seed: asked.sampling.fork("split").next(), salt: asked.drawSalt, labels: LABELS })
    : ranksOf(data, { seed: fold.draw, salt: asked.drawSalt, labels: FOLD_LABELS }));
  if (by === "time") return byTime(data, ranks, asked);
  return { isTest: by === "group" ? byGroup(data, ranks, asked) : byDraw(data, ranks, asked), isUnused: null };
}

/**
 * Of a share: in each stratum the rows of the lowest rank. Of folds: every k-th row, one stratum after the other. Either way sizes of
 * parts follow from the number of all rows alone.
 */
function byDraw(data: TaskTable, ranks: BigUint64Array, { parameters: { testShare, stratify, fold } }: Asked) {
  if (fold === null) return drawnRows(data, ranks, { share: testShare, stratify });
  const isTest = new Uint8Array(data.rowCount);
  for (const [place, row] of byLabel(data, ranks, stratify).flat().entries())
    isTest[row] = Number(place % fold.of === fold.number - 1);
  return isTest;
}

/** The latest rows, or with folds the n/(k + 1) rows after those to train on. Rows of one moment at the border are drawn. */
function byTime(data: TaskTable, ranks: BigUint64Array, { parameters, partyParameters }: Asked): Parts {
  const { testShare, fold } = parameters;
  const times = timesIn(data, partyParameters.time);
  const latest = inStrata(data.rowCount, null, ranks)[0]?.sort((a, b) => times[b]! - times[a]!) ?? [];
  const marked = (rows: readonly number[]): Uint8Array => {
    const marks = new Uint8Array(data.rowCount);
    for (const row of rows) marks[row] = 1;
    return marks;
  };
  if (fold === null) return { isTest: marked(latest.slice(0, Math.round(data.rowCount * testShare))), isUnused: null };
  const size = Math.floor(data.rowCount / (fold.of + 1));
  const after = (fold.of - fold.number) * size;
  return { isTest: marked(latest.slice(after, after + size)), isUnused: marked(latest.slice(0, after)) };
}

/** Of a share: groups by rank, as long as they fit. Of folds: the largest group that is left to the smallest fold. */
function byGroup(data: TaskTable, ranks: BigUint64Array, { parameters, partyParameters }: Asked): Uint8Array {
  const { testShare, fold } = parameters;
  const groups = inStrata(data.rowCount, groupsIn(data, partyParameters.group), ranks);
  const isTest = new Uint8Array(data.rowCount);
  if (fold === null) {
    let left = Math.round(data.rowCount * testShare);
    for (const rows of groups) {
      if (rows.length > left) continue;
      left -= rows.length;
      for (const row of rows) isTest[row] = 1;
    }
    return isTest;
  }
  const sizes = new Array<number>(fold.of).fill(0);
  for (const rows of groups.toSorted((a, b) => b.length - a.length)) {
    const smallest = sizes.indexOf(Math.min(...sizes));
    sizes[smallest]! += rows.length;
    if (smallest === fold.number - 1) for (const row of rows) isTest[row] = 1;
  }
  return isTest;
}

function groupsIn(data: TaskTable, name: string | null): Int32Array {
  if (name === null)
    throw new TomboloError("input.parameter", "the guest names no column to divide by group", {
      remedy: "Name the guest's column of groups as group.",
    });
  const column = columnNamed(data, name);
  const values = column.kind === "number" ? [...column.values] : [...column.codes];
  const missing = values.filter((value) => (column.kind === "number" ? Number.isNaN(value) : value < 0)).length;
  if (missing > 0) throw unusable(name, missing, "rows have no group to divide by");
  const places = new Map([...new Set(values)].map((value, place) => [value, place]));
  return Int32Array.from(values, (value) => places.get(value)!);
}

/** Numbers as they are, text as dates. */
function timesIn(data: TaskTable, name: string | null): Float64Array {
  if (name === null)
    throw new TomboloError("input.parameter", "the guest names no column to divide by time", {
      remedy: "Name the guest's column of dates or numbers as time.",
    });
  const column = columnNamed(data, name);
  const dates = column.kind === "number" ? [] : column.categories.map((text) => Date.parse(text));
  const times =
    column.kind === "number" ? column.values : Float64Array.from(column.codes, (code) => dates[code] ?? Number.NaN);
  const missing = times.reduce((sum, time) => sum + Number(!Number.isFinite(time)), 0);
  if (missing > 0) throw unusable(name, missing, "rows have no usable date or number to divide by");
  return times;
}

const unusable = (column: string, rows: number, message: string): TomboloError =>
  new TomboloError("input.missing-values", message, {
    remedy: "Choose another column, or leave such rows out first (filter).",
    detail: { column, rows },
  });
