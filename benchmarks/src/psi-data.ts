/** Files of ids, in no order. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";

const LINES_AT_ONCE = 2 ** 15;
const BASE = 440_000_000_000_000_000n;

/** `rows` distinct ids of 18 digits, from `first` on, as a CSV file with the one column "id", or a column "n" of ones too. */
export async function writeIds(path: string, rows: number, first: number, withValues = false): Promise<void> {
  const file = createWriteStream(path);
  file.write(withValues ? "id,n\n" : "id\n");
  const end = withValues ? ",1\n" : "\n";
  const step = coprimeStep(rows);
  let id = 0;
  for (let from = 0; from < rows; from += LINES_AT_ONCE) {
    const lines: string[] = [];
    for (let row = from; row < Math.min(rows, from + LINES_AT_ONCE); row++) {
      id = (id + step) % rows;
      lines.push(`${BASE + BigInt(first + id)}${end}`);
    }
    if (!file.write(lines.join(""))) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
}

/** About the golden part of `count`: its multiples visit every number once, in what looks like no order. */
function coprimeStep(count: number): number {
  let step = Math.max(1, Math.floor(count * 0.618));
  while (greatestDivisor(step, count) !== 1) step++;
  return step;
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));
