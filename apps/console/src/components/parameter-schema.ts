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
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly title?: string;
  readonly description?: string;
  readonly text?: { readonly title: Words; readonly help: Words };
}

export type Values = Readonly<Record<string, unknown>>;

/** Fields of their own, always there. What may be left out as a whole is written as JSON. */
export const isGroup = ({ properties }: Schema): boolean => properties !== undefined;
export const isNullable = ({ anyOf }: Schema): boolean => anyOf?.some(({ type }) => type === "null") === true;
export const plainOf = (schema: Schema): Schema => {
  const kinds = schema.anyOf?.filter(({ type }) => type !== "null");
  return kinds?.length === 1 ? kinds[0]! : schema;
};
export const choicesOf = ({ enum: listed, anyOf }: Schema): readonly unknown[] | undefined =>
  listed ?? (anyOf?.every((each) => "const" in each) === true ? anyOf.map((each) => each.const) : undefined);

/** A value as a flow writes it; "–" for none. */
export const valueText = (value: unknown): string =>
  value === null || value === undefined ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value);
