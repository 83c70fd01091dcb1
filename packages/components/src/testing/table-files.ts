/** In-memory tables as the files that components of any size work on, in a folder of one party and task. */
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ID_COLUMN, readColumns, writeTable } from "@tombolo/datasets";
import type { TableFile, TableNote, TaskTable } from "../component.ts";

export class TaskFiles {
  readonly #kept: string | undefined;
  #folder: Promise<string> | undefined;

  /** `kept`: stays as it is for a later attempt; otherwise a temporary folder. */
  constructor(kept: string | undefined) {
    this.#kept = kept;
  }

  folder(): Promise<string> {
    this.#folder ??=
      this.#kept === undefined
        ? mkdtemp(join(tmpdir(), "tombolo-flow-"))
        : mkdir(this.#kept, { recursive: true }).then(() => this.#kept!);
    return this.#folder;
  }

  async path(): Promise<string> {
    return join(await this.folder(), `${randomUUID()}.parquet`);
  }

  async workFolder(): Promise<string> {
    const work = join(await this.folder(), "work");
    await mkdir(work, { recursive: true });
    return work;
  }

  async fileOf({ keys, label, aligned, pipeline, copiesMax, ...table }: TaskTable): Promise<TableFile> {
    const path = await this.path();
    await writeTable(path, table);
    const columns = table.columns.map(({ name, kind }) => ({ name, kind }));
    return {
      path,
      rowCount: table.rowCount,
      columns,
      keys,
      label,
      aligned,
      ...(pipeline === undefined ? {} : { pipeline }),
      ...(copiesMax === undefined ? {} : { copiesMax }),
    };
  }

  async tableOf(path: string, names: readonly string[], note: TableNote, hasIds: boolean): Promise<TaskTable> {
    const { rowCount, columns } = await readColumns(path, hasIds ? [ID_COLUMN, ...names] : names);
    if (!hasIds) return { rowCount, columns, ...note };
    const [ids, ...rest] = columns;
    if (ids?.kind !== "text") throw new Error("assertion failed: ids are text");
    return { rowCount, ids: Array.from(ids.codes, (code) => ids.categories[code] ?? ""), columns: rest, ...note };
  }

  async remove(): Promise<void> {
    if (this.#folder !== undefined && this.#kept === undefined)
      await rm(await this.#folder, { recursive: true, force: true });
  }
}
