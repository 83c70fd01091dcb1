/**
 * The logistic function of margins, rounded down at its one rounding, so that a twin in the clear has the same digits: quadratics over |x|, each between two
 * knots, and a constant from 9 on. sigmoid(-x) = 1 - sigmoid(x).
 *
 * The value is that of the first piece and, at each knot that |x| has reached, what the next piece differs by: exact products with shared bits. Intermediate
 * words may wrap around modulo 2^64, their sum does not.
 *
 * Error: 0.0005 (the first piece; 0.0003 from 0.75 on). Coefficients are constants, since a party's exponential function may differ in
 * the last digit: a test fits them anew.
 */
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import { UNIT, UNIT_BITS } from "./formats.ts";

interface Piece {
  /** Of |x|: from here on. */
  readonly from: number;
  /** Of 1, x and x^2, with 44, 28 and 12 fraction bits. */
  readonly c0: bigint;
  readonly c1: bigint;
  readonly c2: bigint;
}

export const PIECES: readonly Piece[] = [
  { from: 0, c0: 8787868895433n, c1: 68888875n, c2: -90n },
  { from: 0.75, c0: 8585753105191n, c1: 77764600n, c2: -191n },
  { from: 1.5, c0: 8824816303848n, c1: 73573699n, c2: -173n },
  { from: 2.25, c0: 10159596225096n, c1: 55565310n, c2: -112n },
  { from: 3, c0: 12399886487863n, c1: 33001355n, c2: -55n },
  { from: 4, c0: 14777749830244n, c1: 14784715n, c2: -20n },
  { from: 5.25, c0: 16499329048126n, c1: 4636206n, c2: -5n },
  { from: 7, c0: 17260996781984n, c1: 1146237n, c2: -1n },
  { from: 9, c0: 17591100654247n, c1: 0n, c2: 0n },
];
export const PIECE_BITS = 44;
const CUT = PIECE_BITS - UNIT_BITS;
const ONE = BigInt(UNIT);
const knotOf = ({ from }: Piece): bigint => BigInt(from * UNIT);

/** Of margins in units of 2^-16, with so many bits with their sign; likewise. */
export async function sharedSigmoid(backend: Backend, x: Words, marginBits: number): Promise<Words> {
  const range = { width: marginBits };
  const negative = await backend.negative(x, range);
  const size = backend.subtract(x, backend.scale(await backend.inject(negative, x), 2n)); // |x|
  const square = await backend.square(size);
  const later = PIECES.slice(1);
  const below = await backend.negative(
    backend.join(later.map((piece) => backend.addPublic(size, -knotOf(piece)))),
    range,
  );
  const steps = later.map((piece, i) => pieceOf(backend, size, square, difference(piece, PIECES[i]!)));
  const reached = await backend.inject(backend.not(below), backend.join(steps));
  const sum = backend.sums(interleaved(backend, reached, later.length), later.length);
  const half = await backend.shift(backend.add(pieceOf(backend, size, square, PIECES[0]!), sum), CUT, "down");
  const mirrored = backend.addPublic(backend.scale(half, -2n), ONE); // 1 - 2·sigmoid(|x|)
  return backend.add(half, await backend.inject(negative, mirrored));
}

type Coefficients = Pick<Piece, "c0" | "c1" | "c2">;

const difference = (a: Piece, b: Piece): Coefficients => ({ c0: a.c0 - b.c0, c1: a.c1 - b.c1, c2: a.c2 - b.c2 });

const pieceOf = (backend: Backend, x: Words, square: Words, { c0, c1, c2 }: Coefficients): Words =>
  backend.addPublic(backend.add(backend.scale(x, c1), backend.scale(square, c2)), c0);

/** From one vector after the other to element after element. */
function interleaved(backend: Backend, x: Words, vectors: number): Words {
  const count = x.length / vectors;
  return backend.pick(
    x,
    Uint32Array.from({ length: x.length }, (_, i) => (i % vectors) * count + Math.floor(i / vectors)),
  );
}

/** The same of a margin in the clear. */
export function sigmoidOf(x: bigint): bigint {
  const size = x < 0n ? -x : x;
  const { c0, c1, c2 } = PIECES.findLast((piece) => size >= knotOf(piece))!;
  const half = (c0 + c1 * size + c2 * size * size) >> BigInt(CUT);
  return x < 0n ? ONE - half : half;
}
