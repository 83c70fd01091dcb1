/**
 * The information matrix XᵀWX of all parties' whitened columns, on shares, row by row of columns: W are the curvatures of rows'
 * losses at the fit. Column x_k times W is a product on shares, since its owner knows x_k and nobody knows W; what the matrices
 * make of it are two products as in a gradient. A further host's column
 * comes as shares that it draws. Where W is 1 own columns are uncorrelated already: those of the party that has most are not sent through.
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
import type { Owner } from "../owners.ts";
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
  /** Further hosts: their columns come after those of the two. */
  readonly others: readonly Owner[];
  readonly products: ClearProducts;
  readonly formats: Formats;
  readonly curvature: Curvature;
  /** Of each row; null where it is the same for all. */
  readonly curvatures: Fixed | null;
}

export interface Information {
  readonly matrix: Fixed;
  /** The matrix is XᵀWX · 2^scaled / (parties · max W) / 2^ceil(log2 n), parties: rounded up to a power of two. */
  readonly scaled: number;
}

type Counted = Pick<InformationInput, "columns" | "others">;

/** Columns of each party: guest, host, further hosts. */
export const countsOf = ({ columns, others }: Counted): number[] => [
  columns.guest,
  columns.host,
  ...others.map((other) => other.columns),
];
export const sizeOf = (counted: Counted): number => countsOf(counted).reduce((sum, count) => sum + count);
/** As many whitened matrices together have XᵀX at most so many times n. */
export const partiesOf = ({ others }: Counted): number => 2 ** Math.ceil(Math.log2(2 + others.length));

/** Eigenvalues are at most 1. */
export async function information(input: InformationInput): Promise<Information> {
  const { curvatures, curvature } = input;
  const size = sizeOf(input);
  if (curvatures === null) return { matrix: await assembled(input), scaled: 0 };
  const rows: Words[] = [];
  for (let k = 0; k < size; k++) rows.push(await throughAll(input, k));
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

async function shifted(input: InformationInput, words: Words, scaled: number) {
  const { me, formats, design, curvature } = input;
  const size = sizeOf(input);
  const shape = words.length === size ? [size] : [size, size];
  // The row's last place is that of the columns' bits and of the rows'.
  const rowBits = Math.ceil(Math.log2(design.rows)) + Math.log2(partiesOf(input) * curvature.most);
  const bits = formats.entry + formats.row + rowBits - FRACTION - scaled;
  const short = await me.inTurn((backend) => backend.shift(words, bits, "near"));
  return { kind: "fixed", shape, bound: ENTRY_MAX, words: short } as const;
}

/** Of W·x_k with all columns, with the fraction bits of the columns and of the rows. */
async function throughAll(input: InformationInput, k: number): Promise<Words> {
  const { me, products, others, curvatures } = input;
  const column = await ownColumn(input, k);
  const weighted = curvatures === null ? column : await me.mul(curvatures, column);
  const shares = sharesOf(weighted.words);
  const [sums, ...more] = await me.inTurn(() =>
    Promise.all([
      products.multiplyTransposed(partName("all"), { guest: shares, host: shares }),
      ...others.map((other) => other.multiplyTransposed("all", shares)),
    ]),
  );
  return me.inTurn(async (backend) => backend.join([sums.guest, sums.host, ...more].map(wordsOfShares)));
}

/** An entry of a matrix whose eigenvalues are from 0 to 1, and rounding. */
const ENTRY_MAX = 1 + 2 ** -10;

async function ownColumn(input: InformationInput, k: number): Promise<Fixed> {
  const { me, side, design, others, formats } = input;
  const { party, place } = placeOf(countsOf(input), k);
  const options = { shape: [design.rows], bound: Math.sqrt(design.rows) * (1 + 2 ** -20) };
  if (party > 1) {
    const words = wordsOfShares(await me.inTurn(() => others[party - 2]!.column(place, design.rows)));
    return { kind: "fixed", ...options, words };
  }
  const owner: Side = party === 0 ? "guest" : "host";
  const entries = owner === side ? design.columns[place] : undefined;
  const own = entries && Float64Array.from(entries, (entry) => entry / 2 ** formats.entry);
  return me.fixed(owner === "guest" ? "first" : "second", options, own);
}

function placeOf(counts: readonly number[], k: number): { readonly party: number; readonly place: number } {
  let [party, place] = [0, k];
  while (place >= counts[party]!) {
    place -= counts[party]!;
    party++;
  }
  return { party, place };
}

/** With what is known of own columns: they are whitened. Those of the party that has most go through by way of the others' alone. */
async function assembled(input: InformationInput): Promise<Fixed> {
  const { fine, design, curvature } = input;
  const [counts, size] = [countsOf(input), sizeOf(input)];
  const spared = counts.indexOf(Math.max(...counts));
  const parties = Array.from({ length: size }, (_, k) => placeOf(counts, k).party);
  const through: Fixed[] = [];
  /** Of each column that goes through, which of them it is. */
  const rowOf = new Map<number, number>();
  for (let k = 0; k < size; k++)
    if (parties[k] !== spared) {
      rowOf.set(k, through.length);
      through.push(await shifted(input, await throughAll(input, k), 0));
    }
  const own = design.rows / 2 ** Math.ceil(Math.log2(design.rows)) / (partiesOf(input) * curvature.most);
  const all = fine.concat([...through, fine.constant("fixed", Float64Array.of(0, own))]);
  const places = Uint32Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    if (parties[i] === parties[j]) return through.length * size + (i === j ? 1 : 0);
    const row = rowOf.get(i);
    return row === undefined ? rowOf.get(j)! * size + i : row * size + j;
  });
  return { ...fine.pick(all, places, [size, size]), bound: ENTRY_MAX };
}
