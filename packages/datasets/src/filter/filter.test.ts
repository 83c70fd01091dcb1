import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFilter } from "./parse.ts";
import { filterToSql } from "./to-sql.ts";
import type { FilterColumn } from "./tree.ts";

const COLUMNS: readonly FilterColumn[] = [
  { name: "age", type: "integer" },
  { name: "home", type: "text" },
  { name: "since", type: "date" },
  { name: "vip", type: "boolean" },
  { name: 'odd "name', type: "number" },
];
const sqlOf = (source: string) => filterToSql(parseFilter(source, COLUMNS));

describe("parseFilter", () => {
  it.each([
    ["age >= 18", '"age" >= $1', [18]],
    ["home <> 'it''s'", '"home" <> $1', ["it's"]],
    ["age != -1.5e3", '"age" <> $1', [-1500]],
    ["age in (1, 2) AND home is not null", '("age" IN ($1, $2)) AND (NOT ("home" IS NULL))', [1, 2]],
    ["not (age between 1 and 2 or vip = true)", 'NOT (("age" BETWEEN $1 AND $2) OR ("vip" = $3))', [1, 2, true]],
    ["since not in ('2024-01-01')", 'NOT ("since" IN (CAST($1 AS DATE)))', ["2024-01-01"]],
    ['"odd ""name" < 1', '"odd ""name" < $1', [1]],
    ["age = 1 or age = 2 and vip = false", '("age" = $1) OR (("age" = $2) AND ("vip" = $3))', [1, 2, false]],
  ])("reads %s", (source, sql, parameters) => {
    expect(sqlOf(source)).toEqual({ sql, parameters });
  });

  it.each([
    ["", 1, "expected a column"],
    ["age", 4, "expected a comparison"],
    ["age = ", 7, "expected a value"],
    ["age = 'x'", 7, "is a number"],
    ["home = 1", 8, "is text"],
    ["since = '2024-02-30'", 9, "is a date"],
    ["salary > 1", 1, 'no column "salary"'],
    ["age = 1; drop table x", 8, "no meaning"],
    ["age = 1 drop", 9, "expected the end"],
    ["home = 'open", 8, "never closed"],
    ["(age = 1", 9, "expected )"],
    ["age = age", 7, "expected a value"],
    ["lower(home) = 'x'", 1, 'no column "lower"'],
    ["age = 1e999", 7, "too large"],
    [`${"(".repeat(30)}age = 1${")".repeat(30)}`, 21, "nested too deeply"],
  ])("refuses %s at its place", (source, place, message) => {
    try {
      sqlOf(source);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "input.filter" });
      expect((error as Error).message).toMatch(new RegExp(`^character ${place} `));
      expect((error as Error).message).toContain(message);
    }
  });

  it("never lets a value become part of the query, and fails only with its own error", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const { sql, parameters } = sqlOf(`home = '${text.replaceAll("'", "''")}'`);
        expect(sql).toBe('"home" = $1');
        expect(parameters).toEqual([text]);
        try {
          sqlOf(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "input.filter" });
        }
      }),
    );
  });
});
