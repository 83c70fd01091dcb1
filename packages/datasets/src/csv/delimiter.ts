import { CsvCleaner } from "./cleaner.ts";

const CANDIDATES = [",", ";", "\t", "|"] as const;
const ROWS = 50;

/**
 * The delimiter that splits the sample's lines into the most columns, the same number on each; where none does, the one
 * that splits the header most, so that the error about a ragged line is the one a person expects.
 */
export function sniffDelimiter(sample: Uint8Array): string {
  const lines = firstLines(sample);
  const scored = CANDIDATES.map((delimiter) => ({ delimiter, ...columnsOf(lines, delimiter) }));
  const consistent = scored.filter(({ columns, whole }) => whole && columns > 1);
  const pool = consistent.length > 0 ? consistent : scored;
  return pool.reduce((best, next) => (next.columns > best.columns ? next : best)).delimiter;
}

/** Whole lines only, unless there is just one. */
function firstLines(sample: Uint8Array): Uint8Array {
  let at = -1;
  for (let i = 0; i <= ROWS; i++) {
    const next = sample.indexOf(10, at + 1);
    if (next < 0) break;
    at = next;
  }
  return at < 0 ? sample : sample.subarray(0, at + 1);
}

function columnsOf(lines: Uint8Array, delimiter: string): { columns: number; whole: boolean } {
  const cleaner = new CsvCleaner({ delimiter, rowsMax: Number.MAX_SAFE_INTEGER, columnsMax: Number.MAX_SAFE_INTEGER });
  try {
    cleaner.push(lines);
    return { columns: cleaner.columnCount, whole: true };
  } catch {
    return { columns: cleaner.columnCount, whole: false };
  }
}
