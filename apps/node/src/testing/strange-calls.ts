/** Calls of a route that are nearly right, wrong, or nonsense, drawn from its own schemas. For tests only. */
import type { Route } from "@tombolo/sdk";
import fc from "fast-check";
import { z } from "zod";

export interface StrangeCall {
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: string | undefined;
}

/** Of JSON Schema what zod makes of ours. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

const DEPTH_MAX = 6;
/** What steers a terminal, a path, a database, a prototype, a number. */
const NASTY = [
  "",
  "\u0000",
  "\u001b[2J",
  "\u202e",
  "../../../etc/passwd",
  "%2e%2e%2f",
  "'; drop table users; --",
  "__proto__",
  "constructor",
  "\ud800",
  "NaN",
  "1e999",
  "🙂".repeat(50),
  "x".repeat(5000),
];

export function strangeCall(route: Route, known: readonly string[]): fc.Arbitrary<StrangeCall> {
  const names = [...route.path.matchAll(/:([A-Za-z]+)/g)].map((each) => each[1]!);
  const segment = fc.oneof(
    fc.constantFrom(...known),
    fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
    fc.constantFrom(...NASTY).map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 3000)),
  );
  const path = fc
    .tuple(fc.array(segment, { minLength: names.length, maxLength: names.length }), queryOf(route))
    .map(([values, query]) => {
      const filled = names.reduce(
        (text, name, i) => text.replace(`:${name}`, values[i]! === "" ? "-" : values[i]!),
        route.path,
      );
      return query === "" ? filled : `${filled}?${query}`;
    });
  return fc.record({ path, ...bodyOf(route, known) });
}

function queryOf({ query }: Route): fc.Arbitrary<string> {
  const names =
    query === undefined ? ["x"] : [...Object.keys((jsonSchema(query).properties ?? { x: {} }) as object), "x"];
  const pair = fc.tuple(
    fc.constantFrom(...names),
    fc.oneof(fc.constantFrom(...NASTY), fc.nat().map(String), fc.constantFrom("-1", "true", "1.5")),
  );
  return fc.array(pair, { maxLength: 4 }).map((pairs) =>
    pairs
      .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
      .join("&")
      .slice(0, 8000),
  );
}

function bodyOf(
  route: Route,
  known: readonly string[],
): { contentType: fc.Arbitrary<string | undefined>; body: fc.Arbitrary<string | undefined> } {
  const types = fc.constantFrom(
    "application/json",
    "application/json",
    "application/json",
    "application/json; charset=utf-8",
    "text/plain",
    "text/csv",
    "multipart/form-data",
    "",
  );
  const given = route.body instanceof z.ZodType ? mostlyRight(jsonSchema(route.body), known, 0) : anything;
  const body = fc.oneof(
    { weight: 6, arbitrary: given.map((value) => JSON.stringify(value) ?? "") },
    { weight: 1, arbitrary: anything.map((value) => JSON.stringify(value) ?? "") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "",
        "{",
        "null",
        "[]",
        '{"a":1,"a":2}',
        '{"__proto__":{"x":1}}',
        "[".repeat(5000),
        '"\\ud800"',
        "1e999",
        `"${"x".repeat(1_100_000)}"`,
      ),
    },
  );
  const none = fc.constant(undefined);
  return route.method === "GET" || route.method === "DELETE"
    ? { contentType: none, body: none }
    : { contentType: types, body };
}

const anything: fc.Arbitrary<unknown> = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(...NASTY));

/** Mostly what the schema says, so that calls come past the first check; now and then something else. */
function mostlyRight(schema: Schema, known: readonly string[], depth: number): fc.Arbitrary<unknown> {
  const right = depth > DEPTH_MAX ? fc.constant(null) : rightOf(schema, known, depth);
  return fc.oneof({ weight: 14, arbitrary: right }, { weight: 1, arbitrary: anything });
}

function rightOf(schema: Schema, known: readonly string[], depth: number): fc.Arbitrary<unknown> {
  const inner = (each: Schema): fc.Arbitrary<unknown> => mostlyRight(each, known, depth + 1);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice !== undefined) return fc.oneof(...choice.map(inner));
  switch (schema.type) {
    case "object":
      return schema.properties === undefined
        ? fc.dictionary(fc.constantFrom("a", "b", "phone"), anything, { maxKeys: 3 })
        : fc.record(Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, inner(each)])), {
            requiredKeys: Object.keys(schema.properties).slice(0, 3),
          });
    case "array":
      return fc.array(inner(schema.items ?? {}), { maxLength: 3 });
    case "integer":
    case "number": {
      const low = Math.max(schema.minimum ?? -1e6, -(2 ** 31));
      const high = Math.min(schema.maximum ?? 1e6, 2 ** 31 - 1);
      const within =
        low <= high ? [fc.integer({ min: Math.ceil(low), max: Math.max(Math.floor(high), Math.ceil(low)) })] : [];
      return fc.oneof(...within, fc.constantFrom(low, high, 0, 0.5, -1, 2 ** 53));
    }
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      return textOf(schema, known);
    default:
      return anything;
  }
}

function textOf({ format, pattern, maxLength }: Schema, known: readonly string[]): fc.Arbitrary<string> {
  if (format === "date-time")
    return fc.constantFrom("2030-01-01T00:00:00Z", "2020-02-30T00:00:00Z", "+275760-09-13T00:00:00Z");
  if (format === "uri")
    return fc.constantFrom("https://fuzz.invalid/hook", "http://127.0.0.1:1/", "file:///etc/passwd");
  const plain = fc.oneof(fc.constantFrom(...known), fc.string({ maxLength: 40 }), fc.constantFrom(...NASTY));
  if (pattern !== undefined) return fc.oneof(fc.constantFrom(...known), fc.stringMatching(new RegExp(pattern)), plain);
  return fc.oneof(
    { weight: 3, arbitrary: plain },
    { weight: 1, arbitrary: fc.constant("x".repeat(Math.min(maxLength ?? 0, 5000) + 1)) },
  );
}

const jsonSchema = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
