import { z } from "zod";
import { makingParameters } from "../catalogue/making-parameters.ts";
import type { TaskContext } from "../component.ts";
import { got, rowsMax } from "../hidden/parameters.ts";

/** The host holds the table, its sealed entries and the index in memory while it makes them. */
export const ROWS_MAX_PREPARED = 4_000_000;

export const parameters = z.strictObject({ columns: got, ...makingParameters, rowsMax: rowsMax(ROWS_MAX_PREPARED) });
export type Parameters = z.output<typeof parameters>;
export type Context = TaskContext<Parameters, Record<string, never>>;
