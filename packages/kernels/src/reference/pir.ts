/** Products of lattice-based retrieval, as they are defined. */
import { requireRange } from "../checks.ts";
import { PIR_STEP } from "../retrieval-kernels.ts";
import { blockStream } from "./blocks.ts";

export async function pirAnswer(database: Uint8Array, query: Uint32Array): Promise<Uint32Array> {
  const columns = query.length;
  const rows = rowCount(database, columns);
  return Uint32Array.from({ length: rows }, (_, row) => dot(database, row, columns, (j) => query[j]!));
}

export async function pirHint(
  database: Uint8Array,
  columns: number,
  seed: Uint8Array,
  dimension: number,
): Promise<Uint32Array> {
  const rows = rowCount(database, columns);
  const a = await matrix(seed, columns, dimension);
  return Uint32Array.from({ length: rows * dimension }, (_, i) =>
    dot(database, Math.floor(i / dimension), columns, (j) => a[j * dimension + (i % dimension)]!),
  );
}

export async function pirMask(seed: Uint8Array, columns: number, secret: Uint32Array): Promise<Uint32Array> {
  const dimension = secret.length;
  const a = await matrix(seed, columns, dimension);
  return Uint32Array.from({ length: columns }, (_, j) => {
    let sum = 0;
    for (let k = 0; k < dimension; k++) sum = (sum + Math.imul(a[j * dimension + k]!, secret[k]!)) | 0;
    return sum;
  });
}

/** Row of signed bytes times words. */
function dot(database: Uint8Array, row: number, columns: number, word: (j: number) => number): number {
  let sum = 0;
  for (let j = 0; j < columns; j++) sum = (sum + Math.imul((database[row * columns + j]! << 24) >> 24, word(j))) | 0;
  return sum;
}

async function matrix(seed: Uint8Array, columns: number, dimension: number): Promise<Uint32Array> {
  requireRange(seed.length === 16, "a seed has 16 bytes");
  requireRange(dimension > 0 && dimension % 4 === 0, "a dimension is a multiple of four");
  const bytes = await blockStream(seed, 4 * columns * dimension);
  return new Uint32Array(bytes.slice().buffer);
}

function rowCount(database: Uint8Array, columns: number): number {
  requireRange(columns > 0 && columns % PIR_STEP === 0, "columns come in steps of 32");
  requireRange(database.length % columns === 0, "not a whole number of rows");
  return database.length / columns;
}
