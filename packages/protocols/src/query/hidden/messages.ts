import { messages as rows } from "../../pir/simple/index.ts";
import { renamed } from "../../renamed.ts";
import { messages as keyword } from "../keyword/index.ts";

/** Online, in one session: a question and its answer as in query/keyword, then for each id of it a retrieval of pir/simple. */
export const messages = { ...renamed("row", rows), ...keyword };
