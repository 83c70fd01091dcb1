/**
 * Skewed numbers made straighter: logarithm, square root, or the power that makes them most like a normal distribution
 * (Box and Cox 1964, for numbers above 0; Yeo and Johnson 2000, for all).
 */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { moments } from "./figures.ts";
import { columnNames } from "./names.ts";
import { inPlace, numberColumn, numbersOf, replaceColumns, step } from "./step.ts";

const METHODS = ["log", "log1p", "sqrt", "box-cox", "yeo-johnson"] as const;
type Method = (typeof METHODS)[number];
const spec = z.strictObject({ kind: z.literal("power"), columns: columnNames, method: z.enum(METHODS) });
/** The power, of the last two methods. */
const learnt = z.array(z.strictObject({ lambda: z.number() }));

/** Powers are looked for between these; beyond them numbers are not what the methods are made for. */
const LAMBDA_MAX = 5;
const LAMBDA_TOLERANCE = 1e-8;

export const power = step({
  spec,
  learnt,
  touches: ({ columns }) => columns.map(inPlace),
  fit: (table, { columns, method }) =>
    columns.map((name) => {
      const { values } = numbersOf(table, name);
      if (values.some((value) => !inDomain(value, method))) throw outOfDomain(name, method);
      if (method !== "box-cox" && method !== "yeo-johnson") return { lambda: 0 };
      if (!(moments(values).deviation > 0)) throw constant(name);
      return { lambda: likeliest(values, method) };
    }),
  apply(table, { columns, method }, all, tell) {
    let out = table;
    for (const [i, name] of columns.entries()) {
      const transform = transformOf(method, all[i]!.lambda);
      let outside = 0;
      const values = numbersOf(table, name).values.map((value) => {
        const fits = inDomain(value, method);
        outside += Number(!fits);
        return fits ? transform(value) : Number.NaN;
      });
      if (outside > 0) tell({ column: name, what: "undefined", rows: outside });
      out = replaceColumns(out, [name], [numberColumn(name, values)]);
    }
    return out;
  },
});

/** Missing values stay missing. */
const inDomain = (value: number, method: Method): boolean =>
  Number.isNaN(value) ||
  method === "yeo-johnson" ||
  (method === "log1p" ? value > -1 : method === "sqrt" ? value >= 0 : value > 0);

const outOfDomain = (column: string, method: Method): TomboloError =>
  new TomboloError("input.range", `a column has values for which ${method} is not defined`, {
    remedy: "Clip the column first, or choose yeo-johnson, which takes all numbers.",
    detail: { column },
  });

const constant = (column: string): TomboloError =>
  new TomboloError(
    "input.constant",
    "a column whose power is to be learnt has one value only, none, or an infinite one",
    {
      remedy: "Leave the column out, or clip it first.",
      detail: { column },
    },
  );

function transformOf(method: Method, lambda: number): (value: number) => number {
  if (method === "log") return Math.log;
  if (method === "log1p") return Math.log1p;
  if (method === "sqrt") return Math.sqrt;
  if (method === "box-cox") return (value) => powered(Math.log(value), lambda);
  return (value) => (value >= 0 ? powered(Math.log1p(value), lambda) : -powered(Math.log1p(-value), 2 - lambda));
}

/** (x^lambda - 1) / lambda for the logarithm of x, and its limit at 0. */
const powered = (log: number, lambda: number): number =>
  Math.abs(lambda) < 1e-12 ? log : Math.expm1(lambda * log) / lambda;

/** The power of most likelihood, by golden sections: the likelihood has one top. */
function likeliest(values: Float64Array, method: "box-cox" | "yeo-johnson"): number {
  const own = values.filter((value) => !Number.isNaN(value));
  const logs = own.reduce(
    (sum, value) => sum + (method === "box-cox" ? Math.log(value) : Math.sign(value) * Math.log1p(Math.abs(value))),
    0,
  );
  const likelihood = (lambda: number): number => {
    const { deviation } = moments(own.map(transformOf(method, lambda)));
    return -own.length * Math.log(deviation) + (lambda - 1) * logs;
  };
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [-LAMBDA_MAX, LAMBDA_MAX];
  let [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [atA, atB] = [likelihood(a), likelihood(b)];
  while (high - low > LAMBDA_TOLERANCE)
    if (atA >= atB) {
      [high, b, atB] = [b, a, atA];
      a = high - ratio * (high - low);
      atA = likelihood(a);
    } else {
      [low, a, atA] = [a, b, atB];
      b = low + ratio * (high - low);
      atB = likelihood(b);
    }
  return (low + high) / 2;
}
