/**
 * Column types from what the values look like. Ids never lose a digit: leading zeros, more than 15 digits, and columns
 * of long unique numbers stay text.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, queryRow } from "./engine.ts";
import type { ColumnType } from "./types.ts";

export const MISSING_DEFAULT: readonly string[] = ["NA", "N/A", "#N/A", "null", "NULL", "NaN", "nan", "\\N"];

const ID_DIGITS = 8;
const ID_NAME =
  /^(id|.*[_ -]id|.*Id|phone|mobile|tel|telephone|msisdn|imei|uuid|手机号|手机号码|电话|身份证号?|证件号码?|客户号)$/;

export const looksLikeIdName = (name: string): boolean => ID_NAME.test(name) || ID_NAME.test(name.toLowerCase());

/** Which of the file's values a column may hold to be of a type; the first that all values pass wins. */
const TESTS: readonly (readonly [Exclude<ColumnType, "text">, (v: string) => string])[] = [
  ["boolean", (v) => `lower(${v}) IN ('true', 'false')`],
  ["date", (v) => `length(${v}) = 10 AND ${v}[5] = '-' AND TRY_CAST(${v} AS DATE) IS NOT NULL`],
  // Written back it must be the same: no leading zero, no sign but a minus, no more digits than a double holds.
  ["integer", (v) => `length(${v}) <= 15 AND TRY_CAST(${v} AS BIGINT)::VARCHAR = ${v}`],
  ["number", (v) => `isfinite(TRY_CAST(${v} AS DOUBLE)) AND NOT (${lossy(v)})`],
];

/** 007, 1_000, or a whole number with more digits than a double holds. */
const lossy = (v: string): string =>
  `(length(${v}) >= 16 AND regexp_full_match(${v}, '[+-]?[0-9]+')) OR ltrim(${v}, '+-') SIMILAR TO '0[0-9].*' OR contains(${v}, '_')`;

const SAMPLE_ROWS = 10_000;

/** `source` is SQL for a table with the columns c0, c1, ... of raw text, missing values null. */
export async function inferTypes(
  engine: DuckDBConnection,
  source: string,
  names: readonly string[],
  text: readonly string[],
): Promise<ColumnType[]> {
  const types: ColumnType[] = [];
  // A few columns at a time keeps the engine's memory bounded.
  for (let at = 0; at < names.length; at += 32) {
    const part = names.slice(at, at + 32).map((name, i): Candidate => ({ column: `c${at + i}`, name, next: 0 }));
    for (const candidate of part) if (text.includes(candidate.name)) candidate.next = TESTS.length;
    // The sample finds the likely type of each column, so that the whole file is mostly tested once.
    await settle(engine, `(SELECT * FROM ${source} LIMIT ${SAMPLE_ROWS})`, part);
    await settle(engine, source, part);
    types.push(...(await finalTypes(engine, source, part)));
  }
  return types;
}

interface Candidate {
  readonly column: string;
  readonly name: string;
  /** Place in TESTS; its length means text. */
  next: number;
}

/** Moves each candidate on until all values of `source` pass its test. */
async function settle(engine: DuckDBConnection, source: string, part: readonly Candidate[]): Promise<void> {
  let open = part.filter(({ next }) => next < TESTS.length);
  while (open.length > 0) {
    const counts = open.map(
      ({ column, next }) =>
        `count(*) FILTER (${TESTS[next]![1](`trim(${column})`)}), count(nullif(trim(${column}), ''))`,
    );
    const row = (await queryRow(engine, `SELECT ${counts.join(", ")} FROM ${source}`)).map(Number);
    open = open.filter((candidate, i) => {
      if (row[2 * i] === row[2 * i + 1]) return false;
      return ++candidate.next < TESTS.length;
    });
  }
}

async function finalTypes(engine: DuckDBConnection, source: string, part: readonly Candidate[]): Promise<ColumnType[]> {
  const facts = part.map(({ column, next }) =>
    TESTS[next]?.[0] === "integer"
      ? `count(${column}), approx_count_distinct(${column}), coalesce(min(length(${column})), 0), coalesce(max(length(${column})), 0)`
      : `count(${column}), 0, 0, 0`,
  );
  const row = (await queryRow(engine, `SELECT count(*), ${facts.join(", ")} FROM ${source}`)).map(Number);
  return part.map(({ name, next }, i) => {
    const [filled, distinct, shortest, longest] = row.slice(1 + 4 * i, 5 + 4 * i) as [number, number, number, number];
    const type = TESTS[next]?.[0] ?? "text";
    // Nothing but missing values passes every test.
    if (filled === 0) return "text";
    if (type !== "integer") return type;
    // The distinct count is an estimate, so it has some slack.
    const unique = filled === row[0] && distinct >= 0.9 * filled && filled > 1;
    // Amounts may be unique too, but seldom long and all of one length.
    const idLike = unique && shortest >= ID_DIGITS && shortest === longest;
    return looksLikeIdName(name) || idLike ? "text" : "integer";
  });
}

export const SQL_TYPE: Readonly<Record<ColumnType, string>> = {
  number: "DOUBLE",
  integer: "BIGINT",
  text: "VARCHAR",
  boolean: "BOOLEAN",
  date: "DATE",
};

/** Select list that turns raw text columns c0, c1, ... into the typed columns of the snapshot. */
export function typedSelect(names: readonly string[], types: readonly ColumnType[]): string {
  return names
    .map((name, i) => {
      const value = `nullif(trim(c${i}), '')`;
      const cast = types[i] === "text" ? value : `CAST(${value} AS ${SQL_TYPE[types[i]!]})`;
      return `${cast} AS ${identifier(name)}`;
    })
    .join(", ");
}
