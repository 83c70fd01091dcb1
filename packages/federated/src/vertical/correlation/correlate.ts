/**
 * Correlations of the columns of two parties over rows in one order, and variance inflation from them.
 *
 * Each side centres its columns and scales them to length 1 (for Spearman: their ranks), so that a correlation is a product of
 * two vectors. Those of own columns are computed in the clear. Those across:
 *
 * 1. if rows without a value are to be left out, each tells the other which of its rows lack one;
 * 2. each tells how many rows are left and its columns' names; too few rows for so many columns end it, at both alike;
 * 3. the side with fewer columns encrypts them on rings, the other multiplies its matrix with them: both have shares of
 *    the products (`protocols/matrix-product`);
 * 4. shares are rounded to the agreed decimals, exactly, by two-party computing (`protocols/secret-sharing`), and only then
 *    opened to who receives;
 * 5. own correlations, rounded alike, go to who receives, who puts the matrix together and inverts it.
 *
 * Learns. Receivers: the matrix, in so many decimals; both: names and numbers of columns, rows, and in step 1 which rows lack a
 * value. Nobody: anything else. Why rounding comes before opening: with all its digits, one product of a column of powers of two
 * with another of zeros and ones would tell every one of them; rounded to d decimals a figure tells at most log2(2·10^d + 1) bits. A
 * party that chooses its columns freely still learns that much of each of the other's columns by each of its own,
 * hence the least number of rows for each column.
 *
 * Adversary: semi-honest. A side that departs from the protocol can falsify the matrix; what it learns more is bounded by what it could
 * have learnt with other columns. Assumptions: those of the two protocols. Error: entries are rounded to multiples of 2^-24, so that a
 * figure is off by sqrt(rows)·2^-24 at most (10^6 rows: 6·10^-5; on average far less) and half of its last decimal.
 * Rounds: 3 + 2 a part and batch, and those of setting up, one shift and one opening.
 */
import { type NumberColumn, nameOnScreen, type Secrets, TomboloError } from "@tombolo/base";
import { twoParty } from "@tombolo/protocols/secret-sharing/two-party";
import { type CorrelationPeer, crossShares, ENTRY_BITS, type Side, type Sizes } from "./cross-products.ts";
import { inflation } from "./inflation.ts";
import type { Offer } from "./messages.ts";
import { correlations, ranks, rounded, standardised } from "./standardise.ts";

export const DECIMALS_MAX = 4;

export interface CorrelationOptions {
  readonly method: "pearson" | "spearman";
  /** "drop": rows without a value at either side are left out at both. */
  readonly missing: "refuse" | "drop";
  /** "leave-out": columns with one value only are not in the matrix. */
  readonly constant: "refuse" | "leave-out";
  /** At most DECIMALS_MAX. */
  readonly decimals: number;
  readonly rowsMin: number;
  /** Least number of rows for each column of both sides together. */
  readonly rowsPerColumnMin: number;
  readonly receivers: "first" | "both";
  readonly secrets: Secrets;
  progress?(share: number): void;
}

export interface Correlation {
  /** That count, and that were left out for a missing value. */
  readonly rows: number;
  readonly dropped: number;
  /** Names. */
  readonly first: readonly string[];
  readonly second: readonly string[];
  /** Own columns that are not in the matrix. */
  readonly constant: readonly string[];
  /** Row by row, the first's columns before the second's; null for who does not receive. */
  readonly matrix: Float64Array | null;
  /** In the same order; null where a column follows from others. */
  readonly inflation: readonly (number | null)[] | null;
}

export async function correlate(
  columns: readonly NumberColumn[],
  end: CorrelationPeer,
  options: CorrelationOptions,
): Promise<Correlation> {
  const rowCount = columns[0]?.values.length ?? 0;
  const kept = await keptRows(columns, end, options);
  const units = unitsOf(columns, kept, options);
  const own: Offer = { rows: kept?.length ?? rowCount, columns: units.map(({ name }) => name) };
  const theirs = await exchangedOffer(end, { ...own, columns: own.columns.map(nameOnScreen) });
  const [first, second] = end.side === "first" ? [own, theirs] : [theirs, own];
  const sizes = { rows: own.rows, first: first.columns.length, second: second.columns.length };
  requireEnough(sizes, theirs, end.peer.party, options);
  const vectors = units.map(({ values }) => values);
  const shares = await crossShares(vectors, end, sizes, options);
  const across = await openRounded(shares, end, options);
  const ownBlock = correlations(vectors, options.decimals);
  const theirBlock = await exchangedBlock(end, ownBlock, theirs.columns.length, options);
  const names = units.map(({ name }) => name);
  const matrix =
    across === null || theirBlock === null
      ? null
      : assembled(end.side === "first" ? [ownBlock, theirBlock] : [theirBlock, ownBlock], across, sizes);
  return {
    rows: own.rows,
    dropped: rowCount - own.rows,
    first: first.columns,
    second: second.columns,
    constant: columns.map(({ name }) => name).filter((name) => !names.includes(name)),
    matrix,
    inflation: matrix === null ? null : inflation(matrix, options.decimals),
  };
}

const receives = (side: Side, { receivers }: CorrelationOptions): boolean => receivers === "both" || side === "first";

/** Null: all. */
async function keptRows(
  columns: readonly NumberColumn[],
  end: CorrelationPeer,
  { missing }: CorrelationOptions,
): Promise<number[] | null> {
  const rowCount = columns[0]?.values.length ?? 0;
  const without = new Uint8Array(Math.ceil(rowCount / 8));
  for (const { name, values } of columns) {
    if (values.some((value) => Math.abs(value) === Number.POSITIVE_INFINITY))
      throw new TomboloError("input.value", "a column has an infinite value", { detail: { column: name } });
    const rows = Array.from(values.keys()).filter((row) => Number.isNaN(values[row]!));
    if (rows.length > 0 && missing === "refuse")
      throw new TomboloError("input.missing-value", "some rows have no value to correlate", {
        remedy: "Fill the values in, leave the column out, or let such rows be dropped.",
        detail: { column: name, rowCount: rows.length, rowNumbers: rows.slice(0, 100).map((row) => row + 1) },
      });
    for (const row of rows) without[row >> 3]! |= 1 << (row & 7);
  }
  if (missing === "refuse") return null;
  const theirs =
    end.side === "first"
      ? await end.peer.exchange("firstMissing", without, "secondMissing")
      : await end.peer.exchange("secondMissing", without, "firstMissing");
  if (theirs.length !== without.length) throw otherRows(end.peer.party);
  const lacks = (row: number): boolean => (((without[row >> 3]! | theirs[row >> 3]!) >> (row & 7)) & 1) === 1;
  return Array.from({ length: rowCount }, (_, row) => row).filter((row) => !lacks(row));
}

const otherRows = (party: string): TomboloError =>
  new TomboloError("protocol.size", "the partner has another number of rows", { blame: party });

interface Unit {
  readonly name: string;
  readonly values: Float64Array;
}

function unitsOf(
  columns: readonly NumberColumn[],
  kept: readonly number[] | null,
  { method, constant }: CorrelationOptions,
): Unit[] {
  return columns.flatMap(({ name, values: all }) => {
    const values = kept === null ? all : Float64Array.from(kept, (row) => all[row]!);
    const unit = standardised(method === "spearman" ? ranks(values) : values);
    if (unit !== null) return [{ name, values: unit }];
    if (constant === "leave-out") return [];
    throw new TomboloError("input.constant-column", "a column has the same value in all rows", {
      remedy: "Leave the column out, or let constant columns be left out.",
      detail: { column: name },
    });
  });
}

const exchangedOffer = ({ side, peer }: CorrelationPeer, own: Offer): Promise<Offer> =>
  side === "first" ? peer.exchange("firstOffer", own, "secondOffer") : peer.exchange("secondOffer", own, "firstOffer");

function requireEnough(
  { rows, first, second }: Sizes,
  theirs: Offer,
  party: string,
  { rowsMin, rowsPerColumnMin }: CorrelationOptions,
): void {
  if (theirs.rows !== rows) throw otherRows(party);
  if (first === 0 || second === 0)
    throw new TomboloError("input.columns", "a party has no column to correlate", {
      remedy: "Choose columns of numbers that have more than one value.",
    });
  const least = Math.max(rowsMin, rowsPerColumnMin * (first + second));
  if (rows < least)
    throw new TomboloError("input.rows", `${first + second} columns need ${least} rows, and there are fewer`, {
      remedy: "Match more rows, or choose fewer columns.",
    });
}

async function openRounded(
  shares: BigUint64Array,
  end: CorrelationPeer,
  options: CorrelationOptions,
): Promise<Float64Array | null> {
  const { decimals, secrets, receivers } = options;
  const backend =
    end.side === "first"
      ? await twoParty({ role: "first", peer: end.peer }, { secrets })
      : await twoParty({ role: "second", peer: end.peer }, { secrets });
  const part = (side: Side) => backend.share(side, shares.length, side === end.side ? shares : null);
  const sum = backend.add(await part("first"), await part("second"));
  const bits = 2 * ENTRY_BITS;
  const scaled = backend.scale(sum, 10n ** BigInt(decimals));
  const near = await backend.shift(backend.addPublic(scaled, 2n ** BigInt(bits - 1)), bits, "down");
  const opened = await backend.open(near, receivers === "both" ? undefined : "first");
  if (opened === null) return null;
  return Float64Array.from(opened, (word) => rounded(Number(BigInt.asIntN(64, word)) / 10 ** decimals, decimals));
}

/** The partner's own correlations, if this side receives. */
async function exchangedBlock(
  { side, peer }: CorrelationPeer,
  own: Float64Array,
  count: number,
  options: CorrelationOptions,
): Promise<Float64Array | null> {
  const mine = receives(side, options);
  const [, theirs] =
    side === "first"
      ? await Promise.all([
          receives("second", options) ? peer.send("firstOwn", own) : undefined,
          mine ? peer.receive("secondOwn") : null,
        ])
      : await Promise.all([
          receives("first", options) ? peer.send("secondOwn", own) : undefined,
          mine ? peer.receive("firstOwn") : null,
        ]);
  if (theirs !== null && !isBlock(theirs, count))
    throw new TomboloError("protocol.malformed", "not a matrix of correlations", { blame: peer.party });
  return theirs;
}

function isBlock(matrix: Float64Array, count: number): boolean {
  if (matrix.length !== count ** 2) return false;
  return matrix.every((value, at) => {
    const [i, j] = [Math.floor(at / count), at % count];
    return Math.abs(value) <= 1 && value === matrix[j * count + i] && (i !== j || value === 1);
  });
}

function assembled(
  [blockOfFirst, blockOfSecond]: readonly [Float64Array, Float64Array],
  across: Float64Array,
  { first, second }: Sizes,
): Float64Array {
  const count = first + second;
  const entryOf = (i: number, j: number): number => {
    if (i < first && j < first) return blockOfFirst[i * first + j]!;
    if (i >= first && j >= first) return blockOfSecond[(i - first) * second + j - first]!;
    return i < j ? across[i * second + j - first]! : across[j * second + i - first]!;
  };
  return Float64Array.from({ length: count ** 2 }, (_, at) => entryOf(Math.floor(at / count), at % count));
}
