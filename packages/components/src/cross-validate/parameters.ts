import { z } from "zod";
import { parameters as evaluating } from "../evaluate/parameters.ts";

/** Read as an evaluation reads them. */
export const parameters = z.strictObject(
  evaluating.pick({ objective: true, score: true, meaning: true, threshold: true }).shape,
);
export type Parameters = z.output<typeof parameters>;
