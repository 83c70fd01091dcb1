/** Questions to partners' tables: how many, never which. */
import type { Json, Timestamp } from "../columns.ts";

export interface QuestionTables {
  /** What a caller asked of a service within a minute. */
  question_log: {
    service: string;
    caller: string;
    /** Of the first of them. */
    at: Timestamp;
    calls: number;
    rows: number;
    found: number;
    /** Keys that got no answer, in all and by code. */
    unanswered: number;
    refused: Json<Readonly<Record<string, number>>>;
  };
}
