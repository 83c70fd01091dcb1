import { z } from "zod";
import { hostColumnsMin } from "../regression-predict/parameters.ts";
import { parameters as shared } from "../score-service/parameters.ts";

export const parameters = z.strictObject({ ...shared.shape, hostColumnsMin });
export type Parameters = z.output<typeof parameters>;
