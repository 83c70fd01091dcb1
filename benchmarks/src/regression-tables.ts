/** The parties' tables as files of their own, for as long as they are used. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTable } from "@tombolo/datasets";
import type { JoinedTable } from "./regression-data.ts";
import { LABEL } from "./regression-labels.ts";

export interface TablePaths {
  /** With the label. */
  readonly guest: string;
  readonly host: string;
}

export async function withTables<T>(
  { guest, host, labels }: JoinedTable,
  use: (paths: TablePaths) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "tombolo-bench-regression-"));
  try {
    const rowCount = labels.length;
    const label = { kind: "number", name: LABEL, values: labels } as const;
    const paths = { guest: join(folder, "guest.parquet"), host: join(folder, "host.parquet") };
    await writeTable(paths.guest, { rowCount, columns: [...guest, label] });
    await writeTable(paths.host, { rowCount, columns: host });
    return await use(paths);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
