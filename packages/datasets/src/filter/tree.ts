/** A row filter as an allow-listed tree: column, operator, literal, and nothing that could be anything else. */
export type Literal = string | number | boolean;
export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

export interface FilterColumn {
  readonly name: string;
  readonly type: "number" | "integer" | "text" | "boolean" | "date";
}

export type FilterTree =
  | { readonly kind: "compare"; readonly column: FilterColumn; readonly operator: Comparison; readonly value: Literal }
  | { readonly kind: "in"; readonly column: FilterColumn; readonly values: readonly Literal[] }
  | { readonly kind: "between"; readonly column: FilterColumn; readonly low: Literal; readonly high: Literal }
  | { readonly kind: "null"; readonly column: FilterColumn }
  | { readonly kind: "not"; readonly inner: FilterTree }
  | { readonly kind: "and" | "or"; readonly parts: readonly FilterTree[] };
