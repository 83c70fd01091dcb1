/** Names and lists of columns in the specifications of steps. */
import { z } from "zod";

export const columnName = z.string().min(1).max(120);
export const columnNames = z
  .array(columnName)
  .min(1)
  .max(8192)
  .refine((names) => new Set(names).size === names.length, "a column is listed twice");
