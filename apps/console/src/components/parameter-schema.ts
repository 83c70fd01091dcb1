/** A component's parameters as the node describes them: JSON Schema with both languages beside it. */
interface Words {
  readonly en: string;
  readonly zh: string;
}

/** What of JSON Schema a component's parameters use. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly title?: string;
  readonly description?: string;
  readonly text?: { readonly title: Words; readonly help: Words };
}

export type Values = Readonly<Record<string, unknown>>;
export const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Fields of their own, always there. What may be left out as a whole is written as JSON. */
export const isGroup = ({ properties }: Schema): boolean => properties !== undefined;
export const isNullable = ({ anyOf }: Schema): boolean => anyOf?.some(({ type }) => type === "null") === true;
export const plainOf = (schema: Schema): Schema => {
  const kinds = schema.anyOf?.filter(({ type }) => type !== "null");
  return kinds?.length === 1 ? kinds[0]! : schema;
};
export const choicesOf = ({ enum: listed, anyOf }: Schema): readonly unknown[] | undefined =>
  listed ?? (anyOf?.every((each) => "const" in each) === true ? anyOf.map((each) => each.const) : undefined);

/** The length that names of columns may have: packages/components/src/fields.ts, NAME_LENGTH_MAX. */
const NAME_LENGTH_MAX = 120;
export const isColumnName = ({ type, minLength, maxLength }: Schema): boolean =>
  type === "string" && minLength === 1 && maxLength === NAME_LENGTH_MAX;
/** A number, or text. */
export const isScalar = ({ anyOf }: Schema): boolean =>
  anyOf !== undefined &&
  anyOf.length > 1 &&
  anyOf.every(({ type }) => ["number", "string", "null"].includes(String(type)));

/** The forms that an item of a list may have, by what tells them apart; one without a name where all are alike. */
export function formsOf(items: Schema): ReadonlyMap<string, Schema> | undefined {
  if (items.properties !== undefined) return new Map([["", items]]);
  const forms = items.oneOf?.map((form) => [String(form.properties?.kind?.const ?? ""), form] as const);
  return forms?.every(([name]) => name !== "") === true ? new Map(forms) : undefined;
}

/** What a new item begins with: what it must have, empty. */
export const newItem = (form: Schema): Values =>
  Object.fromEntries(
    Object.entries(form.properties ?? {}).flatMap(([name, field]): [string, unknown][] => {
      if (field.const !== undefined) return [[name, field.const]];
      if (form.required?.includes(name) !== true || field.default !== undefined) return [];
      if (field.type === "array") return [[name, []]];
      const [first] = choicesOf(field) ?? [];
      return first === undefined ? [] : [[name, first]];
    }),
  );

/** A value as a flow writes it; "–" for none. */
export const valueText = (value: unknown): string =>
  value === null || value === undefined ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value);
