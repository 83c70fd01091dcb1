/** What this browser keeps of a sign-in that it began at the identity provider, until it comes back: in this tab alone. */
const KEY = "tombolo-sign-in";

export interface Started {
  readonly binding: string;
  /** Where to go on, a path of the console. */
  readonly next: string;
}

export const keepStarted = (started: Started): void => sessionStorage.setItem(KEY, JSON.stringify(started));

/** Once; undefined where this tab began none. */
export function takeStarted(): Started | undefined {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (kept === null) return undefined;
  const { binding, next } = JSON.parse(kept) as Partial<Started>;
  return typeof binding === "string" && typeof next === "string" ? { binding, next } : undefined;
}
