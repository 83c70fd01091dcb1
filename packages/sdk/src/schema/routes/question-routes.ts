import { z } from "zod";
import * as questions from "../questions.ts";
import { serviceName } from "../services.ts";
import { listOf, route } from "./route.ts";

/** Questions to partners' tables: what may be asked, and what was. */
export const questionRoutes = {
  listAskable: route({
    method: "GET",
    path: "/api/v1/questions/services",
    permission: "services:call",
    tag: "questions",
    summary: "Services that answer questions about partners' tables and that the caller may ask",
    response: listOf(questions.askable),
  }),
  questionHistory: route({
    method: "GET",
    path: "/api/v1/questions/history",
    permission: "services:read",
    tag: "questions",
    summary: "Who asked how many keys when, and what was refused; never which keys",
    query: z.object({
      days: z.coerce.number().int().min(1).max(90).default(30),
      service: serviceName.optional(),
    }),
    response: questions.questionHistory,
  }),
  listQueryTables: route({
    method: "GET",
    path: "/api/v1/query-tables",
    permission: "grants:read",
    tag: "questions",
    summary: "Own datasets that partners may ask about: where each stands, and what was asked by the day",
    response: listOf(questions.queryTable),
  }),
};
