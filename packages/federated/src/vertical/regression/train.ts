/**
 * Generalised linear models over the columns of two parties, and of further hosts (owners.ts), on shares.
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
 * Adversary: semi-honest, one of the two; of several hosts any but guest and first host together.
 *
 * 1. guest <-> host: opening: digest of parameters, sizes, steps kept; guest -> host: start.
 * 2. set-up of the engine, keys for products (once).
 * 3. for each gradient: z = X_g·w_g + X_h·w_h by two products, residuals on shares, Xᵀ·r by two products.
 * 4. own coefficients are opened to their owner; where asked, their standard errors too (inference/standard-errors.ts).
 *
 * Rounds and bytes: README.
 */
import type { Secrets } from "@tombolo/base";
import { Engine } from "@tombolo/protocols/secret-sharing/engine";
import { sharesOf, type TwoParty, twoParty, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import { engineEnd } from "../two-party.ts";
import { trainingFormats } from "./bounds.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type Design, ownCoefficients } from "./design.ts";
import { type ComputingPeer, type GuestPeer, type HostPeer, productPeers } from "./ends.ts";
import { familyOf, hasExponents, type PreparedRows } from "./families/index.ts";
import { foresight } from "./foresight.ts";
import { type ErrorsInput, noErrors, type StandardErrors, standardErrors } from "./inference/standard-errors.ts";
import { contributionsOf, matrixPairs, partsUsed } from "./matrices.ts";
import { type Opened, openAsGuest, openAsHost, rowsLeast } from "./opening.ts";
import { type OpeningOwn, openOwn } from "./own-weights.ts";
import { openOwner } from "./owners.ts";
import type { RegressionParameters } from "./parameters.ts";
import { type ClearProducts, openProducts, type Side } from "./products.ts";
import type { Iteration } from "./quasi-newton.ts";
import { type ResidualHistogram, residualHistogram } from "./residual-histogram.ts";
import { type GuestRows, prepareRows, sharedRows } from "./rows.ts";
import { type BinWeights, binsIn, MEAN_SQUARE_MOST } from "./shared-bins/bins.ts";
import { type LookupTerm, lookupTerms } from "./shared-bins/model.ts";
import { weighedProducts } from "./shared-bins/products.ts";
import { requireSpread } from "./shared-bins/row-weights.ts";
import { binsAtGuest, hostDesign, type SharedBins } from "./shared-bins/session.ts";
import { type Part, SharedSpace } from "./shared-space.ts";
import type { SharedVector } from "./shared-vectors.ts";
import { checkedDesign, type HostInput, ownSide, type Settled, settledInput, type TrainedPart } from "./sides.ts";
import { solve } from "./solve.ts";
import { warmStart } from "./warm-start.ts";

export interface GuestInput extends HostInput {
  readonly rows: GuestRows;
  /** Of the host's columns in bins, where parameters say so. */
  readonly binWeights?: readonly BinWeights[] | undefined;
}

export interface Trained extends TrainedPart {
  /** Null where they were not asked for, there was no convergence, or columns of both are nearly dependent. */
  readonly errors: StandardErrors | null;
  /** At the guest, where asked. */
  readonly residuals: ResidualHistogram | null;
  /** At the guest, where it has the weights of the host's bins: its columns and their coefficients. */
  readonly lookups: readonly LookupTerm[] | null;
  readonly converged: boolean;
  /** The iteration whose weights they are: the last one, but for early stopping. */
  readonly chosen: number;
  readonly iterations: readonly Iteration[];
}

/** `owners`: further hosts, in the same order everywhere. */
export async function trainGuest(
  given: GuestInput,
  peer: GuestPeer,
  secrets: Secrets,
  owners: readonly ComputingPeer[] = [],
): Promise<Trained> {
  const input = settledInput(given);
  const design = await checkedDesign(input, "guest");
  const rows = prepareRows(input.rows, input.parameters);
  if (input.parameters.inference && rows.weights !== null) throw noErrors();
  const about = {
    weighted: rows.weights !== null,
    offset: rows.offsets !== null,
    labelExponent: Math.floor(Math.log2(unitTold(rows, input.parameters))),
  };
  const opened = await openAsGuest(ownSide(input, design), about, { peer, owners }, secrets);
  const bins = await binsAtGuest(input, opened, peer);
  return train(input, { side: "guest", design, opened, rows, owners, bins }, peer, secrets);
}

/** The first host, who computes with the guest. */
export async function trainHost(
  given: HostInput,
  peer: HostPeer,
  secrets: Secrets,
  owners: readonly ComputingPeer[] = [],
): Promise<Trained> {
  const input = settledInput(given);
  const { design, bins } = await hostDesign(input);
  const opened = await openAsHost(ownSide(input, design, bins?.told.length), { peer, owners });
  if (bins !== null) await peer.send("hostBins", bins.told);
  return train(input, { side: "host", design, opened, rows: null, owners, bins }, peer, secrets);
}

interface Session {
  readonly side: Side;
  readonly design: Design;
  readonly opened: Opened;
  readonly rows: PreparedRows | null;
  readonly owners: readonly ComputingPeer[];
  /** Null: weights of the host's columns are its own. */
  readonly bins: SharedBins | null;
}

async function train(
  input: Settled<HostInput>,
  { side, design, opened, rows, owners, bins }: Session,
  peer: GuestPeer | HostPeer,
  secrets: Secrets,
): Promise<Trained> {
  const { parameters, rowCount } = input;
  const { columns, start, from } = opened;
  if (from !== null) await input.onResume?.(start.step);
  const family = familyOf(parameters);
  const { outputs } = family;
  const counted = [columns.guest, columns.host * (bins === null ? 1 : MEAN_SQUARE_MOST), ...opened.others];
  const formats = trainingFormats({ parameters, rowCount, columns: counted, weighted: start.weighted });
  const backend = await twoParty(engineEnd(side, peer), { secrets, link: parameters.link, background: true });
  const me = new Engine(backend, { fraction: formats.row });
  const pairs = matrixPairs(design, parameters, bins === null ? columns : { ...columns, host: binsIn(bins.told) });
  const last = (hasExponents(family) ? 1 : 0) + (parameters.residuals ? 1 : 0) + (parameters.earlyStopping ? 1 : 0);
  const left = parameters.epochs - start.step;
  const count = parameters.solver === "sgd" ? Math.max(1, left + last) : null;
  const plain = await openProducts({ side, secrets, store: input.store, ...productPeers(side, peer) }, pairs, {
    count,
    outputs,
  });
  const products =
    bins === null
      ? plain
      : await me.inTurn((turn) => weighedProducts(plain, turn, { ...bins, fraction: formats.entry }));
  if (left > 0) products.beginPass();
  const parts = partsUsed(parameters, rowCount);
  const rowsOfParts = new Map(parts.map((part, i) => [part, pairs[i]!.sizes[side].rows]));
  const others = await Promise.all(
    owners.map((owner, i) =>
      openOwner(owner, { side, columns: opened.others[i]!, outputs, parts: rowsOfParts, secrets }),
    ),
  );
  const values = await sharedRows(me, rows, {
    ...parameters,
    ...start,
    rowCount,
    parts,
    labelMax: family.labelMax(rowCount),
    outputs,
  });
  if (bins !== null)
    await requireSpread(me, values, { rows: rowCount, least: rowsLeast(parameters, [columns.guest, columns.host]) });
  const { intercept } = parameters;
  const about: OpeningOwn = { side, columns, others, formats, start, rows, intercept, outputs, scaled: family.scaled };
  const space = new SharedSpace({
    me,
    products,
    family,
    parts,
    precision: parameters.solver === "sgd" ? "fast" : "full",
    columns,
    others,
    formats,
    penalised: { perRow: parameters.l2 / rowCount, spared: parameters.intercept ? 1 : 0 },
    rowsOf: (part) => values.get(part)!,
    ...(count === null ? {} : { onGradient: beforeBatches(backend, products, { parts, epochs: left }) }),
  });
  if (from !== null) space.begin(wordsOfShares(from.weights), from.iterations.at(-1)!.weights, vectorsOf(from));
  else if (input.earlier !== undefined)
    await space.beginAt(await me.inTurn((backend) => warmStart(backend, design, input.earlier!, { ...about, others })));
  const histogramAt = async (weights: SharedVector): Promise<ResidualHistogram | null> =>
    residualHistogram({
      ...{ me, family, minimumRows: parameters.minimumRows, scale: rows?.scale ?? null },
      predictors: await space.predictorsOf(weights, parts[0]!),
      values: values.get(parts[0]!)!.values,
    });
  const iterations = [...(from?.iterations ?? [])];
  const onIteration = async (
    iteration: Iteration,
    { words }: SharedVector,
    memory: readonly SharedVector[],
  ): Promise<void> => {
    iterations.push(iteration);
    const kept = memory.map((vector) => ({ shares: sharesOf(vector.words), fraction: vector.fraction }));
    await input.onStep?.({ run: start.run, iterations: [...iterations], weights: sharesOf(words), memory: kept });
  };
  const solved = await solve(
    space,
    { ...parameters, rows: rowCount, columns: counted.reduce((sum, count) => sum + count), weighted: start.weighted },
    { signal: input.signal, onIteration },
    iterations.slice(),
  );
  const residuals = parameters.residuals ? await histogramAt(solved.weights) : null;
  const errors = await errorsOf(parameters, solved.converged, async () => ({
    ...{ backend, me, side, design, columns, others, products, formats, family, start },
    predictors: await space.predictors(solved.weights),
    labels: values.get("all")!.values.labels,
    scale: rows === null ? null : unitTold(rows, parameters),
    unit: rows?.unit ?? 1,
  }));
  await Promise.all(others.map((owner) => owner.end({ converged: solved.converged, steps: solved.iterations.length })));
  const opening = { ...about, toGuest: bins !== null };
  const { own: weights, theirs } = await openOwn(me, solved.weights.words, opening);
  await Promise.all([backend.finish(), products.finish()]);
  return {
    run: start.run,
    design,
    errors,
    residuals,
    lookups: theirs === null ? null : lookupTerms(bins?.weights ?? [], theirs),
    ...ownCoefficients(design, weights, outputs),
    converged: solved.converged,
    chosen: solved.chosen,
    iterations: solved.iterations,
    contributions: bins !== null && side === "host" ? weights : contributionsOf(design, parameters, weights),
  };
}

const vectorsOf = ({ memory }: Checkpoint): SharedVector[] =>
  memory.map(({ shares, fraction }) => ({ words: wordsOfShares(shares), fraction }));

/** Makes ahead what the next batches take of both. */
function beforeBatches(
  backend: TwoParty,
  products: ClearProducts,
  { parts, epochs }: { readonly parts: readonly Part[]; readonly epochs: number },
): (part: Part) => void {
  const foresee = foresight(backend, epochs * parts.length);
  return (part) => {
    if (part === parts[0]) products.beginPass();
    foresee();
  };
}

/** Away from the optimum they would mean nothing. */
const errorsOf = async (
  { inference }: RegressionParameters,
  converged: boolean,
  input: () => Promise<ErrorsInput>,
): Promise<StandardErrors | null> => (inference && converged ? standardErrors(await input()) : null);

/** What the host is told the power of two below: of a label in units, and of counts where errors hang on how many they are. */
const unitTold = ({ scale, unit = 1 }: PreparedRows, parameters: RegressionParameters): number =>
  parameters.inference && familyOf(parameters).curvature?.counted === true ? unit : scale;
