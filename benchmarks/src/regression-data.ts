/** Tables for the regression benchmark: made up, or two CSV files joined by their ids. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Column, seededSampling, takeTable } from "@tombolo/base";
import { importFile, readColumns } from "@tombolo/datasets";

export interface JoinedTable {
  readonly guest: readonly Column[];
  readonly host: readonly Column[];
  readonly labels: Float64Array;
}

/** Numbers with a common part, so that columns are correlated; every third one bears on the label. */
export function madeUp(rows: number, guest: number, host: number): JoinedTable {
  const sampling = seededSampling(11);
  const normal = (): number => sampling.next() + sampling.next() + sampling.next() - 1.5;
  const common = Float64Array.from({ length: rows }, normal);
  const predictor = new Float64Array(rows).fill(-1);
  const columns = (prefix: string, count: number): Column[] =>
    Array.from({ length: count }, (_, j) => {
      const values = Float64Array.from(common, (shared) => 0.3 * shared + normal());
      const bears = j % 3 === 0 ? (j % 2 === 0 ? 1.5 : -1.2) / Math.sqrt(count) : 0;
      for (let i = 0; i < rows; i++) predictor[i]! += bears * values[i]!;
      return { kind: "number", name: `${prefix}${j}`, values };
    });
  const table = { guest: columns("g", guest), host: columns("h", host) };
  return { ...table, labels: predictor.map((z) => (sampling.next() < 1 / (1 + Math.exp(-2 * z)) ? 1 : 0)) };
}

export interface OwnFiles {
  readonly guest: string;
  readonly host: string;
  readonly id: string;
  readonly label: string;
}

/** The rows whose ids both files have, in the guest's order. */
export async function joinedFiles({ guest, host, id, label }: OwnFiles): Promise<JoinedTable> {
  const [ours, theirs] = [await tableOf(guest, id), await tableOf(host, id)];
  const places = new Map(ours.ids.map((each, row) => [each, row]));
  const pairs = theirs.ids.flatMap((each, row) => (places.has(each) ? [[places.get(each)!, row] as const] : []));
  const joined = (table: typeof ours, rows: readonly number[]): readonly Column[] =>
    takeTable({ rowCount: table.ids.length, columns: table.columns }, rows).columns;
  const own = joined(
    ours,
    pairs.map(([row]) => row),
  );
  const labels = own.find(({ name }) => name === label);
  if (labels?.kind !== "number") throw new Error(`${guest} has no column of numbers called ${label}`);
  return {
    guest: own.filter(({ name }) => name !== label),
    host: joined(
      theirs,
      pairs.map(([, row]) => row),
    ),
    labels: labels.values,
  };
}

async function tableOf(file: string, id: string) {
  const directory = await mkdtemp(join(tmpdir(), "tombolo-bench-regression-"));
  try {
    const made = await importFile({ source: file, filename: file, directory, text: [id] });
    const names = made.columns.map(({ name }) => name);
    const { columns } = await readColumns(made.path, names, { asText: [id] });
    const ids = columns.find(({ name }) => name === id)!;
    if (ids.kind !== "text") throw new Error(`${file} has no ids called ${id}`);
    return {
      ids: Array.from(ids.codes, (code) => ids.categories[code] ?? ""),
      columns: columns.filter(({ name }) => name !== id),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
