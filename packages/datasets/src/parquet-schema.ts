/** A foreign Parquet file's columns as ours. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { checkNames } from "./csv/cleaner.ts";
import { identifier, literal, queryRow, queryRows } from "./engine.ts";
import { parquetError } from "./failures.ts";
import { looksLikeIdName } from "./infer.ts";
import type { ColumnType } from "./types.ts";

export interface ParquetColumns {
  readonly names: readonly string[];
  readonly types: readonly ColumnType[];
  /** Select list that yields the snapshot's columns. */
  readonly select: string;
}

const WHOLE = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT)$/;
const REAL = /^(FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const AS_TEXT = /^(VARCHAR|UUID|ENUM\(.*\)|TIMESTAMP.*|TIME.*)$/;
const EXACT = 2 ** 53;

export async function parquetColumns(
  engine: DuckDBConnection,
  path: string,
  columnsMax: number,
  text: readonly string[],
): Promise<ParquetColumns> {
  const source = `read_parquet(${literal(path)})`;
  const described = await queryRows(engine, `DESCRIBE SELECT * FROM ${source}`);
  if (described.length > columnsMax)
    throw parquetError(`the file has ${described.length} columns, more than ${columnsMax}`, "Leave columns out.");
  const original = described.map(([name]) => String(name));
  const names = checkNames(original.map((name) => name.trim()));
  const types: ColumnType[] = [];
  for (const [i, [, type]] of described.entries())
    types.push(text.includes(names[i]!) ? "text" : await typeOf(engine, source, original[i]!, names[i]!, String(type)));
  const select = names.map((name, i) => `${castOf(original[i]!, types[i]!)} AS ${identifier(name)}`).join(", ");
  return { names, types, select };
}

async function typeOf(
  engine: DuckDBConnection,
  source: string,
  original: string,
  name: string,
  type: string,
): Promise<ColumnType> {
  if (type === "BOOLEAN") return "boolean";
  if (type === "DATE") return "date";
  if (REAL.test(type)) return "number";
  if (AS_TEXT.test(type)) return "text";
  if (!WHOLE.test(type))
    throw parquetError(
      `the column "${name}" has the type ${type.slice(0, 60)}, which is not supported`,
      "Flatten or drop it.",
    );
  if (looksLikeIdName(name)) return "text";
  const column = identifier(original);
  const [outside] = await queryRow(
    engine,
    `SELECT count(*) FILTER (${column} > ${EXACT} OR ${column} < -${EXACT}) FROM ${source}`,
  );
  return Number(outside) > 0 ? "text" : "integer";
}

function castOf(original: string, type: ColumnType): string {
  const column = identifier(original);
  // Infinities have no place in learning; they count as missing like NaN.
  if (type === "number") return `CASE WHEN isfinite(${column}::DOUBLE) THEN ${column}::DOUBLE END`;
  if (type === "integer") return `${column}::BIGINT`;
  if (type === "text") return `nullif(${column}::VARCHAR, '')`;
  return column;
}
