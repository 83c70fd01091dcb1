/**
 * Mini-batches: row i is in part i mod parts, so that parts are alike however the table is sorted by time or label.
 * Aligned rows are in an order that a joint key drew; another shuffle would say nothing new.
 */
export const partsOf = (rows: number, batchRows: number): number => Math.max(1, Math.ceil(rows / batchRows));

export function partRows(rows: number, batchRows: number, part: number): number[] {
  const parts = partsOf(rows, batchRows);
  return Array.from({ length: Math.ceil((rows - part) / parts) }, (_, i) => part + i * parts);
}

/** Where the rows of a part begin once all rows are in the order of parts, and where they end. */
export function placesOf(rows: number, batchRows: number, part: number): readonly [number, number] {
  const parts = partsOf(rows, batchRows);
  const before = (count: number): number => count * Math.floor(rows / parts) + Math.min(count, rows % parts);
  return [before(part), before(part + 1)];
}
