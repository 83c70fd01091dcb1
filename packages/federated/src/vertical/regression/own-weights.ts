/**
 * Opens to each party its own coefficients, in units of the label.
 *
 * The label of a linear model was standardised by the guest. Its spread is 2^exponent·m: the host knows the exponent, its
 * coefficients are multiplied by m on shares, so that no more of the spread is told; the guest multiplies its own.
 */
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import type { Engine } from "@tombolo/protocols/secret-sharing/engine";
import type { PreparedRows } from "./families/index.ts";
import type { Formats } from "./formats.ts";
import type { Start } from "./messages.ts";
import type { Side, Sides } from "./products.ts";

export interface OpeningOwn {
  readonly side: Side;
  readonly columns: Sides<number>;
  readonly formats: Formats;
  readonly start: Start;
  readonly rows: PreparedRows | null;
  /** The label was standardised. */
  readonly scaled: boolean;
}

const MANTISSA_BITS = 20;

/** Of the own matrix's columns. */
export async function openOwn(me: Engine, weights: Words, options: OpeningOwn): Promise<Float64Array> {
  const { side, columns, formats, start, rows } = options;
  const opened = await me.inTurn(async (backend) => {
    const guest = backend.pick(weights, places(0, columns.guest));
    const theirOwn = backend.pick(weights, places(columns.guest, columns.host));
    const host = options.scaled ? await timesMantissa(backend, theirOwn, start, rows) : theirOwn;
    const own = await backend.open(guest, "first");
    const theirs = await backend.open(host, "second");
    return own ?? theirs;
  });
  const unit = !options.scaled ? 1 : side === "guest" ? rows!.scale : 2 ** start.labelExponent;
  const out = Float64Array.from(opened!, (word) => (unit * Number(BigInt.asIntN(64, word))) / 2 ** formats.weight);
  if (side === "guest" && rows !== null && rows.centre !== 0) out[0]! += rows.centre;
  return out;
}

const places = (from: number, count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => from + i);

async function timesMantissa(
  backend: Backend,
  weights: Words,
  { labelExponent }: Start,
  rows: PreparedRows | null,
): Promise<Words> {
  const mantissa = rows === null ? null : BigInt(Math.round((rows.scale / 2 ** labelExponent) * 2 ** MANTISSA_BITS));
  const own = mantissa === null ? null : new BigUint64Array(weights.length).fill(mantissa);
  const product = await backend.multiply(weights, await backend.share("first", weights.length, own));
  // What is 0 stays 0.
  return backend.shift(product, MANTISSA_BITS, "down");
}
