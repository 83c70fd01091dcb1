/** Vectors of integers modulo 2^64. Stores into a BigUint64Array reduce; the engine compiles such loops to machine words. */

export function addWords(x: BigUint64Array, y: BigUint64Array): BigUint64Array {
  const out = new BigUint64Array(x.length);
  for (let i = 0; i < out.length; i++) out[i] = x[i]! + y[i]!;
  return out;
}

export function subtractWords(x: BigUint64Array, y: BigUint64Array): BigUint64Array {
  const out = new BigUint64Array(x.length);
  for (let i = 0; i < out.length; i++) out[i] = x[i]! - y[i]!;
  return out;
}

export function multiplyWords(x: BigUint64Array, y: BigUint64Array): BigUint64Array {
  const out = new BigUint64Array(x.length);
  for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, x[i]! * y[i]!);
  return out;
}

/** x is rows × inner, y inner × columns. */
export function matrixProduct(
  x: BigUint64Array,
  y: BigUint64Array,
  { rows, inner, columns }: { readonly rows: number; readonly inner: number; readonly columns: number },
): BigUint64Array {
  const out = new BigUint64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const [left, from, to] = [i * inner + k, k * columns, i * columns];
      for (let j = 0; j < columns; j++)
        out[to + j] = BigInt.asUintN(64, out[to + j]! + BigInt.asUintN(64, x[left]! * y[from + j]!));
    }
  return out;
}

export function joinWords(parts: readonly BigUint64Array[]): BigUint64Array {
  if (parts.length === 1) return parts[0]!;
  const out = new BigUint64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function transposed(x: BigUint64Array, rows: number, columns: number): BigUint64Array {
  const out = new BigUint64Array(x.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j]!;
  return out;
}
