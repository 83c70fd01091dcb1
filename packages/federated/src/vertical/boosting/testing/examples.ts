/** The example tables, joined and split as xgboost.py does it. For tests and benchmarks only. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Column } from "@tombolo/base";

export interface ExamplePart {
  readonly labels: Float64Array;
  readonly guest: readonly Column[];
  readonly host: readonly Column[];
}

type Rows = Map<string, Record<string, string>>;

const FILES = {
  credit: { guest: "bank.csv", host: "telco.csv", label: "default" },
  churn: { guest: "operator.csv", host: "payments.csv", label: "churned" },
} as const;

export function loadExample(name: keyof typeof FILES): { train: ExamplePart; test: ExamplePart } {
  const { guest, host, label } = FILES[name];
  const own = readRows(name, guest);
  const other = readRows(name, host);
  const ids = [...own.keys()].filter((id) => other.has(id)).sort();
  const { train, test } = splitIds(ids, (id) => own.get(id)![label]!);
  const part = (chosen: string[]): ExamplePart => ({
    labels: Float64Array.from(chosen, (id) => Number(own.get(id)![label])),
    guest: columnsOf(own, chosen, label),
    host: columnsOf(other, chosen, label),
  });
  return { train: part(train), test: part(test) };
}

function readRows(folder: string, file: string): Rows {
  const text = readFileSync(new URL(`../../../../../../examples/${folder}/${file}`, import.meta.url), "utf8");
  const [header, ...lines] = text.trim().split(/\r?\n/);
  const names = header!.split(",");
  const rows: Rows = new Map();
  for (const line of lines) {
    const row = Object.fromEntries(line.split(",").map((cell, i) => [names[i]!, cell]));
    if (!rows.has(row.phone!)) rows.set(row.phone!, row);
  }
  return rows;
}

function splitIds(ids: readonly string[], classOf: (id: string) => string): { train: string[]; test: string[] } {
  const digest = (id: string): string => createHash("sha256").update(`7:${id}`).digest("hex");
  const train: string[] = [];
  const test: string[] = [];
  for (const label of [...new Set(ids.map(classOf))].sort()) {
    const keyed = ids.filter((id) => classOf(id) === label).map((id) => [digest(id), id] as const);
    const ordered = keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, id]) => id);
    const cut = Math.floor(0.7 * ordered.length + 0.5);
    train.push(...ordered.slice(0, cut));
    test.push(...ordered.slice(cut));
  }
  return { train, test };
}

/** A column is text as soon as one cell of the whole table is not a number. */
function columnsOf(rows: Rows, ids: readonly string[], label: string): Column[] {
  const names = Object.keys(rows.values().next().value!).filter((name) => name !== "phone" && name !== label);
  const missing = (cell: string): boolean => cell === "" || cell === "NA";
  return names.map((name): Column => {
    const every = [...rows.values()].map((row) => row[name]!);
    const cells = ids.map((id) => rows.get(id)![name]!);
    if (every.every((cell) => missing(cell) || Number.isFinite(Number(cell))))
      return {
        kind: "number",
        name,
        values: Float64Array.from(cells, (cell) => (missing(cell) ? Number.NaN : Number(cell))),
      };
    const categories = [...new Set(every.filter((cell) => !missing(cell)))].sort();
    return { kind: "text", name, categories, codes: Int32Array.from(cells, (cell) => categories.indexOf(cell)) };
  });
}
