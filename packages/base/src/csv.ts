/** Small tables for people as comma-separated text (RFC 4180). Data for programs keeps its bytes: packages/datasets writes that. */

export type Cell = string | number | boolean | null | undefined;

export const toCsv = (lines: readonly (readonly Cell[])[]): string =>
  lines.map((line) => `${line.map(cellText).join(",")}\r\n`).join("");

function cellText(cell: Cell): string {
  if (typeof cell !== "string") return String(cell ?? "");
  const text = neutraliseFormula(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet would run a text that starts like a formula, unless it is a number: it gets an apostrophe, as people put one. */
const neutraliseFormula = (cell: string): string =>
  /^[=+\-@\t\r]/.test(cell) && !/^[+-]?\d+(\.\d+)?$/.test(cell) ? `'${cell}` : cell;
