/**
 * Rows drawn by the guest alone. Were a draw that keeps the shares of labels made from public randomness, a host could read off the
 * labels of rows near the border. So rows are ranked by SHA-256(key, id), with a key that the guest makes from its whole table, the flow's
 * seed and a salt of its node's for the project: the same data and seed give the same draw in every run of a project.
 *
 * What a draw has to resist: hosts know ids, seed, the draw itself and maybe all of the guest's table but little. Without the salt they
 * would try what they do not know until the draw comes out; with it, a draw says nothing that a random one does not, and nobody else can
 * choose a seed to have a draw as it suits. The guest can: it draws again with another table or seed as often as it likes, which semi-honest
 * parties do not.
 */
import { type Column, concat, takeTable, utf8 } from "@tombolo/base";
import { sha256, sha256Prefixed } from "@tombolo/crypto";
import type { TaskTable } from "../component.ts";
import { columnNamed } from "../tables.ts";

/** What the key of a draw comes from beside the table. */
export interface DrawKey {
  readonly seed: number;
  /** `TaskContext.drawSalt`. */
  readonly salt: Uint8Array;
  /** Every use has labels of its own. */
  readonly labels: { readonly key: string; readonly rank: string };
}

/** Independent of the row order, which is another one in every run. */
export async function ranksOf(data: TaskTable, { seed, salt, labels }: DrawKey): Promise<BigUint64Array> {
  const ids = rowIds(data);
  const order = Array.from(ids.keys()).sort((a, b) => (ids[a]! < ids[b]! ? -1 : ids[a]! > ids[b]! ? 1 : 0));
  const sorted = takeTable(data, order);
  const digests = await Promise.all(sorted.columns.map((column) => sha256(columnBytes(column))));
  const key = await sha256(concat(utf8(labels.key), utf8(`${seed}\0`), ...digests, salt));
  const encoded = ids.map(utf8);
  const offsets = new Uint32Array(ids.length + 1);
  encoded.forEach((id, i) => {
    offsets[i + 1] = offsets[i]! + id.length;
  });
  const ranks = await sha256Prefixed(concat(utf8(labels.rank), key), concat(...encoded), offsets);
  const view = new DataView(ranks.buffer, ranks.byteOffset, ranks.byteLength);
  return BigUint64Array.from(ids, (_, i) => view.getBigUint64(32 * i));
}

function columnBytes(column: Column): Uint8Array {
  if (column.kind === "number") return new Uint8Array(column.values.slice().buffer);
  return utf8(JSON.stringify(Array.from(column.codes, (code) => column.categories[code] ?? null)));
}

/** By the key columns; by position in a table without any. */
function rowIds(data: TaskTable): string[] {
  const keys = data.keys.map((name) => columnNamed(data, name));
  return Array.from({ length: data.rowCount }, (_, row) =>
    JSON.stringify(keys.length === 0 ? row : keys.map((column) => valueAt(column, row))),
  );
}

const valueAt = (column: Column, row: number): string | number | null =>
  column.kind === "number" ? column.values[row]! : (column.categories[column.codes[row]!] ?? null);

const CLASSES_MAX = 20;
const QUANTILES = 10;

/** A class per value of a label with few of them, else by deciles. */
export function strataOf(column: Column): Int32Array {
  if (column.kind === "text") return column.codes;
  const values = [...new Set(column.values)].sort((a, b) => a - b);
  if (values.length <= CLASSES_MAX) {
    const classes = new Map(values.map((value, i) => [value, i]));
    return Int32Array.from(column.values, (value) => classes.get(value)!);
  }
  const sorted = column.values.toSorted();
  const cuts = Array.from(
    { length: QUANTILES - 1 },
    (_, i) => sorted[Math.floor((sorted.length * (i + 1)) / QUANTILES)]!,
  );
  return Int32Array.from(column.values, (value) => cuts.filter((cut) => value >= cut).length);
}

/**
 * Rows of each stratum that are drawn: its share, rounded so that their sum depends on the number of all rows alone (largest
 * remainders first). Were each rounded by itself, the number of rows drawn would tell hosts something of the strata's.
 */
export function drawnSizes(sizes: readonly number[], share: number): number[] {
  const total = Math.round(sizes.reduce((sum, size) => sum + size, 0) * share);
  const out = sizes.map((size) => Math.floor(size * share));
  const rest = (i: number): number => sizes[i]! * share - out[i]!;
  const byRest = [...sizes.keys()].sort((a, b) => rest(b) - rest(a) || a - b);
  const missing = total - out.reduce((sum, size) => sum + size, 0);
  for (const i of byRest.slice(0, missing)) out[i]!++;
  return out;
}

/** 1 for the rows that are drawn: their share of all, or of each label's rows; of each stratum those of the lowest ranks. */
export function drawnRows(
  data: TaskTable,
  ranks: BigUint64Array,
  { share, stratify }: { readonly share: number; readonly stratify: boolean },
): Uint8Array {
  const groups = byLabel(data, ranks, stratify);
  const sizes = drawnSizes(
    groups.map(({ length }) => length),
    share,
  );
  const drawn = new Uint8Array(data.rowCount);
  for (const [i, rows] of groups.entries()) for (const row of rows.slice(0, sizes[i])) drawn[row] = 1;
  return drawn;
}

/** Rows in strata of the label's; in one where it is not asked for, or there is none. */
export const byLabel = (data: TaskTable, ranks: BigUint64Array, stratify: boolean): number[][] =>
  inStrata(data.rowCount, stratify && data.label !== null ? strataOf(columnNamed(data, data.label)) : null, ranks);

/** Rows of each stratum in the order of their ranks; strata in the order of their first by rank. Null: all are one. */
export function inStrata(rowCount: number, strata: Int32Array | null, ranks: BigUint64Array): number[][] {
  const order = Array.from({ length: rowCount }, (_, row) => row);
  order.sort((a, b) => (ranks[a]! < ranks[b]! ? -1 : ranks[a]! > ranks[b]! ? 1 : a - b));
  return [...Map.groupBy(order, (row) => strata?.[row] ?? 0).values()];
}
