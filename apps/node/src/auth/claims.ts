/** What a token of an identity provider says, looked up by name. */
import type { JWTPayload } from "jose";

/** OAuth's lists in one string; other texts are taken whole, since people may write spaces into them. */
const SPACED = new Set(["scope", "scp"]);

/** `realm_access.roles` is a path; a name with dots in it is found as it stands. */
export function valuesAt(payload: JWTPayload, claim: string): readonly unknown[] {
  const own = (value: unknown, name: string): unknown =>
    typeof value === "object" && value !== null && Object.hasOwn(value, name)
      ? (value as Record<string, unknown>)[name]
      : undefined;
  const found = own(payload, claim) ?? claim.split(".").reduce<unknown>(own, payload);
  if (Array.isArray(found)) return found;
  return typeof found === "string" && SPACED.has(claim) ? found.split(" ") : [found];
}
