import { z } from "zod";
import { id, partyId, shortText, timestamp } from "./common.ts";
import { grant } from "./data.ts";
import { jobStatus } from "./jobs.ts";
import { serviceName, serviceState } from "./services.ts";

/** A service that answers questions about a partner's table, as who may ask it sees it. */
export const askable = z.object({
  name: serviceName,
  title: shortText,
  kind: z.enum(["query", "verify"]),
  state: serviceState,
  partner: partyId,
  /** The partner's columns that the parts of a key are, in their order. */
  keys: z.array(z.string()).min(1),
  /** What the row of a key answers with; none where parts are verified. */
  columns: z.array(z.string()),
  until: timestamp,
  /** The catalogue behind it, as a model of this party. */
  catalogue: id,
  /** Every question names a reference to what its data subject authorised, for this; null: none does. */
  authorisedFor: z.string().nullable(),
  /** The caller's own keys since midnight UTC. */
  today: z.object({ rows: z.number(), rowsMax: z.number() }),
  /** Keys of all callers since it was deployed. `idsMax`: what the partner agreed to; there, padding counts too. */
  inAll: z.object({ rows: z.number(), idsMax: z.number() }),
  /** What the table's owner lets this party ask in a day (UTC), padding included; null: no limit. */
  day: z.object({ ids: z.number(), idsMax: z.number() }).nullable(),
});

/** How many keys were asked, never which. */
const counted = {
  calls: z.number(),
  rows: z.number(),
  /** That the partner's table has, or whose parts belong together. */
  found: z.number(),
  /** Keys that got no answer, by code. */
  refused: z.record(z.string(), z.number()),
};
export const questionHistory = z.object({
  /** Newest first: what one caller asked of a service within a minute. */
  items: z.array(
    z.object({
      at: timestamp,
      service: serviceName,
      /** Who asked: the person, API key or token. */
      callerId: z.string(),
      /** What that one is called; several may be called the same. */
      caller: z.string(),
      ...counted,
    }),
  ),
  /** More than `items` holds. */
  more: z.boolean(),
  /** By day (UTC), oldest first; days without a question are left out. */
  days: z.array(z.object({ day: z.iso.date(), rows: z.number(), refused: z.number() })),
});

const step = z.object({ jobId: id, status: jobStatus, at: timestamp });
/** An own dataset that a partner may ask about, as its grant says. */
export const queryTable = z.object({
  grant,
  /** The last job that made a catalogue, or its next version; the partner starts it. */
  catalogue: step.extend({ versions: z.number() }).nullable(),
  /** The last that the partner's service runs as. */
  service: step.extend({ until: timestamp }).nullable(),
  /** As drawn on, padding and what was drawn ahead included. */
  asked: z.object({ inAll: z.number(), today: z.number() }),
  /** The last 30 (UTC), oldest first; days without a question are left out. */
  days: z.array(z.object({ day: z.iso.date(), ids: z.number(), refused: z.number() })),
});

export type QueryTable = z.infer<typeof queryTable>;
export type Askable = z.infer<typeof askable>;
export type QuestionHistory = z.infer<typeof questionHistory>;
