/** Bearer secrets: 256 random bits, shown once, kept only as SHA-256 (no stretching needed at this entropy). */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

export const newToken = (): string => randomBytes(32).toString("base64url");

export const hashToken = (token: string): Uint8Array => createHash("sha256").update(token).digest();

/** Bound to the session and computable only by its holder and by us, so nothing more is stored. */
export const csrfTokenOf = (sessionToken: string): string =>
  createHmac("sha256", sessionToken).update("tombolo/csrf/1").digest("base64url");

export function sameText(a: string, b: string): boolean {
  const [x, y] = [hashToken(a), hashToken(b)];
  return timingSafeEqual(x, y);
}

export const newId = (prefix: string): string =>
  `${prefix}-${randomBytes(9).toString("base64url").replace(/[-_]/g, "0")}`;
