/**
 * One DuckDB instance per use, shut in (SECURITY.md rule 19): it may touch the folders named and nothing else, load no
 * extension, and its configuration is locked before the first query. SQL is put together from quoted identifiers,
 * quoted literals and parameters only.
 */

import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import { TomboloError } from "@tombolo/base";
import { defaultLimits, type ImportLimits } from "./types.ts";

export interface EngineOptions {
  /** Absolute folders whose files may be read and written. */
  readonly folders: readonly string[];
  /** Where it may spill; inside one of `folders`. */
  readonly temporaryFolder: string;
  readonly memoryBytes: number;
  readonly temporaryBytes: number;
  readonly threads: number;
  readonly signal?: AbortSignal;
}

/** What whoever reads or writes a table may choose. */
export interface EngineUse {
  readonly limits?: ImportLimits;
  readonly signal?: AbortSignal;
}

/** For files in `work`, where it may spill, and to read from `others`. */
export function engineIn(
  work: string,
  { limits = defaultLimits, signal }: EngineUse,
  others: readonly string[] = [],
): EngineOptions {
  const { memoryBytes, temporaryBytes, threads } = limits;
  return {
    folders: [...others, work],
    temporaryFolder: join(work, ".spill"),
    memoryBytes,
    temporaryBytes,
    threads,
    ...(signal === undefined ? {} : { signal }),
  };
}

export async function withEngine<T>(options: EngineOptions, use: (engine: DuckDBConnection) => Promise<T>): Promise<T> {
  const { engine, close } = await openEngine(options);
  try {
    return await use(engine);
  } finally {
    close();
  }
}

/** To be closed by whoever opened it. */
export async function openEngine(options: EngineOptions): Promise<{ engine: DuckDBConnection; close: () => void }> {
  options.signal?.throwIfAborted();
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(options.threads),
    memory_limit: `${Math.floor(options.memoryBytes / 2 ** 20)}MiB`,
    temp_directory: options.temporaryFolder,
    max_temp_directory_size: `${Math.floor(options.temporaryBytes / 2 ** 20)}MiB`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
  const closers: (() => void)[] = [() => instance.closeSync()];
  const close = (): void => {
    for (const each of closers.splice(0).reverse()) each();
  };
  try {
    const engine = await instance.connect();
    closers.push(() => engine.closeSync());
    await engine.run(`SET allowed_directories = [${options.folders.map(literal).join(", ")}]`);
    await engine.run("SET enable_external_access = false");
    await engine.run("SET lock_configuration = true");
    const stop = (): void => engine.interrupt();
    options.signal?.addEventListener("abort", stop, { once: true });
    closers.push(() => options.signal?.removeEventListener("abort", stop));
    return { engine, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A quoted identifier. */
export const identifier = (name: string): string => `"${checked(name).replaceAll('"', '""')}"`;

/** A quoted string literal, for the few places that take no parameter (COPY targets, settings). */
export const literal = (text: string): string => `'${checked(text).replaceAll("'", "''")}'`;

function checked(text: string): string {
  if (text.includes("\0")) throw new TomboloError("input.text", "a name holds a zero byte");
  return text;
}

export async function queryRow(
  engine: DuckDBConnection,
  sql: string,
  parameters: readonly DuckDBValue[] = [],
): Promise<readonly DuckDBValue[]> {
  return (await queryRows(engine, sql, parameters))[0]!;
}

/** For results of a few rows; columns of data go through `readColumns`. */
export async function queryRows(
  engine: DuckDBConnection,
  sql: string,
  parameters: readonly DuckDBValue[] = [],
): Promise<readonly (readonly DuckDBValue[])[]> {
  return (await engine.runAndReadAll(sql, [...parameters])).getRows();
}
