/**
 * The information matrix XᵀWX of both parties' whitened columns, on shares, row by row of columns: W are the curvatures of rows'
 * losses at the fit. Column x_k times W is a product on shares, since its owner knows x_k and nobody knows W; what the matrices
 * make of it are two products as in a gradient. Where W is 1 own columns are uncorrelated already: only the
 * columns of the side that has fewer are sent through.
 *
 * Where W may be far larger than it mostly is, two numbers are opened, of which powers of two the matrix's trace and then its Frobenius
 * norm are below: its eigenvalues are below both, and as many digits are kept as that leaves room for.
 */
import type { Words } from "@tombolo/protocols/secret-sharing/backend";
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";
import { sharesOf, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import type { Design } from "../design.ts";
import type { Curvature } from "../families/index.ts";
import type { Formats } from "../formats.ts";
import type { ClearProducts, Side, Sides } from "../products.ts";
import { partName } from "../shared-space.ts";
import { bounded } from "./inverse.ts";

/** Fraction bits of the matrix and of all that is computed from it: 64 columns and an inverse of 2^12 leave room for no more. */
export const FRACTION = 21;

export interface InformationInput {
  readonly me: Engine;
  /** The same parties, with FRACTION bits. */
  readonly fine: Engine;
  readonly side: Side;
  readonly design: Design;
  readonly columns: Sides<number>;
  readonly products: ClearProducts;
  readonly formats: Formats;
  readonly curvature: Curvature;
  /** Of each row; null where it is the same for all. */
  readonly curvatures: Fixed | null;
}

export interface Information {
  readonly matrix: Fixed;
  /** The matrix is XᵀWX · 2^scaled / (2·max W) / 2^ceil(log2 n). */
  readonly scaled: number;
}

/** Eigenvalues are at most 1: two whitened matrices have XᵀX at most 2n. */
export async function information(input: InformationInput): Promise<Information> {
  const { columns, curvatures, curvature } = input;
  const size = columns.guest + columns.host;
  if (curvatures === null) return { matrix: await assembled(input), scaled: 0 };
  const rows: Words[] = [];
  for (let k = 0; k < size; k++) rows.push(await throughBoth(input, k));
  const words = await input.me.inTurn(async (backend) => backend.join(rows));
  if (!curvature.wide) return { matrix: await shifted(input, words, 0), scaled: 0 };
  const byTrace = await powersBelow(input.fine, await trace(input.fine, await shifted(input, words, 0)), TRACE_STEPS);
  const square = await squareSum(input.fine, await shifted(input, words, byTrace));
  const scaled = byTrace + Math.floor((await powersBelow(input.fine, square, NORM_STEPS)) / 2);
  return { matrix: await shifted(input, words, scaled), scaled };
}

/** The trace is no smaller than 2^-14 where there is an intercept; without digits below there is nothing to tell. */
const TRACE_STEPS = 16;
/** The square of the norm of a matrix with a trace of 1/2 at least. */
const NORM_STEPS = 8;

/** The largest k, up to `steps`, with value < 2^-k. Opens that. */
async function powersBelow(me: Engine, value: Fixed, steps: number): Promise<number> {
  const bounds = Float64Array.from({ length: steps }, (_, k) => 2 ** -(k + 1));
  const copies = me.pick(me.reshape(value, [1]), new Uint32Array(steps));
  const flags = await me.openFlags(await me.less(copies, bounds));
  return flags!.reduce((sum, flag) => sum + flag, 0);
}

function trace(me: Engine, matrix: Fixed): Fixed {
  const size = matrix.shape[0]!;
  const places = Uint32Array.from({ length: size }, (_, i) => i * (size + 1));
  return bounded(me.sum(me.pick(matrix, places)), size * ENTRY_MAX);
}

async function squareSum(me: Engine, matrix: Fixed): Promise<Fixed> {
  const entries = me.reshape(matrix, [matrix.words.length]);
  return bounded(await me.dot(entries, entries), ENTRY_MAX);
}

async function shifted({ me, formats, design, curvature, columns }: InformationInput, words: Words, scaled: number) {
  const size = columns.guest + columns.host;
  const shape = words.length === size ? [size] : [size, size];
  // The row's last place is that of the columns' bits and of the rows'.
  const rowBits = Math.ceil(Math.log2(design.rows)) + Math.log2(2 * curvature.most);
  const bits = formats.entry + formats.row + rowBits - FRACTION - scaled;
  const short = await me.inTurn((backend) => backend.shift(words, bits, "near"));
  return { kind: "fixed", shape, bound: ENTRY_MAX, words: short } as const;
}

/** Of W·x_k with all columns, with the fraction bits of the columns and of the rows. */
async function throughBoth(input: InformationInput, k: number): Promise<Words> {
  const { me, products, curvatures } = input;
  const column = await ownColumn(input, k);
  const weighted = curvatures === null ? column : await me.mul(curvatures, column);
  const shares = sharesOf(weighted.words);
  const sums = await me.inTurn(() => products.multiplyTransposed(partName("all"), { guest: shares, host: shares }));
  return me.inTurn(async (backend) => backend.join([wordsOfShares(sums.guest), wordsOfShares(sums.host)]));
}

/** An entry of a matrix whose eigenvalues are from 0 to 1, and rounding. */
const ENTRY_MAX = 1 + 2 ** -10;

async function ownColumn({ me, side, design, columns, formats }: InformationInput, k: number): Promise<Fixed> {
  const owner: Side = k < columns.guest ? "guest" : "host";
  const entries = owner === side ? design.columns[owner === "guest" ? k : k - columns.guest] : undefined;
  const own = entries && Float64Array.from(entries, (entry) => entry / 2 ** formats.entry);
  const options = { shape: [design.rows], bound: Math.sqrt(design.rows) * (1 + 2 ** -20) };
  return me.fixed(owner === "guest" ? "first" : "second", options, own);
}

/** With what is known of own columns: they are whitened. */
async function assembled(input: InformationInput): Promise<Fixed> {
  const { fine, columns, design, curvature } = input;
  const size = columns.guest + columns.host;
  const [first, count] = columns.guest <= columns.host ? [0, columns.guest] : [columns.guest, columns.host];
  const isSmaller = (k: number): boolean => k >= first && k < first + count;
  const through: Fixed[] = [];
  for (let k = first; k < first + count; k++) through.push(await shifted(input, await throughBoth(input, k), 0));
  const own = design.rows / 2 ** Math.ceil(Math.log2(design.rows)) / (2 * curvature.most);
  const all = fine.concat([...through, fine.constant("fixed", Float64Array.of(0, own))]);
  const places = Uint32Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    if (isSmaller(i) === isSmaller(j)) return count * size + (i === j ? 1 : 0);
    return isSmaller(i) ? (i - first) * size + j : (j - first) * size + i;
  });
  return { ...fine.pick(all, places, [size, size]), bound: ENTRY_MAX };
}
