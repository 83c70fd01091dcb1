/** What a choice of rows does to the labels, for the report of the party that has them. */
import type { TaskTable } from "../component.ts";
import { columnNamed } from "../tables.ts";

export interface LabelRows {
  /** Null: rows without a label. */
  readonly label: string | null;
  readonly rows: number;
  /** Of them, each as often as it is chosen. */
  readonly chosen: number;
}

const LABELS_MAX = 20;

/**
 * In order of number or text. `copies`: how often each row is chosen; `unused`: 1 for rows that do not count. Null: there is no label here,
 * or it has more than 20 values.
 */
export function rowsByLabel(data: TaskTable, copies: Uint8Array, unused: Uint8Array | null = null): LabelRows[] | null {
  if (data.label === null) return null;
  const column = columnNamed(data, data.label);
  const found = new Map<number, { rows: number; chosen: number }>();
  for (let row = 0; row < data.rowCount; row++) {
    if (unused?.[row] === 1) continue;
    const key = column.kind === "number" ? column.values[row]! : column.codes[row]!;
    const counts = found.get(key) ?? { rows: 0, chosen: 0 };
    if (!found.has(key)) found.set(key, counts);
    if (found.size > LABELS_MAX) return null;
    counts.rows += 1;
    counts.chosen += copies[row]!;
  }
  const labelOf = (key: number): string | null => {
    if (column.kind === "text") return column.categories[key] ?? null;
    return Number.isNaN(key) ? null : String(key);
  };
  return [...found]
    .map(([key, counts]) => ({ label: labelOf(key), ...counts }))
    .sort((a, b) => order(column.kind, a.label, b.label));
}

function order(kind: "number" | "text", a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (kind === "number") return Number(a) - Number(b);
  return a < b ? -1 : 1;
}
