import { z } from "zod";
import { idsMax, padTo } from "../catalogue/asking.ts";
import { drawnAhead } from "../catalogue/serving.ts";
import { answering } from "../score-service/parameters.ts";
import { until } from "../service.ts";

export const parameters = z.strictObject({ until, ...answering, idsMax, padTo, drawnAhead });
export type Parameters = z.output<typeof parameters>;
