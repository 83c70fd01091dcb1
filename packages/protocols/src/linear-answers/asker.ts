/**
 * Sums of one party's secret numbers over the bins of another's secret columns, exact, many vectors for one matrix.
 *
 * Henzinger, Hong, Corrigan-Gibbs, Meiklejohn, Vaikuntanathan, "One Server for the Price of Two: Simple and Fast Single-Server Private
 * Information Retrieval" (SimplePIR), USENIX Security 2023: fixed public polynomials, a hint of the matrix, additions alone on line.
 * Deviations: over rings; the hint is itself a ciphertext (masked by an error and by the product of a public polynomial with a secret
 * of the matrix's owner, undone on line by a term of the answer), so that it tells nothing of the matrix and may be sent; answers are flooded
 * and rounded to one prime, and so is the hint.
 *
 * 1, 2. seeds of the public polynomials: one for each block of rows from the asker, one more from both.
 * 3. owner -> asker: for each output o, H_o = sum over blocks of a_k·m_ok + a'·r_o + e_o, rounded; m_ok has X^-i for rows i in o.
 * then by turns
 * 4. asker -> owner: for each vector, with a fresh secret s, c_k = a_k·s + e_k + delta·numbers and c' = a'·s + e'.
 * 5. owner -> asker: of sets of outputs, the sum of c's coefficients at their rows, and of c' at r's, flooded, rounded.
 *    The asker takes off the constant coefficients of H·s and has delta times the sum.
 *
 * The asker learns the sums it was answered, within 2^-40 of that alone in the whole job; sizes. The owner learns sizes. Adversary:
 * semi-honest; see README.md for what either gains by lying. Assumption: learning with errors over rings, 128 bits.
 */

import type { Peer } from "@tombolo/channel";
import { type OutputSets, type SumColumns, sumRings } from "@tombolo/crypto";
import type { LinearMessages } from "./messages.ts";
import type { LinearPlan } from "./plan.ts";
import { collectWords, maskPolynomial } from "./public.ts";
import type { VectorBatch, VectorSource } from "./vectors.ts";

export type AskerPeer = Peer<LinearMessages, "asker">;

/** What the asker wants opened: sets of outputs, of vectors whose phases it has, and the least value of each vector's sums. */
export interface Question {
  readonly phases: SumColumns;
  readonly sets: OutputSets;
  /** By vector. */
  readonly least: BigInt64Array;
}

export class Asker {
  readonly #plan: LinearPlan;
  readonly #peer: AskerPeer;
  readonly #hint: BigUint64Array;
  readonly #mask: BigUint64Array;
  readonly #blocks: number;

  private constructor(plan: LinearPlan, peer: AskerPeer, hint: BigUint64Array, mask: BigUint64Array, blocks: number) {
    this.#plan = plan;
    this.#peer = peer;
    this.#hint = hint;
    this.#mask = mask;
    this.#blocks = blocks;
  }

  /** One source serves any number of owners. */
  static async open(plan: LinearPlan, source: VectorSource, peer: AskerPeer): Promise<Asker> {
    await peer.send("sumsSeed", source.seed);
    const mask = await maskPolynomial({
      binding: peer.binding,
      asker: peer.self,
      owner: peer.party,
      askerSeed: source.seed,
      ownerSeed: await peer.receive("sumsMask"),
    });
    const words = plan.outputs * sumRings().size;
    const hint = await collectWords(peer.receiveEach("sumsHint"), words, peer.party);
    return new Asker(plan, peer, hint, mask, source.blocks);
  }

  /** Sends the batch. Its phases: of each output, what to take off each vector's answer. */
  async send(batch: VectorBatch): Promise<BigUint64Array> {
    const [phases] = await Promise.all([
      sumRings().narrow.phases(this.#hint, batch.secretSeed, batch.count),
      this.#peer.sendEach("sumsVectors", this.#blocksOf(batch)),
    ]);
    return phases;
  }

  /** Answers to all questions, in their order: of each set and vector its sum. */
  async receive(questions: readonly Question[]): Promise<Float64Array[]> {
    const counts = questions.map(({ phases, sets }) => phases.count * (sets.offsets.length - 1));
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return questions.map(() => new Float64Array(0));
    const words = await collectWords(this.#peer.receiveEach("sumsAnswers"), total, this.#peer.party);
    let at = 0;
    return Promise.all(
      questions.map(({ phases, sets, least }, i) => {
        at += counts[i]!;
        const own = words.subarray(at - counts[i]!, at);
        return sumRings().narrow.openSums(phases, sets, own, this.#plan.delta, least);
      }),
    );
  }

  async *#blocksOf(batch: VectorBatch): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.#blocks; at++) yield await batch.block(at);
    yield await batch.mask(this.#mask);
  }
}

/** Phases of the difference of two vectors. */
export const phaseDifference = (a: SumColumns, b: SumColumns): Promise<BigUint64Array> =>
  sumRings().narrow.subtractSums(a, b);
