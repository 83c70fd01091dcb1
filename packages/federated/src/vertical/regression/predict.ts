/**
 * Scores of aligned rows with coefficients that stay apart, in one round for any number of rows.
 *
 * Learns: guest - of each row the host's total, Σ coefficient · (value - mean), rounded; hence the score.
 * host - the number of rows scored, and with which model. Nothing of a row.
 * Must not learn: single values or coefficients of the other side. A total of few columns tells much about them: who runs this
 * has to see to a least number of columns (components/regression-predict), not counting those with a coefficient of 0. Rounding leaves few
 * digits to take a total of several columns apart by, and hides nothing of one column alone.
 * Adversary: semi-honest. A cheating host can make scores wrong, and only that.
 *
 *  1 guest -> host  request   number of rows, from which on, the model's id
 *  2 host -> guest  totals    eight bytes a row, in chunks (2 rounds in all)
 */
import { type Column, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { RowSource } from "../boosting/index.ts";
import { termValues } from "./design.ts";
import { movedBy } from "./explain.ts";
import { type ScalarRules, scalarFamilyOf } from "./families/index.ts";
import type { predictionMessages } from "./messages.ts";
import type { GuestModel, HostModel } from "./model.ts";

export const CHUNK_ROWS = 8192;

export interface Progressed {
  readonly rows: RowSource;
  readonly signal?: AbortSignal;
  /** Rows done so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface GuestPredictInput extends Progressed {
  readonly model: GuestModel;
  /** Rows before this one have their scores already. */
  readonly first?: number;
  /** Also what moved each score (explain.ts). */
  readonly explained?: boolean;
  /** Takes the scores of the next rows, in order, and what moved them; null: not asked for. */
  readonly take: (scores: Float64Array, moved: Float64Array | null) => Promise<void>;
}

export type HostPredictPeer = Peer<typeof predictionMessages, "host">;

export interface HostPredictInput extends Progressed {
  readonly model: HostModel;
}

/** `peer` null: the model has no host. */
export async function predictGuest(
  input: GuestPredictInput,
  peer: Peer<typeof predictionMessages, "guest"> | null,
): Promise<void> {
  const { rows, first = 0, onProgress } = input;
  if (peer !== null) await requestRows(input, peer);
  const answers = peer?.receiveEach("totals")[Symbol.asyncIterator]();
  let done = first;
  for await (const chunk of ownChunks(input)) {
    const theirs = await answers?.next();
    if (theirs !== undefined && (theirs.done === true || theirs.value.length !== chunk.own.length))
      throw new TomboloError("protocol.malformed", "the host's answer has a wrong length", { blame: peer!.party });
    await takeChunk(input, chunk, theirs?.value ?? null);
    done += chunk.own.length;
    onProgress?.(done, rows.rowCount);
  }
  if (answers !== undefined && (await answers.next()).done !== true)
    throw new TomboloError("protocol.malformed", "the host answers for rows that were not asked", {
      blame: peer!.party,
    });
}

interface Requested {
  readonly model: { readonly modelId: string };
  readonly rows: RowSource;
  readonly first?: number;
}

export const requestRows = (
  { model, rows, first = 0 }: Requested,
  peer: Peer<typeof predictionMessages, "guest">,
  { unit = null, chunkRows = CHUNK_ROWS }: { readonly unit?: number | null; readonly chunkRows?: number } = {},
): Promise<void> => peer.send("request", { rows: rows.rowCount, first, chunkRows, modelId: model.modelId, unit });

/** The scores of a chunk, with each row's total of all hosts; null: there are none. */
export function takeChunk(
  { model, explained = false, take }: GuestPredictInput,
  { own: parts, columns }: OwnChunk,
  theirs: Float64Array | null,
): Promise<void> {
  const family = scalarFamilyOf(model);
  const scores = parts.map((own, row) =>
    predictedMean(family, model, { own, theirs: theirs === null ? [] : [theirs[row]!] }),
  );
  return take(scores, explained ? movedBy(model, columns, parts.length, theirs) : null);
}

interface OwnChunk {
  /** The guest's part of each row's linear predictor, without the intercept. */
  readonly own: Float64Array;
  readonly columns: readonly Column[];
}

export async function* ownParts(input: GuestPredictInput): AsyncIterable<Float64Array> {
  for await (const { own } of ownChunks(input)) yield own;
}

export async function* ownChunks({ model, rows, first = 0, signal }: GuestPredictInput): AsyncIterable<OwnChunk> {
  let done = first;
  for await (const columns of rows.chunks(first, CHUNK_ROWS)) {
    signal?.throwIfAborted();
    const count = Math.min(CHUNK_ROWS, rows.rowCount - done);
    const own = totals(model, columns, count);
    const offsets = model.offset === null ? null : offsetOf(columns, model.offset);
    yield { own: offsets === null ? own : own.map((part, row) => part + offsets[row]!), columns };
    done += count;
  }
}

export async function predictHost(
  input: HostPredictInput,
  peer: Peer<typeof predictionMessages, "host">,
): Promise<void> {
  const { first, chunkRows } = await acceptRequest(input, peer);
  await peer.sendEach("totals", roundedTotals(input, first, chunkRows));
}

export async function acceptRequest({ model, rows }: Requested, peer: Peer<typeof predictionMessages, "host">) {
  const request = await peer.receive("request");
  if (request.modelId !== model.modelId)
    throw new TomboloError("protocol.agreement", "guest and host hold parts of different models");
  if (request.rows !== rows.rowCount || request.first > rows.rowCount)
    throw new TomboloError("protocol.rows", "guest and host have different numbers of rows");
  return request;
}

export async function* roundedTotals(
  input: HostPredictInput,
  first: number,
  chunkRows: number,
): AsyncIterable<Float64Array> {
  for await (const exact of totalsInChunks(input, first, chunkRows))
    yield exact.map((total) => roundedTotal(input.model, total));
}

export async function* totalsInChunks(
  { model, rows, signal, onProgress }: HostPredictInput,
  first: number,
  chunkRows: number,
): AsyncIterable<Float64Array> {
  let done = first;
  for await (const columns of rows.chunks(first, chunkRows)) {
    signal?.throwIfAborted();
    const count = Math.min(chunkRows, rows.rowCount - done);
    yield totals(model, columns, count);
    done += count;
    onProgress?.(done, rows.rowCount);
  }
}

/** What a host's total of a row is when it leaves the host. */
export const roundedTotal = ({ quantum }: HostModel, total: number): number => quantum * Math.round(total / quantum);

export interface RowParts {
  /** With the offset, where there is one. */
  readonly own: number;
  /** Rounded totals of the hosts. */
  readonly theirs: readonly number[];
}

/** The score of a row. */
export const predictedMean = (
  { mean }: Pick<ScalarRules, "mean">,
  { intercept }: Pick<GuestModel, "intercept">,
  { own, theirs }: RowParts,
): number => mean(theirs.reduce((sum, total) => sum + total, own + intercept));

/** Of each row, over the own terms. */
export function totals(
  { terms, missing }: GuestModel | HostModel,
  columns: readonly Column[],
  count: number,
): Float64Array {
  const out = new Float64Array(count);
  termValues(terms, columns, missing).forEach((values, i) => {
    const factor = terms[i]!.coefficient * terms[i]!.scale;
    for (let row = 0; row < count; row++) out[row]! += factor * values[row]!;
  });
  return out;
}

/** Digits of the spread of a host's totals that rounding leaves. */
const QUANTUM_BITS = 12;

/** A power of two. */
export function quantumOf(own: Float64Array): number {
  const spread = Math.sqrt(own.reduce((sum, total) => sum + total ** 2, 0) / own.length);
  return 2 ** (Math.floor(Math.log2(Math.max(spread, Number.MIN_VALUE * 2 ** 64))) - QUANTUM_BITS);
}

function offsetOf(columns: readonly Column[], name: string): Float64Array {
  const column = columns.find((each) => each.name === name);
  if (column?.kind === "number" && column.values.every(Number.isFinite)) return column.values;
  throw new TomboloError("input.offset", "the model's offset is missing in the table, or in some rows", {
    detail: { column: name },
  });
}
