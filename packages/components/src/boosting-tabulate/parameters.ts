import { z } from "zod";
import { staleAfterHours } from "../boosting-serve/parameters.ts";
import { makingParameters } from "../catalogue/making-parameters.ts";
import type { TaskContext } from "../component.ts";

export { type PartyParameters, partyParameters } from "../boosting-serve/parameters.ts";

export const parameters = z.strictObject({ ...makingParameters, staleAfterHours });
export type Parameters = z.output<typeof parameters>;
export type Context = TaskContext<Parameters, { readonly asOf: string | null }>;
