/**
 * Kernels of lattice-based retrieval, modulo 2^32. A database is row after row of `columns` signed bytes, columns in steps of
 * `PIR_STEP`. The matrix A of a 16-byte seed has a row for each column of the database: row j is the words of `blockStream`
 * from 4·j·dimension bytes on; a dimension is a multiple of four.
 */
export interface RetrievalKernels {
  /** Database times query: one word a row. */
  pirAnswer(database: Uint8Array, query: Uint32Array): Promise<Uint32Array>;
  /** Database times A: `dimension` words a row. */
  pirHint(database: Uint8Array, columns: number, seed: Uint8Array, dimension: number): Promise<Uint32Array>;
  /** A times the secret, whose length is the dimension: `columns` words. Constant-time in the secret. */
  pirMask(seed: Uint8Array, columns: number, secret: Uint32Array): Promise<Uint32Array>;
}

export const PIR_STEP = 32;
