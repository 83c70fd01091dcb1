export const DAY_MS = 86_400_000;

/** The day here, as date inputs hold it. */
export function localDay(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** The end of that day here; undefined for a day that is none. */
export function endOf(day: string): string | undefined {
  const at = new Date(`${day}T23:59:59`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
