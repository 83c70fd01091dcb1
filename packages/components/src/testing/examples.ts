/** The example data as tables, and small made-up ones. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Column } from "@tombolo/base";
import { importFile, readColumns } from "@tombolo/datasets";
import type { TaskTable } from "../component.ts";

const EXAMPLES = join(import.meta.dirname, "../../../../examples");

/** Through the real import. */
export async function example(file: string): Promise<TaskTable> {
  const directory = await mkdtemp(join(tmpdir(), "tombolo-example-"));
  try {
    const made = await importFile({ source: join(EXAMPLES, file), filename: file, directory });
    const names = made.columns.map(({ name }) => name);
    return asTable(await readColumns(made.path, names, { asText: ["phone"] }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const asTable = (table: { rowCount: number; columns: readonly Column[] }): TaskTable => ({
  ...table,
  keys: [],
  label: null,
  aligned: false,
});

export const numbers = (name: string, values: ArrayLike<number>): Column => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});

export function texts(name: string, values: readonly (string | null)[]): Column {
  const categories = [...new Set(values.filter((value) => value !== null))];
  return {
    kind: "text",
    name,
    codes: Int32Array.from(values, (value) => (value === null ? -1 : categories.indexOf(value))),
    categories,
  };
}

export const tableOf = (...columns: Column[]): TaskTable => {
  const first = columns[0]!;
  return asTable({ rowCount: first.kind === "number" ? first.values.length : first.codes.length, columns });
};
