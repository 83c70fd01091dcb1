import { messages as rows, setupMessages } from "../../pir/simple/index.ts";
import { publishMessages } from "../../psi/unbalanced/index.ts";
import { renamed } from "../../renamed.ts";
import { messages as keyword } from "../keyword/index.ts";

/** Online, in one session: a question and its answer as in query/keyword, then for each id of it a retrieval of pir/simple. */
export const messages = { ...renamed("row", rows), ...keyword };

/** Where the table is made for one session: what it is, the hint, then questions. */
export const sessionMessages = { header: publishMessages.header, ...setupMessages, ...messages };
