/** Who has the columns: goal, messages and guarantees are in asker.ts. */
import { discard, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { type OutputSets, type SumColumns, sumRings } from "@tombolo/crypto";
import { blaming, wrongCount } from "../ciphertexts.ts";
import { AT_ONCE, type LinearMessages, SEED_BYTES } from "./messages.ts";
import type { LinearPlan } from "./plan.ts";
import { blockCount, blockPolynomials, maskPolynomial, packedWords } from "./public.ts";

export type OwnerPeer = Peer<LinearMessages, "owner">;

/** A code of no bin. */
export const NO_BIN = 255;

/** A column's codes are this long: rows of whole blocks. */
export const paddedRows = (rows: number): number => blockCount(rows) * sumRings().size;

/** Column after column. */
export interface BinnedColumns {
  /** A bin a row, `paddedRows` of each column, `NO_BIN` behind the last row. Stays in use. */
  readonly codes: Uint8Array;
  /** Of each column; codes at or above are in no bin. */
  readonly bins: Uint32Array;
}

/** Sums of sets of outputs, of vectors of which the owner holds the encrypted sums; `terms`: vectors behind each. */
export interface Answer {
  readonly sums: SumColumns;
  readonly sets: OutputSets;
  readonly terms: number;
}

interface Opened {
  readonly plan: LinearPlan;
  readonly peer: OwnerPeer;
  readonly secrets: Secrets;
  readonly codes: Uint8Array;
  readonly bins: Uint32Array;
  readonly masks: Uint8Array;
}

export class SumsOwner {
  readonly #opened: Opened;
  #passesLeft: number;

  private constructor(opened: Opened) {
    this.#opened = opened;
    this.#passesLeft = opened.plan.passes;
  }

  /** Receives the asker's seed and sends the hint: the expensive part, once. */
  static async open(plan: LinearPlan, columns: BinnedColumns, peer: OwnerPeer, secrets: Secrets): Promise<SumsOwner> {
    const { wide, size } = sumRings();
    const { codes, bins } = columns;
    if (codes.length !== bins.length * paddedRows(plan.rows)) throw new RangeError("a code a row and column");
    const [seed, own] = [await peer.receive("sumsSeed"), secrets.bytes(SEED_BYTES)];
    await peer.send("sumsMask", own);
    const blocks = blockCount(plan.rows);
    const masks = await wide.trits(secrets.bytes(SEED_BYTES), plan.outputs);
    const a = new BigUint64Array(2 * (blocks + 1) * size);
    a.set(await blockPolynomials(seed, blocks));
    const mask = { binding: peer.binding, asker: peer.party, owner: peer.self, askerSeed: seed, ownerSeed: own };
    a.set(await maskPolynomial(mask), 2 * blocks * size);
    const opened = { plan, peer, secrets, codes, bins, masks };
    await peer.sendEach("sumsHint", hints(opened, a, blocks * size));
    discard(a);
    return new SumsOwner(opened);
  }

  /** Takes in a batch of so many vectors: their encrypted sums over all outputs. */
  async sums(vectors: number): Promise<BigUint64Array> {
    const { plan, peer, codes, bins, masks } = this.#opened;
    const { wide, size, wideBytes } = sumRings();
    const blocks = blockCount(plan.rows);
    const out = new BigUint64Array(2 * plan.outputs * vectors);
    let at = 0;
    for await (const chunk of peer.receiveEach("sumsVectors")) {
      if (at > blocks || chunk.length !== vectors * wideBytes) throw wrongCount(peer.party);
      const block = at++;
      await blaming(peer.party, () =>
        block < blocks
          ? wide.sumBins(out, chunk, codes, blocks * size, block * size, bins)
          : wide.sumMasks(out, chunk, masks),
      );
    }
    if (at !== blocks + 1) throw wrongCount(peer.party);
    return out;
  }

  /** Sends the sums of these sets. */
  async answer(answers: readonly Answer[]): Promise<void> {
    const { plan, peer, secrets } = this.#opened;
    this.#take(answers.reduce((sum, { sums, terms }) => sum + sums.count * terms, 0));
    const parts: BigUint64Array[] = [];
    for (const { sums, sets } of answers)
      parts.push(await sumRings().wide.releaseSums(sums, sets, secrets.bytes(SEED_BYTES), 0, plan.spread));
    const words = new BigUint64Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      words.set(part, at);
      at += part.length;
    }
    if (words.length > 0) await peer.sendEach("sumsAnswers", packedWords(words, AT_ONCE));
  }

  /** Before anything is sent. */
  #take(passes: number): void {
    if (passes > this.#passesLeft)
      throw new TomboloError("protocol.order", "the partner asks for more sums than were agreed", {
        blame: this.#opened.peer.party,
      });
    this.#passesLeft -= passes;
  }
}

/** Encrypted sums of the difference of two vectors. */
export const sumDifference = (a: SumColumns, b: SumColumns): Promise<BigUint64Array> =>
  sumRings().wide.subtractSums(a, b);

async function* hints({ bins, codes, masks, secrets }: Opened, a: BigUint64Array, rows: number) {
  const { wide, size } = sumRings();
  const seed = secrets.bytes(SEED_BYTES);
  let first = 0;
  for (const [f, count] of bins.entries()) {
    const own = masks.subarray(first * size, (first + count) * size);
    const words = await wide.hideBins(a, codes.subarray(f * rows, (f + 1) * rows), own, seed, first);
    yield* packedWords(words, AT_ONCE);
    discard(words);
    first += count;
  }
}
