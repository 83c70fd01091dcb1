import { expiresAt, isHash } from "../../lib/reference.ts";
import type { KeyReference } from "./ask-service.ts";
import type { FileRows, Keys } from "./keys.ts";

/** Of each key, as the first of its rows has it; null where one is missing or over. */
export function referencesIn(
  { rows }: Pick<FileRows, "rows">,
  { keys, keyOf }: Pick<Keys, "keys" | "keyOf">,
  [hashAt, untilAt]: readonly [number | null, number | null],
): readonly KeyReference[] | null {
  if (hashAt === null || untilAt === null) return null;
  const found = new Map<number, KeyReference>();
  for (const [i, row] of rows.entries()) {
    const place = keyOf[i] ?? -1;
    if (place < 0 || found.has(place)) continue;
    const [hash, expires] = [(row[hashAt] ?? "").toLowerCase(), expiresAt(row[untilAt] ?? "")];
    if (!isHash(hash) || expires === undefined || Date.parse(expires) <= Date.now()) return null;
    found.set(place, { hash, expires });
  }
  return keys.map((_, place) => found.get(place)!);
}
