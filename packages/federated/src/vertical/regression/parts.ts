/**
 * Mini-batches: row i is in part i mod parts, so that parts are alike however the table is sorted by time or label.
 * Aligned rows are in an order that a joint key drew; another shuffle would say nothing new.
 */
export const partsOf = (rows: number, batchRows: number): number => Math.max(1, Math.ceil(rows / batchRows));

export function partRows(rows: number, batchRows: number, part: number): number[] {
  const parts = partsOf(rows, batchRows);
  return Array.from({ length: Math.ceil((rows - part) / parts) }, (_, i) => part + i * parts);
}
