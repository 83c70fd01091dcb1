import { z } from "zod";

/** Party id: what partners call an organisation; lower-case, stable, part of every signature. */
export const partyId = z.string().regex(/^[a-z][a-z0-9-]{1,31}$/, "2 to 32 of a-z, 0-9 and -, starting with a letter");
export const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/);
export const timestamp = z.iso.datetime({ offset: true });
export const text = z.object({ en: z.string(), zh: z.string() });
export const shortText = z.string().trim().min(1).max(200);
export const longText = z.string().max(4000);
export const json: z.ZodType<unknown> = z.unknown();

/** One fault of the caller's own input. `code`: of the failure behind it, which says more in other languages. */
export const problem = z.object({
  path: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
  zh: z.object({ message: z.string(), remedy: z.string().optional() }).optional(),
  code: z.string().optional(),
});

/** The public part of a TomboloError, as every failed call answers: `{ error }` with a matching HTTP status. */
export const apiError = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    stage: z.string().optional(),
    blame: z.string().optional(),
    remedy: z.string().optional(),
    /** Of the call; the node's log has it too. */
    traceId: z.string().optional(),
    /** For the caller's own input only: every fault at once. */
    problems: z.array(problem).optional(),
  }),
});
export const done = z.object({ done: z.literal(true) });
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z.string().optional(),
});

export type Problem = z.infer<typeof problem>;
export type Text = z.infer<typeof text>;
export type ApiError = z.infer<typeof apiError>;
