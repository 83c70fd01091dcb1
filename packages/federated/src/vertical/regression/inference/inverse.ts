/**
 * The inverse of a shared matrix S with eigenvalues from 0 to 1, by Newton and Schulz: X = I, then X ← X·(2I - S·X), STEPS times.
 *
 * Then I - S·X = (I - S)^(2^STEPS), so every step brings it nearer, whatever S is, and X is the sum of the first 2^STEPS powers of
 * I - S. By that all sizes are known beforehand: entries of X are at most 2^k after k steps, those of S·X at most 1. Rounding of a
 * step is what the next one corrects. One flag is opened: whether the trace of I - S·X, which bounds its largest eigenvalue, is
 * below ERROR_MAX; else some combination of columns of both parties is nearly constant, and there is nothing to tell.
 */
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";

export const STEPS = 12;
const ERROR_MAX = 2 ** -11;
/** For rounding on the way. */
const SLACK = 1 + 2 ** -10;
export const INVERSE_MAX = 2 ** STEPS * SLACK;

/** Null where S is too near to a singular matrix. Both parties learn which. */
export async function inverse(me: Engine, matrix: Fixed): Promise<Fixed | null> {
  const size = matrix.shape[0]!;
  const [one, two] = [1, 2].map((value) => me.constant("fixed", diagonal(size, value), [size, size]));
  let x = one!;
  for (let step = 1; step <= STEPS; step++) {
    const product = bounded(await me.matmul(matrix, x), SLACK);
    const correction = bounded(me.sub(two!, product), 2 * SLACK);
    x = bounded(await me.matmul(x, correction), 2 ** step * SLACK);
  }
  const traces = await me.mul(me.reshape(matrix, [size * size]), me.reshape(me.transpose(x), [size * size]));
  const trace = bounded(me.sum(traces), size * SLACK);
  const near = await me.less(me.sub(me.constant("fixed", Float64Array.of(size), []), trace), ERROR_MAX);
  return (await me.openFlags(near))![0] === 1 ? x : null;
}

/** By an argument that goes beyond the bounds of the factors. */
export const bounded = (value: Fixed, bound: number): Fixed => ({ ...value, bound });

function diagonal(size: number, value: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) out[i * (size + 1)] = value;
  return out;
}
