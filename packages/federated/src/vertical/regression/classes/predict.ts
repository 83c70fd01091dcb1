/**
 * Probabilities of several classes for aligned rows, with coefficients that stay apart, in one round for any number of rows.
 *
 * Learns: guest - of each row the host's total for each class, Σ coefficient · (value - mean), rounded; hence the probabilities. Of a
 * multinomial model only how far the totals are from that of the first class: all else leaves probabilities as they are.
 * host - the number of rows scored, and with which model. Nothing of a row.
 * Must not learn: single values or coefficients of the other side. As many totals as the host has columns would tell these up to
 * a change of basis: who runs this has to see to columns beyond them (components/regression-predict).
 * Adversary: semi-honest. A cheating host can make probabilities wrong, and only that.
 *
 *  1 guest -> host  request   number of rows, from which on, the model's id
 *  2 host -> guest  totals    eight bytes a row and total, in chunks (2 rounds in all)
 */
import { type Column, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { termValues } from "../design.ts";
import { type ClassRules, classFamilyOf } from "../families/index.ts";
import { type PredictionRequest, type predictionMessages, TOTALS_AT_ONCE } from "../messages.ts";
import { acceptRequest, type Progressed, requestRows } from "../predict.ts";
import type { ClassTerm, GuestClassModel, HostClassModel } from "./model.ts";

const CHUNK_ROWS = 8192;

export interface GuestClassInput extends Progressed {
  readonly model: GuestClassModel;
  /** Rows before this one have their scores already. */
  readonly first?: number;
  /** Takes those of the next rows, in order; of a row the probabilities of all classes one after another. */
  readonly take: (scores: Float64Array) => Promise<void>;
}

export interface HostClassInput extends Progressed {
  readonly model: HostClassModel;
}

/** `peer` null: the model has no host. */
export async function predictClassesGuest(
  input: GuestClassInput,
  peer: Peer<typeof predictionMessages, "guest"> | null,
): Promise<void> {
  const { model, rows, first = 0, take, onProgress } = input;
  const classes = model.intercepts.length;
  const rules = classFamilyOf({ family: model.family, classes });
  if (peer !== null) await requestRows(input, peer, { chunkRows: chunkRowsOf(classes) });
  const answers = peer?.receiveEach("totals")[Symbol.asyncIterator]();
  let done = first;
  for await (const own of ownPredictors(input)) {
    const count = own.length / classes;
    const theirs = await answers?.next();
    if (theirs !== undefined && (theirs.done === true || theirs.value.length !== count * rules.toldTotals))
      throw new TomboloError("protocol.malformed", "the host's answer has a wrong length", { blame: peer!.party });
    await take(probabilitiesOf(rules, own, theirs?.value ?? null));
    done += count;
    onProgress?.(done, rows.rowCount);
  }
  if (answers !== undefined && (await answers.next()).done !== true)
    throw new TomboloError("protocol.malformed", "the host answers for rows that were not asked", {
      blame: peer!.party,
    });
}

/** Of rows, from the guest's predictors and what was told of the hosts' totals; null: there is no host. */
export function probabilitiesOf(rules: ClassRules, own: Float64Array, told: Float64Array | null): Float64Array {
  const { outputs: classes, toldTotals } = rules;
  const untold = classes - toldTotals; // the first class, at 0
  const out = new Float64Array(own.length);
  for (let row = 0; row < own.length / classes; row++) {
    const predictors = Array.from(
      own.subarray(row * classes, (row + 1) * classes),
      (part, c) => part + (c < untold || told === null ? 0 : told[row * toldTotals + c - untold]!),
    );
    out.set(rules.probabilities(predictors), row * classes);
  }
  return out;
}

export async function predictClassesHost(
  input: HostClassInput,
  peer: Peer<typeof predictionMessages, "host">,
): Promise<void> {
  const { first } = await acceptClassRequest(input, peer, null);
  await peer.sendEach("totals", roundedTotals(input, first));
}

/** Throws `protocol.malformed` for chunks or a unit that this model is not asked with. */
export async function acceptClassRequest(
  input: HostClassInput,
  peer: Peer<typeof predictionMessages, "host">,
  unit: number | null,
): Promise<PredictionRequest> {
  const request = await acceptRequest(input, peer);
  if (request.unit === unit && request.chunkRows === chunkRowsOf(input.model.classes)) return request;
  throw new TomboloError("protocol.malformed", "the guest asks for what such a model does not tell", {
    blame: peer.party,
  });
}

async function* roundedTotals(input: HostClassInput, first: number): AsyncIterable<Float64Array> {
  const { quantum } = input.model;
  for await (const totals of toldTotals(input, first))
    yield totals.map((total) => quantum * Math.round(total / quantum));
}

/** Those that tell probabilities, not rounded. */
export async function* toldTotals(input: HostClassInput, first: number): AsyncIterable<Float64Array> {
  const { classes, family } = input.model;
  const told = classFamilyOf({ family, classes }).toldTotals;
  const untold = classes - told;
  for await (const totals of hostTotals(input, first))
    yield Float64Array.from({ length: (totals.length / classes) * told }, (_, i) => {
      const at = Math.floor(i / told) * classes;
      return totals[at + untold + (i % told)]! - (untold > 0 ? totals[at]! : 0);
    });
}

/** What goes as one message has room for so many rows. */
export const chunkRowsOf = (classes: number): number => Math.min(CHUNK_ROWS, Math.floor(TOTALS_AT_ONCE / classes));

/** The guest's part of each row's predictors, intercepts included, in chunks of whole rows. */
export async function* ownPredictors(input: GuestClassInput): AsyncIterable<Float64Array> {
  const { intercepts } = input.model;
  for await (const totals of chunksOf(input, { classes: intercepts.length, first: input.first ?? 0 }))
    yield totals.map((total, i) => total + intercepts[i % intercepts.length]!);
}

export async function* hostTotals(input: HostClassInput, first: number): AsyncIterable<Float64Array> {
  let done = first;
  for await (const totals of chunksOf(input, { classes: input.model.classes, first })) {
    yield totals;
    done += totals.length / input.model.classes;
    input.onProgress?.(done, input.rows.rowCount);
  }
}

interface ChunksInput extends Progressed {
  readonly model: Pick<HostClassModel, "terms" | "missing">;
}

async function* chunksOf(
  { model, rows, signal }: ChunksInput,
  { classes, first }: { readonly classes: number; readonly first: number },
): AsyncIterable<Float64Array> {
  let done = first;
  for await (const columns of rows.chunks(first, chunkRowsOf(classes))) {
    signal?.throwIfAborted();
    const count = Math.min(chunkRowsOf(classes), rows.rowCount - done);
    yield classTotals(model, columns, { classes, count });
    done += count;
  }
}

/** Of each row its totals for all classes one after another. */
export function classTotals(
  { terms, missing }: { readonly terms: readonly ClassTerm[]; readonly missing: HostClassModel["missing"] },
  columns: readonly Column[],
  { classes, count }: { readonly classes: number; readonly count: number },
): Float64Array {
  const out = new Float64Array(count * classes);
  termValues(terms, columns, missing).forEach((values, i) => {
    const { coefficients, scale } = terms[i]!;
    for (let c = 0; c < classes; c++) {
      const factor = coefficients[c]! * scale;
      for (let row = 0; row < count; row++) out[row * classes + c]! += factor * values[row]!;
    }
  });
  return out;
}
