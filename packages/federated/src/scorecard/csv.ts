/** One party's part of a scorecard as a table for people, comma-separated (RFC 4180). */
import type { Scorecard } from "./card.ts";

export function scorecardCsv({ base, columns }: Scorecard): string {
  const rows: (string | number)[][] = [
    ["column", "bin", "rows", "woe", "points"],
    ...(base === null ? [] : [["", "base", "", "", base]]),
    ...columns.flatMap(({ name, bins }) =>
      bins.map((bin) => [name, bin.name, bin.rows, bin.woe ?? "", bin.points] as (string | number)[]),
    ),
  ];
  return `${rows.map((cells) => cells.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** A text that a spreadsheet would take for a formula is kept from being one. */
function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
