/**
 * Row filters (SECURITY.md rule 19): never SQL text, but a small language of its own, parsed to a tree.
 *
 *   or   := and ("or" and)*          and := not ("and" not)*          not := "not" not | "(" or ")" | test
 *   test := column op literal | column ["not"] "in" "(" literal, ... ")" | column ["not"] "between" literal "and"
 *           literal | column "is" ["not"] "null"
 *   op   := = <> != < <= > >=        literal := number | 'text' | 'YYYY-MM-DD' | true | false
 */

import { filterError, type Token, tokens } from "./tokens.ts";
import type { Comparison, FilterColumn, FilterTree, Literal } from "./tree.ts";

export const FILTER_LENGTH_MAX = 1000;
const DEPTH_MAX = 20;
const LIST_MAX = 500;
const KEYWORDS = new Set(["and", "or", "not", "in", "between", "is", "null", "true", "false"]);

/** Throws `input.filter` with the position of the fault. */
export function parseFilter(source: string, columns: readonly FilterColumn[]): FilterTree {
  if (source.length > FILTER_LENGTH_MAX) throw filterError(FILTER_LENGTH_MAX, "the filter is too long");
  const parser = new Parser(tokens(source), columns);
  return parser.all();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #columns: readonly FilterColumn[];
  #at = 0;
  #depth = 0;

  constructor(list: readonly Token[], columns: readonly FilterColumn[]) {
    this.#tokens = list;
    this.#columns = columns;
  }

  all(): FilterTree {
    const tree = this.#or();
    if (this.#token.kind !== "end") throw filterError(this.#token.at, "expected the end, and, or or");
    return tree;
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #or(): FilterTree {
    return this.#chain("or", () => this.#chain("and", () => this.#not()));
  }

  #chain(kind: "and" | "or", part: () => FilterTree): FilterTree {
    const parts = [part()];
    while (this.#take(kind)) parts.push(part());
    return parts.length === 1 ? parts[0]! : { kind, parts };
  }

  #not(): FilterTree {
    if (++this.#depth > DEPTH_MAX) throw filterError(this.#token.at, "the filter is nested too deeply");
    try {
      if (this.#take("not")) return { kind: "not", inner: this.#not() };
      if (!this.#takeSymbol("(")) return this.#test();
      const inner = this.#or();
      this.#expectSymbol(")");
      return inner;
    } finally {
      this.#depth--;
    }
  }

  #test(): FilterTree {
    const column = this.#column();
    if (this.#take("is")) {
      const not = this.#take("not");
      if (!this.#take("null")) throw filterError(this.#token.at, "expected null");
      return negated(not, { kind: "null", column });
    }
    const not = this.#take("not");
    if (this.#take("in")) return negated(not, { kind: "in", column, values: this.#list(column) });
    if (this.#take("between")) {
      const low = this.#literal(column);
      if (!this.#take("and")) throw filterError(this.#token.at, "expected and");
      return negated(not, { kind: "between", column, low, high: this.#literal(column) });
    }
    const token = this.#token;
    if (not || token.kind !== "symbol" || !/^(=|<>|<|<=|>|>=)$/.test(token.text))
      throw filterError(token.at, "expected a comparison, in, between or is");
    this.#at++;
    return { kind: "compare", column, operator: token.text as Comparison, value: this.#literal(column) };
  }

  #column(): FilterColumn {
    const token = this.#token;
    if (token.kind !== "name" && (token.kind !== "word" || KEYWORDS.has(token.text.toLowerCase())))
      throw filterError(token.at, "expected a column");
    const column = this.#columns.find(({ name }) => name === token.text);
    if (column === undefined) throw filterError(token.at, `there is no column "${token.text.slice(0, 120)}"`);
    this.#at++;
    return { name: column.name, type: column.type };
  }

  #list(column: FilterColumn): Literal[] {
    this.#expectSymbol("(");
    const values = [this.#literal(column)];
    while (this.#takeSymbol(",")) {
      if (values.length === LIST_MAX) throw filterError(this.#token.at, `more than ${LIST_MAX} values`);
      values.push(this.#literal(column));
    }
    this.#expectSymbol(")");
    return values;
  }

  #literal(column: FilterColumn): Literal {
    const token = this.#token;
    this.#at++;
    const value = literalOf(token);
    if (value === undefined) throw filterError(token.at, "expected a value");
    if (!fits(column, value)) throw filterError(token.at, `"${column.name}" is ${WANTED[column.type]}`);
    return value;
  }

  #take(word: string): boolean {
    const token = this.#token;
    if (token.kind !== "word" || token.text.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  #takeSymbol(symbol: string): boolean {
    const token = this.#token;
    if (token.kind !== "symbol" || token.text !== symbol) return false;
    this.#at++;
    return true;
  }

  #expectSymbol(symbol: string): void {
    if (!this.#takeSymbol(symbol)) throw filterError(this.#token.at, `expected ${symbol}`);
  }
}

const negated = (not: boolean, inner: FilterTree): FilterTree => (not ? { kind: "not", inner } : inner);

function literalOf(token: Token): Literal | undefined {
  if (token.kind === "number") return token.value;
  if (token.kind === "text") return token.text;
  if (token.kind !== "word") return undefined;
  const word = token.text.toLowerCase();
  return word === "true" ? true : word === "false" ? false : undefined;
}

const WANTED: Readonly<Record<FilterColumn["type"], string>> = {
  number: "a number",
  integer: "a number",
  text: "text: put it in single quotes",
  boolean: "true or false",
  date: "a date: '2026-01-31'",
};

function fits({ type }: FilterColumn, value: Literal): boolean {
  if (type === "text") return typeof value === "string";
  if (type === "boolean") return typeof value === "boolean";
  if (type === "date") return typeof value === "string" && isDate(value);
  return typeof value === "number";
}

const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
  new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
