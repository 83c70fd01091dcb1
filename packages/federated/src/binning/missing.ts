/** Rows without a value come coded as one bin after the last, and stay there or join another. */

/** `place`: `last`, another bin, the fullest one, or null where there are no such rows. Changes `codes`. */
export function settleMissing(
  codes: Uint8Array,
  last: number,
  place: number | "fullest" | null,
): { readonly missing: number | null; readonly rows: number[] } {
  const rows = new Array<number>(last + 1).fill(0);
  for (let row = 0; row < codes.length; row++) rows[codes[row]!]!++;
  if (place === last) return { missing: last, rows };
  const missing = place === "fullest" ? rows.indexOf(Math.max(...rows.slice(0, last))) : place;
  const left = rows.slice(0, last);
  if (missing === null) return { missing, rows: left };
  for (let row = 0; row < codes.length; row++) if (codes[row] === last) codes[row] = missing;
  left[missing]! += rows[last]!;
  return { missing, rows: left };
}
