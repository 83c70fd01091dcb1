import { identifier } from "../engine.ts";
import type { FilterColumn, FilterTree, Literal } from "./tree.ts";

/** SQL with positional parameters: literals never become text of the query. */
export function filterToSql(tree: FilterTree): { readonly sql: string; readonly parameters: Literal[] } {
  const parameters: Literal[] = [];
  const bind = ({ type }: FilterColumn, value: Literal): string => {
    parameters.push(value);
    const place = `$${parameters.length}`;
    return type === "date" ? `CAST(${place} AS DATE)` : place;
  };
  const sql = write(tree, bind);
  return { sql, parameters };
}

type Bind = (column: FilterColumn, value: Literal) => string;

function write(tree: FilterTree, bind: Bind): string {
  switch (tree.kind) {
    case "compare":
      return `${identifier(tree.column.name)} ${tree.operator} ${bind(tree.column, tree.value)}`;
    case "in":
      return `${identifier(tree.column.name)} IN (${tree.values.map((value) => bind(tree.column, value)).join(", ")})`;
    case "between":
      return `${identifier(tree.column.name)} BETWEEN ${bind(tree.column, tree.low)} AND ${bind(tree.column, tree.high)}`;
    case "null":
      return `${identifier(tree.column.name)} IS NULL`;
    case "not":
      return `NOT (${write(tree.inner, bind)})`;
    default:
      return tree.parts.map((part) => `(${write(part, bind)})`).join(tree.kind === "and" ? " AND " : " OR ");
  }
}
