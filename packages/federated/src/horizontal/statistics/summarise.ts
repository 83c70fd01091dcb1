/**
 * Counts, sums, means, variances and quantiles over the rows of several parties, each of which has its own, by groups that all agreed on.
 *
 * 1. Each pair of parties gets a key in common; with it every party masks its counts and sums: shares of the totals (group.ts), which
 *    the two parties named first of all hold between them.
 * 2. These two find out, by two-party computing, which cells (a column in a group) may be shown: those with at least `minimumRows`
 *    rows in all, where no party has some rows but fewer than that. One bit a cell is opened, and told to all.
 * 3. Of these cells alone count, sum and, if asked for, sum of squares are opened: to the first party, or to all.
 * 4. Quantiles of cells with enough rows on both sides: by bisection on the agreed grid. All count their rows up to a threshold,
 *    under new masks; the two compare the total with the share of the count that the quantile asks for, open that one bit, and tell all.
 *
 * Learns. All: which cells are shown, the quantiles asked for and which of them have enough rows. Receivers: counts, sums, sums of
 * squares of what is shown. Nobody: anything of another cell, not even whether it is empty. The bits of a bisection say between which
 * numbers of the grid the quantile lies, which the quantile says too. What a bit "not shown" tells: that the total is below the
 * minimum, none included, or that some party has rows but too few; who has some but enough learns no more than that. A row is in one
 * cell of a column at most and no total of cells is opened, so that a run's figures do not give a hidden cell by subtraction; two runs
 * over nearly the same rows may. Callers bound how many there are.
 *
 * Adversary: semi-honest; any n - 1 of n parties learn of the last one what follows from what is opened, with one exception: **the first
 * two together** could add up their shares, and so learn the totals of cells that are not shown; single parties' numbers only if all others
 * help them. Between two parties the total less the own part is the partner's. Assumptions: AES-128 as a pseudorandom permutation,
 * SHA-256 as a random oracle, and those of `secret-sharing/two-party`. A party may lie about its rows.
 *
 * Rounds: 2 for keys and totals, and those of one comparison and openings; a bisection takes as many of these as the grid has
 * bits. Bytes: 8 a figure from each party, and some 140 a comparison.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import { type TwoParty, twoParty } from "@tombolo/protocols/secret-sharing/two-party";
import { bytesOf, Group, type Members, wordsOf } from "./group.ts";
import { CELLS_MAX, QUANTILES_MAX } from "./messages.ts";
import { cellsOf, countUpTo, FIGURES, figuresOf, Grid, type OwnRows, type ValueRange } from "./own-figures.ts";

/** Quantiles are given in thousandths. */
export const THOUSAND = 1000;

/** Counts are at most 2^30, and compared in thousandths. */
const ROWS_MAX = 2 ** 30;
const COUNTS = { width: 42 } as const;
/** How many parties have too few rows, at most 16. */
const PARTY_BITS = 5;

export interface StatisticsOptions {
  readonly values: readonly ValueRange[];
  readonly groupCount: number;
  /** Of each cell, over all parties; and of each party that has some. */
  readonly minimumRows: number;
  /** Of all parties together, at most 2^30: no party may have more than its part of it. */
  readonly rowsMax: number;
  readonly variance: boolean;
  /** In thousandths, 1 to 999. */
  readonly quantiles: readonly number[];
  readonly receivers: "first" | "all";
  readonly secrets: Secrets;
  progress?(share: number): void;
}

/** A column in a group; cells come group by group. */
export interface Cell {
  /** Null where too few rows are there, and all else with it. */
  readonly count: number | null;
  readonly sum: number | null;
  readonly mean: number | null;
  /** Of the rows as a sample: over count - 1. */
  readonly variance: number | null;
  /** Of each asked for: the least number of the grid up to which at least that share of the rows is; null where too few are beyond. */
  readonly quantiles: readonly (number | null)[];
}

export interface Statistics {
  /** Whether a cell has enough rows. */
  readonly shown: readonly boolean[];
  /** Figures only where this party receives, but for quantiles. */
  readonly cells: readonly Cell[];
}

export async function summarise(rows: OwnRows, members: Members, options: StatisticsOptions): Promise<Statistics> {
  const { groupCount, values, variance, rowsMax, quantiles, minimumRows } = options;
  const count = groupCount * values.length;
  if (count > CELLS_MAX || quantiles.length > QUANTILES_MAX)
    throw new TomboloError("input.columns", `at most ${CELLS_MAX} cells and ${QUANTILES_MAX} quantiles`, {
      remedy: "Ask for fewer groups, columns or quantiles.",
    });
  const grids = values.map((range) => new Grid(range));
  if (rowsMax > ROWS_MAX || minimumRows > ROWS_MAX) throw new RangeError("as many rows as the options say");
  for (const grid of grids) grid.requireRoom(rowsMax, variance);
  if ((rows.columns[0]?.length ?? 0) * (members.others.length + 1) > rowsMax)
    throw new TomboloError("input.rows", "a party has more rows than its part of the agreed most", {
      remedy: "Raise the greatest number of rows, or use fewer.",
    });
  const own = cellsOf(rows, grids, groupCount);
  const group = await Group.open(members, options.secrets);
  const computing = group.computes ? await computer(group, options.secrets) : null;
  const run: Run = { group, computing, own, grids, options };
  const total = await group.total(figuresOf(own, options.minimumRows));
  const figures = total === null || computing === null ? null : await computing.shared(total);
  const shown = await shownCells(run, figures, count);
  const opened = await openedFigures(run, figures, shown);
  const found = await quantilesOf(run, figures, shown);
  const cells = Array.from({ length: count }, (_, i) =>
    cellOf(opened?.get(i), grids[i % values.length]!, options, found.get(i)),
  );
  return { shown: Array.from({ length: count }, (_, i) => shown.includes(i)), cells };
}

interface Run {
  readonly group: Group;
  readonly computing: Computing | null;
  readonly own: readonly Float64Array[];
  readonly grids: readonly Grid[];
  readonly options: StatisticsOptions;
}

type Shared = Awaited<ReturnType<TwoParty["share"]>>;
type SharedBits = Awaited<ReturnType<TwoParty["shareBits"]>>;

/** The two, as one. */
interface Computing {
  readonly backend: TwoParty;
  /** Both have a share of the same numbers. */
  shared(own: BigUint64Array): Promise<Shared>;
}

async function computer({ partner: { side, peer } }: Group, secrets: Secrets): Promise<Computing> {
  const backend =
    side === "first"
      ? await twoParty({ role: "first", peer }, { secrets })
      : await twoParty({ role: "second", peer }, { secrets });
  const part = (role: "first" | "second", own: BigUint64Array) =>
    backend.share(role, own.length, role === backend.self ? own : null);
  return { backend, shared: async (own) => backend.add(await part("first", own), await part("second", own)) };
}

const range = (from: number, count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => from + i);

/** A bit each, opened to the two and told to all. */
async function decided({ group, computing }: Run, bits: SharedBits | null, count: number): Promise<boolean[]> {
  const known = bits === null || computing === null ? null : await computing.backend.openBits(bits);
  const packed = await group.told("firstDecisions", known, Math.ceil(count / 8));
  return Array.from({ length: count }, (_, i) => ((packed[i >> 3]! >> (i & 7)) & 1) === 1);
}

/** Places of the cells with enough rows. */
async function shownCells(run: Run, figures: Shared | null, count: number): Promise<number[]> {
  const { computing, options } = run;
  let bits: SharedBits | null = null;
  if (computing !== null && figures !== null) {
    const { backend } = computing;
    const counts = backend.pick(figures, range(0, count));
    const below = await backend.negative(backend.addPublic(counts, -BigInt(options.minimumRows)), COUNTS);
    const nobodyFew = await backend.isZero(backend.pick(figures, range(count, count)), PARTY_BITS);
    bits = await backend.and(backend.not(below), nobodyFew);
  }
  const shown = await decided(run, bits, count);
  return [...shown.keys()].filter((i) => shown[i]!);
}

/** By cell, what FIGURES says but for `few`; squares only if asked for. Null at who does not receive. */
async function openedFigures(
  { group, computing, own, options }: Run,
  figures: Shared | null,
  shown: readonly number[],
): Promise<ReadonlyMap<number, readonly bigint[]> | null> {
  const kinds = FIGURES.flatMap((name, f) => (name === "few" || (name === "squares" && !options.variance) ? [] : [f]));
  const places = Uint32Array.from(kinds.flatMap((f) => shown.map((i) => f * own.length + i)));
  const all = options.receivers === "all";
  let words: BigUint64Array | null = null;
  if (computing !== null && figures !== null)
    words = await computing.backend.open(computing.backend.pick(figures, places), all ? undefined : "first");
  if (all) words = wordsOf(await group.told("firstResults", words === null ? null : bytesOf(words), 8 * places.length));
  if (words === null) return null;
  const values = words;
  return new Map(
    shown.map((i, at) => [i, kinds.map((_, k) => BigInt.asIntN(64, values[k * shown.length + at]!))] as const),
  );
}

interface Search {
  readonly cell: number;
  /** Of the quantiles asked for. */
  readonly index: number;
  from: number;
  to: number;
}

/** By cell, of each quantile asked for. */
async function quantilesOf(
  run: Run,
  figures: Shared | null,
  shown: readonly number[],
): Promise<ReadonlyMap<number, readonly (number | null)[]>> {
  const { own, grids, options } = run;
  const { quantiles } = options;
  const gridOf = (cell: number): Grid => grids[cell % grids.length]!;
  const all = shown.flatMap((cell) =>
    quantiles.map((_, index): Search => ({ cell, index, from: -gridOf(cell).bound, to: gridOf(cell).bound })),
  );
  const enough = await decided(run, await enoughBeyond(run, figures, all), all.length);
  const searches = all.filter((_, i) => enough[i]);
  const steps = Math.max(0, ...grids.map((grid) => grid.steps));
  for (let step = 0; step < steps && searches.length > 0; step++) {
    const middles = searches.map(({ from, to }) => Math.floor((from + to) / 2));
    const counts = searches.map(({ cell }, i) => BigInt(countUpTo(own[cell]!, middles[i]!)));
    const below = await decided(run, await tooFewUpTo(run, figures, searches, counts), searches.length);
    searches.forEach((search, i) => {
      if (search.from === search.to) return;
      if (below[i]) search.from = middles[i]! + 1;
      else search.to = middles[i]!;
    });
    options.progress?.((step + 1) / steps);
  }
  const found = new Map<number, (number | null)[]>(shown.map((cell) => [cell, quantiles.map(() => null)]));
  for (const { cell, index, from } of searches) found.get(cell)![index] = gridOf(cell).value(from);
  return found;
}

/** Whether at least the minimum of rows is on either side. */
async function enoughBeyond({ computing, options }: Run, figures: Shared | null, searches: readonly Search[]) {
  if (computing === null || figures === null) return null;
  const { backend } = computing;
  const counts = backend.pick(
    figures,
    Uint32Array.from(searches, ({ cell }) => cell),
  );
  const shares = BigUint64Array.from(searches, ({ index }) => {
    const q = options.quantiles[index]!;
    return BigInt(Math.min(q, THOUSAND - q));
  });
  const least = -BigInt(THOUSAND * options.minimumRows);
  return backend.not(await backend.negative(backend.addPublic(backend.scale(counts, shares), least), COUNTS));
}

/** Whether fewer than the quantile's share of all are up to the threshold: 1000·counted < q·count. */
async function tooFewUpTo(
  { group, computing, options }: Run,
  figures: Shared | null,
  searches: readonly Search[],
  counts: readonly bigint[],
) {
  const total = await group.total(BigUint64Array.from(counts));
  if (computing === null || figures === null || total === null) return null;
  const { backend } = computing;
  const all = backend.pick(
    figures,
    Uint32Array.from(searches, ({ cell }) => cell),
  );
  const wanted = backend.scale(
    all,
    BigUint64Array.from(searches, ({ index }) => BigInt(options.quantiles[index]!)),
  );
  const counted = backend.scale(await computing.shared(total), BigInt(THOUSAND));
  return backend.negative(backend.subtract(counted, wanted), COUNTS);
}

function cellOf(
  figures: readonly bigint[] | undefined,
  grid: Grid,
  { variance, quantiles }: StatisticsOptions,
  found: readonly (number | null)[] | undefined,
): Cell {
  const none = { count: null, sum: null, mean: null, variance: null };
  const quantile = found ?? quantiles.map(() => null);
  if (figures === undefined) return { ...none, quantiles: quantile };
  const [count, sum, squares] = figures.map(Number);
  const n = count!;
  const whole = Number(figures[1]! + figures[0]! * BigInt(grid.middle));
  // n·squares - sum² in whole numbers, since the two may be close.
  const spread = variance ? Number(figures[0]! * figures[2]! - figures[1]! ** 2n) / (n * (n - 1)) : null;
  if (sum === undefined || (variance && squares === undefined)) throw new TypeError("figures as they were opened");
  return {
    count: n,
    sum: whole * grid.unit,
    mean: n === 0 ? null : (whole * grid.unit) / n,
    variance: spread === null || n < 2 ? null : spread * grid.unit ** 2,
    quantiles: quantile,
  };
}
