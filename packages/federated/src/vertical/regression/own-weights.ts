/**
 * Opens to each party its own coefficients, in units of the label.
 *
 * The label of a linear model was standardised by the guest. Its spread is 2^exponent·m: the host knows the exponent, its
 * coefficients are multiplied by m on shares, so that no more of the spread is told; the guest multiplies its own.
 *
 * Of columns whose weights the guest has (shared-bins/) it is given the coefficients, and the host none.
 */
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import type { Engine } from "@tombolo/protocols/secret-sharing/engine";
import { sharesOf } from "@tombolo/protocols/secret-sharing/two-party";
import { classPlaces, ownColumnsOf } from "./class-places.ts";
import type { ComputingPeer } from "./ends.ts";
import type { PreparedRows } from "./families/index.ts";
import type { Formats } from "./formats.ts";
import type { Start } from "./messages.ts";
import type { Side, Sides } from "./products.ts";

export interface OpeningOwn {
  readonly side: Side;
  readonly columns: Sides<number>;
  /** Further hosts. */
  readonly others: readonly { readonly columns: number; readonly peer: ComputingPeer }[];
  readonly formats: Formats;
  readonly start: Start;
  readonly rows: PreparedRows | null;
  readonly intercept: boolean;
  /** Linear predictors of a row: classes. */
  readonly outputs: number;
  /** The label was standardised. */
  readonly scaled: boolean;
}

export interface OpenedOwn {
  /** Of the own matrix's columns, class after class. */
  readonly own: Float64Array;
  /** Of the host's, where the guest gets them. */
  readonly theirs: Float64Array | null;
}

const FACTOR_BITS = 20;

export async function openOwn(
  me: Engine,
  weights: Words,
  options: OpeningOwn & { readonly toGuest: boolean },
): Promise<OpenedOwn> {
  if (options.toGuest) return openToGuest(me, weights, options);
  const { side, formats, start, rows } = options;
  await openToOthers(me, weights, options);
  const [ofGuest, ofHost] = placesOf(options);
  const opened = await me.inTurn(async (backend) => {
    const guest = backend.pick(weights, ofGuest!);
    const theirOwn = backend.pick(weights, ofHost!);
    const host = options.scaled
      ? await timesOfGuest(backend, theirOwn, rows && rows.scale / 2 ** start.labelExponent)
      : theirOwn;
    const own = await backend.open(guest, "first");
    const theirs = await backend.open(host, "second");
    return own ?? theirs;
  });
  const unit = !options.scaled ? 1 : side === "guest" ? rows!.scale : 2 ** start.labelExponent;
  const out = Float64Array.from(opened!, (word) => (unit * Number(BigInt.asIntN(64, word))) / 2 ** formats.weight);
  if (side === "guest" && rows !== null && rows.centre !== 0) out[0]! += rows.centre;
  return { own: out, theirs: null };
}

/** All of them, of a model of two parties and one score. */
async function openToGuest(me: Engine, weights: Words, { columns, formats, rows }: OpeningOwn): Promise<OpenedOwn> {
  const opened = await me.inTurn((backend) => backend.open(weights, "first"));
  if (opened === null || rows === null) return { own: new Float64Array(0), theirs: null };
  const all = Float64Array.from(opened, (word) => (rows.scale * Number(BigInt.asIntN(64, word))) / 2 ** formats.weight);
  if (rows.centre !== 0) all[0]! += rows.centre;
  return { own: all.slice(0, columns.guest), theirs: all.slice(columns.guest) };
}

/**
 * Both shares of its coefficients go to each further host, shared afresh by a product with 1: shares on the way hang on more than
 * their sum.
 */
async function openToOthers(me: Engine, weights: Words, options: OpeningOwn): Promise<void> {
  const { others, scaled, start, rows } = options;
  const [, , ...places] = placesOf(options);
  for (const [i, { peer }] of others.entries()) {
    const words = await me.inTurn(async (backend) => {
      const own = backend.pick(weights, places[i]!);
      const inUnits = scaled ? await timesOfGuest(backend, own, rows && rows.scale / 2 ** start.labelExponent) : own;
      return backend.multiply(inUnits, backend.publicWords(new BigUint64Array(own.length).fill(1n)));
    });
    await peer.send("ownerWeights", new Uint8Array(sharesOf(words).slice().buffer));
  }
}

/** From both shares. */
export function ownWeights(
  shares: readonly BigUint64Array[],
  {
    labelExponent,
    scaled,
    weight,
  }: { readonly labelExponent: number; readonly scaled: boolean; readonly weight: number },
): Float64Array {
  const unit = (scaled ? 2 ** labelExponent : 1) / 2 ** weight;
  const [one, two] = shares as [BigUint64Array, BigUint64Array];
  return Float64Array.from(one, (share, i) => unit * Number(BigInt.asIntN(64, share + two[i]!)));
}

const placesOf = ({ outputs, columns, others }: OpeningOwn): Uint32Array[] =>
  ownColumnsOf(outputs, [columns.guest, columns.host, ...others.map((other) => other.columns)]).map(classPlaces);

/** Words times a positive number that the guest knows, up to 2; null at the host. What is 0 stays 0. */
export async function timesOfGuest(backend: Backend, words: Words, factor: number | null): Promise<Words> {
  const encoded = factor === null ? null : BigInt(Math.round(factor * 2 ** FACTOR_BITS));
  const own = encoded === null ? null : new BigUint64Array(words.length).fill(encoded);
  const product = await backend.multiply(words, await backend.share("first", words.length, own));
  return backend.shift(product, FACTOR_BITS, "down");
}
