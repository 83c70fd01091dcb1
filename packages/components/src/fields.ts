/** Parameters as forms need them: bilingual titles and help beside the schema, kept through JSON Schema. */
import { z } from "zod";
import type { Text } from "./component.ts";

export const NAME_LENGTH_MAX = 120;
export const COLUMNS_MAX = 8192;
export const KEYS_MAX = 16;

/** `help` is a sentence for who fills in the form. JSON Schema's own title and description carry the English. */
export function field<S extends z.ZodType>(schema: S, title: Text, help: Text): S {
  return schema.meta({ title: title.en, description: help.en, text: { title, help } });
}

export const columnName = z.string().min(1).max(NAME_LENGTH_MAX);
export const columnNames = z
  .array(columnName)
  .max(COLUMNS_MAX)
  .refine((names) => new Set(names).size === names.length, "a column is listed twice");
