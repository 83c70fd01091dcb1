/**
 * The information matrix XᵀWX of both parties' whitened columns, on shares, row by row of columns: W are the curvatures of rows'
 * losses at the fit. Column x_k times W is a product on shares, since its owner knows x_k and nobody knows W; what the matrices
 * make of it are two products as in a gradient. Of a linear model W is 1, and own columns are uncorrelated already: only the
 * columns of the side that has fewer are sent through.
 */
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";
import { sharesOf, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import type { Design } from "../design.ts";
import type { Curvature } from "../families/index.ts";
import type { Formats } from "../formats.ts";
import type { ClearProducts, Side, Sides } from "../products.ts";
import { partName } from "../shared-space.ts";

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

/**
 * S = XᵀWX · (1 / (2·max W)) / 2^ceil(log2 n), whose eigenvalues are at most 1: two whitened matrices have XᵀX at most 2n.
 */
export async function information(input: InformationInput): Promise<Fixed> {
  const { fine, columns, curvatures } = input;
  const size = columns.guest + columns.host;
  if (curvatures === null) return assembled(input);
  const rows: Fixed[] = [];
  for (let k = 0; k < size; k++) rows.push(await throughBoth(input, k));
  return fine.reshape(fine.concat(rows), [size, size]);
}

/** Of W·x_k with all columns. */
async function throughBoth(input: InformationInput, k: number): Promise<Fixed> {
  const { me, products, curvatures, design, columns, formats, curvature } = input;
  const column = await ownColumn(input, k);
  const weighted = curvatures === null ? column : await me.mul(curvatures, column);
  const shares = sharesOf(weighted.words);
  const sums = await me.inTurn(() => products.multiplyTransposed(partName("all"), { guest: shares, host: shares }));
  // The row's last place is that of the columns' bits and of the rows'.
  const bits =
    formats.entry + formats.row + Math.ceil(Math.log2(design.rows)) + Math.log2(2 * curvature.most) - FRACTION;
  const words = await me.inTurn((backend) =>
    backend.shift(backend.join([wordsOfShares(sums.guest), wordsOfShares(sums.host)]), bits, "near"),
  );
  return { kind: "fixed", shape: [columns.guest + columns.host], bound: ENTRY_MAX, words };
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
  for (let k = first; k < first + count; k++) through.push(await throughBoth(input, k));
  const own = design.rows / 2 ** Math.ceil(Math.log2(design.rows)) / (2 * curvature.most);
  const all = fine.concat([...through, fine.constant("fixed", Float64Array.of(0, own))]);
  const places = Uint32Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    if (isSmaller(i) === isSmaller(j)) return count * size + (i === j ? 1 : 0);
    return isSmaller(i) ? (i - first) * size + j : (j - first) * size + i;
  });
  return { ...fine.pick(all, places, [size, size]), bound: ENTRY_MAX };
}
