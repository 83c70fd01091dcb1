import { z } from "zod";
import { answering } from "../boosting-serve/parameters.ts";
import { idsMax, padTo } from "../catalogue/asking.ts";
import { drawnAhead } from "../catalogue/serving.ts";
import { until } from "../service.ts";

export const parameters = z.strictObject({ until, ...answering, idsMax, padTo, drawnAhead });
export type Parameters = z.output<typeof parameters>;
