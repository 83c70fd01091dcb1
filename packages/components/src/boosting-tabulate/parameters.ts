import { z } from "zod";
import { makingParameters } from "../catalogue/making-parameters.ts";
import type { TaskContext } from "../component.ts";
import { staleAfterHours } from "../score-service/parameters.ts";

export { type PartyParameters, partyParameters } from "../score-service/parameters.ts";

export const parameters = z.strictObject({ ...makingParameters, staleAfterHours });
export type Parameters = z.output<typeof parameters>;
export type Context = TaskContext<Parameters, { readonly asOf: string | null }>;
