/**
 * Generalised linear models over the columns of two parties, on shares.
 *
 * Goal: the coefficients that a plain fit of the joined table would give, each party's for its owner alone.
 * Papers: gradients as in Mohassel, Zhang, "SecureML", IEEE S&P 2017, with products of own matrices by ring encryption
 * (protocols/matrix-product) instead of triples for whole tables, and truncation that cannot go wrong; solvers and their papers:
 * quasi-newton.ts, sgd.ts.
 *
 * Learns: both - numbers of rows and columns; after each step the lengths and inner products that solvers open (README), and how
 * many steps there were. guest, host - own coefficients at the end. For a linear model the host also the power of two next to
 * the spread of the label.
 * Must not learn: anything for a row; weights on the way, gradients, linear predictors, residuals, the other's coefficients.
 * Adversary: semi-honest, one of the two.
 *
 * 1. guest <-> host: opening: digest of parameters, sizes, steps kept; guest -> host: start.
 * 2. set-up of the engine, keys for products (once).
 * 3. for each gradient: z = X_g·w_g + X_h·w_h by two products, residuals on shares, Xᵀ·r by two products.
 * 4. own coefficients are opened to their owner.
 *
 * Rounds and bytes: README.
 */
import { type Column, type Secrets, TomboloError } from "@tombolo/base";
import { Engine } from "@tombolo/protocols/secret-sharing/engine";
import { sharesOf, twoParty } from "@tombolo/protocols/secret-sharing/two-party";
import type { Checkpoint } from "./checkpoint.ts";
import { type Design, designOf, type OwnCoefficients, ownCoefficients } from "./design.ts";
import { engineEnd, type GuestPeer, type HostPeer, productPeers } from "./ends.ts";
import { familyOf, type PreparedRows } from "./families/index.ts";
import { type Formats, formatsOf } from "./formats.ts";
import { matrixPairs, partsUsed } from "./matrices.ts";
import { type Opened, openAsGuest, openAsHost } from "./opening.ts";
import { openOwn } from "./own-weights.ts";
import { checkParameters, type RegressionParameters } from "./parameters.ts";
import { openProducts, type Side } from "./products.ts";
import type { Iteration } from "./quasi-newton.ts";
import { residualMax } from "./residuals.ts";
import { type GuestRows, prepareRows, sharedRows } from "./rows.ts";
import { SharedSpace, type SharedVector } from "./shared-space.ts";
import { isWhitened, solve, weightsMaxOf } from "./solve.ts";

export interface TrainHooks {
  /** Of an earlier attempt: the newest last. */
  readonly resumeFrom?: readonly Checkpoint[] | undefined;
  readonly onResume?: ((steps: number) => void) | undefined;
  /** After each step; the next one waits for it. */
  readonly onStep?: ((checkpoint: Checkpoint) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HostInput extends TrainHooks {
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly parameters: RegressionParameters;
}

export interface GuestInput extends HostInput {
  readonly rows: GuestRows;
}

export interface Trained extends OwnCoefficients {
  /** Random, the same at both. */
  readonly run: string;
  readonly design: Design;
  readonly converged: boolean;
  readonly iterations: readonly Iteration[];
  /** Own part of each training row's linear predictor. */
  readonly contributions: Float64Array;
}

export async function trainGuest(input: GuestInput, peer: GuestPeer, secrets: Secrets): Promise<Trained> {
  const design = checkedDesign(input, "guest");
  const rows = prepareRows(input.rows, input.parameters);
  const about = {
    weighted: rows.weights !== null,
    offset: rows.offsets !== null,
    labelExponent: Math.floor(Math.log2(rows.scale)),
  };
  const opened = await openAsGuest(ownSide(input, design), about, peer, secrets);
  return train(input, { side: "guest", design, opened, rows }, peer, secrets);
}

export async function trainHost(input: HostInput, peer: HostPeer, secrets: Secrets): Promise<Trained> {
  const design = checkedDesign(input, "host");
  const opened = await openAsHost(ownSide(input, design), peer);
  return train(input, { side: "host", design, opened, rows: null }, peer, secrets);
}

function checkedDesign({ parameters, columns, rowCount }: HostInput, side: Side): Design {
  checkParameters(parameters);
  if (rowCount < 2) throw new TomboloError("input.rows", "there are fewer than two rows to train on");
  const intercept = side === "guest" && parameters.intercept;
  return designOf(columns, rowCount, {
    intercept,
    whiten: isWhitened(parameters),
    missing: parameters.missing,
    minimumRows: parameters.minimumRows,
  });
}

const ownSide = ({ parameters, rowCount, resumeFrom }: HostInput, { columns }: Design) => ({
  parameters,
  rowCount,
  columns: columns.length,
  kept: resumeFrom ?? [],
});

interface Session {
  readonly side: Side;
  readonly design: Design;
  readonly opened: Opened;
  readonly rows: PreparedRows | null;
}

async function train(
  input: HostInput,
  { side, design, opened, rows }: Session,
  peer: GuestPeer | HostPeer,
  secrets: Secrets,
): Promise<Trained> {
  const { parameters, rowCount } = input;
  const { columns, start, from } = opened;
  if (from !== null) input.onResume?.(start.step);
  const family = familyOf(parameters);
  const formats = trainingFormats(input, opened);
  const me = new Engine(await twoParty(engineEnd(side, peer), { secrets }), { fraction: formats.row });
  const pairs = matrixPairs(design, parameters, columns, formats);
  const products = await openProducts({ side, secrets, ...productPeers(side, peer) }, pairs);
  const parts = partsUsed(parameters, rowCount);
  const values = await sharedRows(me, rows, {
    ...parameters,
    ...start,
    rowCount,
    parts,
    labelMax: family.labelMax(rowCount),
  });
  const space = new SharedSpace({
    me,
    products,
    family,
    parts,
    precision: parameters.solver === "sgd" ? "fast" : "full",
    columns,
    formats,
    penalised: { perRow: parameters.l2 / rowCount, spared: parameters.intercept ? 1 : 0 },
    rowsOf: (part) => values.get(part)!,
    from: from === null ? null : { shares: from.weights, norm: from.iterations.at(-1)!.weights },
  });
  const iterations = [...(from?.iterations ?? [])];
  const onIteration = async (iteration: Iteration, { words }: SharedVector): Promise<void> => {
    iterations.push(iteration);
    await input.onStep?.({ run: start.run, iterations: [...iterations], weights: sharesOf(words) });
  };
  const solved = await solve(
    space,
    { ...parameters, rows: rowCount, columns: columns.guest + columns.host, weighted: start.weighted },
    { signal: input.signal, onIteration },
    iterations.slice(),
  );
  const weights = await openOwn(me, solved.weights.words, {
    side,
    columns,
    formats,
    start,
    rows,
    scaled: family.scaled,
  });
  return {
    run: start.run,
    design,
    ...ownCoefficients(design, weights),
    converged: solved.converged,
    iterations: solved.iterations,
    contributions: contributionsOf(design, weights),
  };
}

function trainingFormats({ parameters, rowCount }: HostInput, { columns, start }: Opened): Formats {
  const sizes = {
    columns: columns.guest + columns.host,
    whitened: isWhitened(parameters),
    weightsMax: weightsMaxOf(parameters),
  };
  return formatsOf({
    rows: rowCount,
    ...sizes,
    residualMax: residualMax({ family: familyOf(parameters), weighted: start.weighted, ...sizes }),
    penalty: parameters.l2 / rowCount,
  });
}

function contributionsOf({ columns, rows }: Design, weights: Float64Array): Float64Array {
  const out = new Float64Array(rows);
  columns.forEach((values, column) => {
    for (let row = 0; row < rows; row++) out[row]! += weights[column]! * values[row]!;
  });
  return out;
}
