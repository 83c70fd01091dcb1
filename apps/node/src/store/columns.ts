/** Column types shared by all tables. Both databases answer timestamps as Date, int8 as number, jsonb as values. */
import type { ColumnType, Generated } from "kysely";

export type { Generated };
/** jsonb: write the text that `toJson` makes. (A bare array would become a PostgreSQL array.) */
export type Json<T> = ColumnType<T, string, string>;
export type Timestamp = ColumnType<Date, Date | string, Date | string>;

export const toJson = (value: unknown): string => JSON.stringify(value);
