/** Questions to partners' tables: how many, never which. */
import type { Json, Timestamp } from "../columns.ts";

export interface QuestionTables {
  /** What a caller asked of a service within a minute. */
  question_log: {
    service: string;
    caller: string;
    /** What the caller was called then. */
    name: string;
    /** Of the first of them. */
    at: Timestamp;
    calls: number;
    rows: number;
    found: number;
    /** Keys that got no answer, in all and by code. */
    unanswered: number;
    refused: Json<Readonly<Record<string, number>>>;
  };
  /** What partners asked about own data under a grant, by day (UTC). */
  grant_asks: {
    grant_id: string;
    day: string;
    ids: number;
    /** Ids that were beyond a limit, and were not answered. */
    refused: number;
  };
}
