/** Questions to partners' tables: what may be asked, and what was. */
import type { Services } from "../partner/services.ts";
import { listAskable } from "../questions/askable.ts";
import type { QuestionLog } from "../questions/log.ts";
import type { OnlineServices } from "../services/online.ts";
import type { Handlers } from "./handlers.ts";

type Names = "listAskable" | "questionHistory";

export const questionsApi = ({ side }: Services, online: OnlineServices, asked: QuestionLog): Handlers<Names> => ({
  listAskable: async ({ actor }) => ({ items: await listAskable(side, online, actor) }),
  questionHistory: ({ query }) => asked.history(query.days, query.service),
});
