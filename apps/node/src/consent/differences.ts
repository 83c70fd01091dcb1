import type { Json } from "@tombolo/base";

export interface Difference {
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
}

const COUNT_MAX = 200;

const isRecord = (value: Json): value is { readonly [key: string]: Json } =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** Where two JSON values differ, deepest paths first come first; at most 200. An absent value shows as null. */
export function differences(before: Json, after: Json): Difference[] {
  const found: Difference[] = [];
  walk(before, after, "", found);
  return found;
}

function walk(before: Json, after: Json, path: string, found: Difference[]): void {
  if (found.length >= COUNT_MAX) return;
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      walk(before[key] ?? null, after[key] ?? null, path === "" ? key : `${path}.${key}`, found);
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && holdsRecords(before) && holdsRecords(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      walk(before[i] ?? null, after[i] ?? null, `${path}[${i}]`, found);
    return;
  }
  if (JSON.stringify(before) !== JSON.stringify(after)) found.push({ path, before, after });
}

const holdsRecords = (values: readonly Json[]): boolean => values.some((value) => isRecord(value));
