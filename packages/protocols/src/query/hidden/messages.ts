import { hintlessMessages, messages as rows, setupMessages } from "../../pir/simple/index.ts";
import { publishMessages } from "../../psi/unbalanced/index.ts";
import { renamed } from "../../renamed.ts";
import { accompaniedMessages as accompanied, messages as keyword } from "../keyword/index.ts";

/** Online, in one session: a question and its answer as in query/keyword, then for each id of it a retrieval of pir/simple. */
export const messages = { ...renamed("row", rows), ...keyword };

/** The same, where each question comes with something that its answer depends on. */
export const accompaniedMessages = { ...renamed("row", rows), ...accompanied };

/** The same, also where the asker keeps no hint. */
export const serviceMessages = { ...accompaniedMessages, ...hintlessMessages };

/** Where a table is handed out once, and asked later: what it is, and the hint. */
export const handOutMessages = { header: publishMessages.header, ...setupMessages };

/** Where the table is made for one session: what it is, the hint, then questions. */
export const sessionMessages = { ...handOutMessages, ...messages };
