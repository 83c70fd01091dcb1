/** A reference to what data subjects authorised, as a person fills it in: the document's hash, what it is for, its last day. */
import { endOf } from "./days.ts";

export interface ReferenceDraft {
  readonly hash: string;
  readonly scope: string;
  /** As date inputs hold it. */
  readonly day: string;
}
export const noReference: ReferenceDraft = { hash: "", scope: "", day: "" };

export const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

export interface Reference {
  readonly hash: string;
  readonly scope: string;
  readonly expires: string;
}

/** Undefined while something is missing, or where it is over. */
export function referenceOf({ hash, scope, day }: ReferenceDraft): Reference | undefined {
  const expires = endOf(day);
  const given = { hash: hash.trim().toLowerCase(), scope: scope.trim() };
  if (!isHash(given.hash) || given.scope === "" || given.scope.length > 200 || expires === undefined) return undefined;
  return Date.parse(expires) > Date.now() ? { ...given, expires } : undefined;
}

/** A cell of a file: a day, which lasts to its end here, or a time with its zone. */
export function expiresAt(text: string): string | undefined {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return endOf(text);
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** SHA-256 of a file, which stays where it is. */
export async function hashOf(file: Blob): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
