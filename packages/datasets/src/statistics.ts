/** What the owner sees of each column, and may choose to show. */
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { identifier, literal, queryRow, queryRows } from "./engine.ts";
import { looksLikeIdName } from "./infer.ts";
import type { ColumnRole, ColumnStatistics, ColumnType, DatasetColumn } from "./types.ts";

/** Above this many rows the distinct counts and quantiles are estimates (HyperLogLog, t-digest). */
const EXACT_ROWS_MAX = 2_000_000;
const TOP_MAX = 20;
const QUANTILES = "[0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0]";
const LABEL_NAME =
  /^(label|target|y|default|defaulted|churn|churned|fraud|is_default|bad|bad_flag|overdue|class|outcome|标签|违约|是否违约)$/i;

export async function describeColumns(
  engine: DuckDBConnection,
  path: string,
  names: readonly string[],
  types: readonly ColumnType[],
  rowCount: number,
  minimumRows: number,
): Promise<DatasetColumn[]> {
  const source = `read_parquet(${literal(path)})`;
  const columns: DatasetColumn[] = [];
  for (const [i, name] of names.entries()) {
    const type = types[i]!;
    const exact = rowCount <= EXACT_ROWS_MAX;
    const [filled, distinct] = (await queryRow(engine, countsOf(source, name, exact))).map(Number) as [number, number];
    columns.push({
      name,
      type,
      role: "feature",
      fillRate: rowCount === 0 ? 0 : filled / rowCount,
      distinct,
      statistics:
        filled === 0 || type === "text" || type === "date" ? null : await numbersOf(engine, source, name, exact),
      top: type === "text" ? await topOf(engine, source, name, minimumRows) : null,
    });
  }
  return withRoles(columns, rowCount);
}

function countsOf(source: string, name: string, exact: boolean): string {
  const column = identifier(name);
  return `SELECT count(${column}), ${exact ? `count(DISTINCT ${column})` : `approx_count_distinct(${column})`} FROM ${source}`;
}

async function numbersOf(
  engine: DuckDBConnection,
  source: string,
  name: string,
  exact: boolean,
): Promise<ColumnStatistics> {
  const v = `${identifier(name)}::DOUBLE`;
  const quantile = exact ? "quantile_cont" : "approx_quantile";
  const [min, max, mean, deviation, quantiles] = await queryRow(
    engine,
    `SELECT min(${v}), max(${v}), avg(${v}), coalesce(stddev_samp(${v}), 0), ${quantile}(${v}, ${QUANTILES}) FROM ${source}`,
  );
  const list = (quantiles as unknown as { items: readonly DuckDBValue[] }).items.map(Number);
  return { min: Number(min), max: Number(max), mean: Number(mean), deviation: Number(deviation), quantiles: list };
}

async function topOf(engine: DuckDBConnection, source: string, name: string, minimumRows: number) {
  const column = identifier(name);
  const rows = await queryRows(
    engine,
    `SELECT ${column}, count(*) AS n FROM ${source} WHERE ${column} IS NOT NULL
     GROUP BY 1 HAVING count(*) >= $1 ORDER BY n DESC, 1 LIMIT ${TOP_MAX}`,
    [Math.max(1, minimumRows)],
  );
  return rows.map(([value, count]) => ({ value: String(value).slice(0, 200), count: Number(count) }));
}

/** One label at most; ids are complete, unique text (or, where none is, what is named like an id). */
function withRoles(columns: readonly DatasetColumn[], rowCount: number): DatasetColumn[] {
  const unique = (column: DatasetColumn): boolean =>
    column.type === "text" && column.fillRate === 1 && column.distinct === rowCount && rowCount > 1;
  const named = columns.filter((column) => column.type === "text" && looksLikeIdName(column.name));
  const ids = new Set([...columns.filter(unique), ...named]);
  const label = columns.find(({ name, distinct, type }) => LABEL_NAME.test(name) && distinct === 2 && type !== "date");
  const roleOf = (column: DatasetColumn): ColumnRole =>
    ids.has(column) ? "id" : column === label ? "label" : column.fillRate === 0 ? "ignored" : "feature";
  return columns.map((column) => ({ ...column, role: roleOf(column) }));
}
