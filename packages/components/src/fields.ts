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

/** A list in which `of` differs for all. `what` is named where it does not. */
export const eachOnce = <S extends z.ZodType>(
  list: z.ZodArray<S>,
  what: string,
  of: (item: z.output<S>) => unknown = (item) => item,
): z.ZodArray<S> => list.refine((items) => new Set(items.map(of)).size === items.length, `${what} is listed twice`);

export const columnName = z.string().min(1).max(NAME_LENGTH_MAX);
export const columnNames = eachOnce(z.array(columnName).max(COLUMNS_MAX), "a column");

/** Which of its columns a party trains on. */
export const trainedColumns = field(
  columnNames.nullable().default(null),
  { en: "Columns", zh: "特征列" },
  { en: "Of those read; none: all of them.", zh: "在已读取的列中选择；留空表示全部。" },
);
