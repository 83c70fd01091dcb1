/**
 * Columns derived by an expression: `income / (age - 18)`, `min(a, b)`, `debt > 0 ? log(debt) : 0`, `col("月 收入") * 12`.
 *
 * jsep parses to a tree; only numbers, text, columns, + - * / %, comparisons, && || ! and ?:, and the functions below are taken
 * from it, and nothing is ever evaluated as code. Missing values make what hangs on them missing; where an expression has no
 * value for present ones (0 divided, a logarithm of what is not above 0) the step says what becomes of the row: nothing that hangs on such a
 * part has a value either, whether it compares, counts or chooses by it.
 */
import { type ColumnTable, TomboloError } from "@tombolo/base";
import jsep, { type Expression } from "jsep";
import { z } from "zod";
import { columnOf } from "./step.ts";

export const EXPRESSION_LENGTH_MAX = 1000;
const DEPTH_MAX = 30;

/** Of one row; null: missing. */
type Of<T> = (row: number) => T | null;
/** Numbers that are not finite: without a value. */
export type Compiled =
  | { readonly kind: "number"; readonly at: Of<number> }
  | { readonly kind: "text"; readonly at: Of<string> };

const FUNCTIONS: Readonly<Record<string, { readonly count: number | null; readonly of: (...x: number[]) => number }>> =
  {
    abs: { count: 1, of: Math.abs },
    ceil: { count: 1, of: Math.ceil },
    exp: { count: 1, of: Math.exp },
    floor: { count: 1, of: Math.floor },
    log: { count: 1, of: Math.log },
    log1p: { count: 1, of: Math.log1p },
    max: { count: null, of: Math.max },
    min: { count: null, of: Math.min },
    pow: { count: 2, of: Math.pow },
    round: { count: 1, of: Math.round },
    sign: { count: 1, of: Math.sign },
    sqrt: { count: 1, of: Math.sqrt },
  };
const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};
type Single = number | string;
const COMPARISONS: Readonly<Record<string, (a: Single, b: Single) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** Throws `input.expression`, saying what is wrong where; `input.columns` for a column that is not there. */
export const compile = (source: string, table: ColumnTable): Compiled =>
  new Compiler(table, source).compile(parse(source), 0);

/** Text of an expression; what cannot be read is refused with the place of the fault, whatever columns there are. */
export const expressionText = z
  .string()
  .min(1)
  .max(EXPRESSION_LENGTH_MAX)
  .superRefine((source, { addIssue }) => {
    if (source.length > EXPRESSION_LENGTH_MAX) return;
    try {
      parse(source);
    } catch (error) {
      addIssue({ code: "custom", message: TomboloError.from(error).message });
    }
  });

/** Of an expression that compiles on some table. */
export const columnsOf = (source: string): string[] => [...new Set(namesIn(parse(source)))];

function parse(source: string): Expression {
  if (source.length > EXPRESSION_LENGTH_MAX)
    throw wrong(`it is longer than ${EXPRESSION_LENGTH_MAX} characters`, source.slice(0, 40));
  try {
    return jsep(source);
  } catch (error) {
    throw wrong(`it cannot be read: ${(error as Error).message}`, source);
  }
}

function namesIn(tree: Expression): string[] {
  if (tree.type === "Identifier") return [String(tree.name)];
  if (tree.type !== "CallExpression")
    return PARTS.flatMap((part) => (tree[part] === undefined ? [] : namesIn(tree[part] as Expression)));
  const given = tree.arguments as readonly Expression[];
  return (tree.callee as Expression).name === "col" ? [String(given[0]?.value)] : given.flatMap(namesIn);
}
const PARTS = ["argument", "left", "right", "test", "consequent", "alternate"] as const;

export const wrong = (why: string, source: string): TomboloError =>
  new TomboloError("input.expression", `an expression is not one that can be used: ${why}`, {
    remedy: `Use columns, numbers, text, + - * / %, comparisons, && || !, ?:, and ${Object.keys(FUNCTIONS).join(", ")}, ifMissing(a, b), isMissing(a), col("name").`,
    detail: { expression: source },
  });

class Compiler {
  readonly #table: ColumnTable;
  readonly #source: string;

  constructor(table: ColumnTable, source: string) {
    this.#table = table;
    this.#source = source;
  }

  compile(tree: Expression, depth: number): Compiled {
    if (depth > DEPTH_MAX) throw this.#wrong("it is nested too deeply");
    const next = (part: unknown): Compiled => this.compile(part as Expression, depth + 1);
    switch (tree.type) {
      case "Literal":
        return this.#literal(tree.value);
      case "Identifier":
        return this.#column(String(tree.name));
      case "UnaryExpression":
        return this.#unary(String(tree.operator), next(tree.argument));
      case "BinaryExpression":
        return this.#binary(String(tree.operator), next(tree.left), next(tree.right));
      case "ConditionalExpression":
        return this.#conditional(next(tree.test), next(tree.consequent), next(tree.alternate));
      case "CallExpression":
        return this.#call(tree, next);
      default:
        throw this.#wrong(`there is something else in it (${tree.type})`);
    }
  }

  #wrong(why: string): TomboloError {
    return wrong(why, this.#source);
  }

  #literal(value: unknown): Compiled {
    if (typeof value === "number") return { kind: "number", at: () => value };
    if (typeof value === "string") return { kind: "text", at: () => value };
    if (typeof value === "boolean") return { kind: "number", at: () => Number(value) };
    throw this.#wrong("a constant is neither a number nor text");
  }

  #column(name: string): Compiled {
    const column = columnOf(this.#table, name);
    if (column.kind === "text") return { kind: "text", at: (row) => column.categories[column.codes[row]!] ?? null };
    const { values } = column;
    return { kind: "number", at: (row) => (Number.isNaN(values[row]!) ? null : values[row]!) };
  }

  #number(of: Compiled, where: string): Of<number> {
    if (of.kind === "text") throw this.#wrong(`${where} takes numbers, not text`);
    return of.at;
  }

  #unary(operator: string, of: Compiled): Compiled {
    const at = this.#number(of, operator);
    if (operator === "-") return numbers(at, at, (a) => -a);
    if (operator === "!") return numbers(at, at, (a) => Number(a === 0));
    throw this.#wrong(`${operator} is not known`);
  }

  #binary(operator: string, left: Compiled, right: Compiled): Compiled {
    const compare = COMPARISONS[operator];
    if (compare !== undefined) {
      if (left.kind !== right.kind) throw this.#wrong(`${operator} compares a number with text`);
      return numbers<Single>(left.at, right.at, (x, y) => Number(compare(x, y)));
    }
    const [a, b] = [this.#number(left, operator), this.#number(right, operator)];
    const arithmetic = ARITHMETIC[operator];
    if (arithmetic !== undefined) return numbers(a, b, arithmetic);
    if (operator === "&&") return numbers(a, b, (x, y) => Number(x !== 0 && y !== 0));
    if (operator === "||") return numbers(a, b, (x, y) => Number(x !== 0 || y !== 0));
    throw this.#wrong(`${operator} is not known`);
  }

  #conditional(test: Compiled, yes: Compiled, no: Compiled): Compiled {
    const at = this.#number(test, "?:");
    const choose = <T>(one: Of<T>, other: Of<T>, nothing: (test: number | null) => T | null): Of<T> => {
      return (row) => {
        const holds = at(row);
        if (holds === null || Number.isNaN(holds)) return nothing(holds);
        return holds !== 0 ? one(row) : other(row);
      };
    };
    return this.#alike(yes, no, "?:", choose);
  }

  #alike(one: Compiled, other: Compiled, where: string, join: Join): Compiled {
    if (one.kind === "number" && other.kind === "number")
      return { kind: "number", at: join(one.at, other.at, (test) => test) };
    if (one.kind === "text" && other.kind === "text") return { kind: "text", at: join(one.at, other.at, () => null) };
    throw this.#wrong(`${where} takes two numbers or two texts, not one of each`);
  }

  #call(tree: Expression, next: (part: unknown) => Compiled): Compiled {
    const name = String((tree.callee as Expression).name);
    const parts = tree.arguments as readonly Expression[];
    if (name === "col") {
      const [column] = parts;
      if (parts.length !== 1 || column?.type !== "Literal" || typeof column.value !== "string")
        throw this.#wrong("col takes the name of a column in quotes");
      return this.#column(column.value);
    }
    const given = parts.map(next);
    if (name === "isMissing" && given.length === 1)
      return { kind: "number", at: (row) => Number(given[0]!.at(row) === null) };
    if (name === "ifMissing" && given.length === 2) {
      const instead = <T>(one: Of<T>, other: Of<T>): Of<T> => {
        return (row) => one(row) ?? other(row);
      };
      return this.#alike(given[0]!, given[1]!, name, instead);
    }
    return this.#apply(name, given);
  }

  #apply(name: string, given: readonly Compiled[]): Compiled {
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) throw this.#wrong(`there is no function ${name}`);
    if (known.count === null ? given.length === 0 : given.length !== known.count)
      throw this.#wrong(`${name} takes ${known.count ?? "one or more"} values`);
    const values = given.map((each) => this.#number(each, name));
    return {
      kind: "number",
      at(row) {
        const own = values.map((value) => value(row)).filter((value) => value !== null);
        return own.length < values.length ? null : valued(own, () => known.of(...own));
      },
    };
  }
}

/** Of a choice: what becomes of a row whose test is missing or, as NaN, has no value. */
type Join = <T>(one: Of<T>, other: Of<T>, nothing: (test: number | null) => T | null) => Of<T>;

/** NaN where a part has no value, or the whole has none. */
function valued(parts: readonly unknown[], of: () => number): number {
  if (parts.some((part) => typeof part === "number" && !Number.isFinite(part))) return Number.NaN;
  const value = of();
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Missing if either is. */
function numbers<T>(left: Of<T>, right: Of<T>, of: (a: T, b: T) => number): Compiled {
  const at = (row: number): number | null => {
    const [a, b] = [left(row), right(row)];
    return a === null || b === null ? null : valued([a, b], () => of(a, b));
  };
  return { kind: "number", at };
}
