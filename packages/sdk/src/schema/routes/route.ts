import { z } from "zod";
import { id, longText } from "../common.ts";
import type { Permission } from "../permissions.ts";

/** One call of the API. `permission` null: no sign-in needed; "signed-in": any role. */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly permission: Permission | "signed-in" | null;
  readonly summary: string;
  readonly tag: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Absent: no body. "stream": the raw request body (uploads). */
  readonly body?: z.ZodType | "stream";
  /** Of a JSON body; 1 MiB unless said. */
  readonly bodyBytesMax?: number;
  /** "events": server-sent events of `liveEvent`. "file": bytes with a file name. */
  readonly response: z.ZodType | "events" | "file";
}

/** Keeps the literal types of one definition. */
export const route = <const R extends Route>(definition: R): R => definition;
export const byId = z.object({ id });
export const reason = z.object({ reason: longText.min(1) });
export const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });
