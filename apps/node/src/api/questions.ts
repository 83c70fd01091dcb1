/** Questions to partners' tables: what may be asked, and what was. */
import type { Services } from "../partner/services.ts";
import { listAskable } from "../questions/askable.ts";
import type { DayLimits } from "../questions/day-limits.ts";
import type { QuestionLog } from "../questions/log.ts";
import { listQueryTables } from "../questions/query-tables.ts";
import type { OnlineServices } from "../services/online.ts";
import type { Handlers } from "./handlers.ts";

type Names = "listAskable" | "questionHistory" | "listQueryTables";

export interface Questions {
  readonly asked: QuestionLog;
  readonly days: DayLimits;
}

export const questionsApi = (
  { side }: Services,
  online: OnlineServices,
  { asked, days }: Questions,
): Handlers<Names> => ({
  listAskable: async ({ actor }) => ({ items: await listAskable(side, online, days, actor) }),
  questionHistory: ({ query }) => asked.history(query.days, query.service),
  listQueryTables: async () => ({ items: await listQueryTables(side) }),
});
