/** What both sides of silent transfers compute alike: session keys, and the stock that batches fill. */
import { concat, discard, type Secrets, TomboloError, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, sha256 } from "@tombolo/crypto";
import type { TreeKeys } from "../../vole/trees.ts";
import { checkCount } from "../softspoken/steps.ts";
import { Plan } from "./parameters.ts";

export interface SilentOptions {
  readonly secrets: Secrets;
  /** Separates several runs in one session; must differ between them. */
  readonly label: string;
  readonly adversary: "semi-honest" | "malicious";
}

/** Of one run: hashes of one key stay far from where repeats are likely. */
const TOTAL_MAX = 2 ** 36;

const LABEL = {
  session: utf8("tombolo/oblivious-transfer/silent/1/session\0"),
  batch: utf8("tombolo/oblivious-transfer/silent/1/batch\0"),
  code: utf8("tombolo/oblivious-transfer/silent/1/code\0"),
  trees: utf8("tombolo/oblivious-transfer/silent/1/trees\0"),
  weights: utf8("tombolo/oblivious-transfer/silent/1/weights\0"),
  proof: utf8("tombolo/oblivious-transfer/silent/1/proof\0"),
  keys: utf8("tombolo/oblivious-transfer/silent/1/keys\0"),
  bulk: utf8("tombolo/oblivious-transfer/silent/1/bulk\0"),
} as const;

export interface Session {
  readonly id: Uint8Array;
  /** Of the hashes that break the correlation: with numbers, and in bulk. */
  readonly keys: Uint8Array;
  readonly bulk: Uint8Array;
}

export interface BatchKeys extends TreeKeys {
  readonly id: Uint8Array;
}

/** The label of the base transfers of a run. */
export const baseLabel = (label: string): string => `${label}/base`;

const keyOf = async (purpose: Uint8Array, id: Uint8Array): Promise<Uint8Array> =>
  (await sha256(concat(purpose, id))).slice(0, BLOCK_BYTES);

export async function sessionOf(binding: Uint8Array, label: string): Promise<Session> {
  const id = await sha256(concat(LABEL.session, binding, utf8(label)));
  return { id, keys: await keyOf(LABEL.keys, id), bulk: await keyOf(LABEL.bulk, id) };
}

/** Another code and other trees in each batch. */
export async function batchKeys(session: Session, index: number): Promise<BatchKeys> {
  const id = await sha256(concat(LABEL.batch, session.id, new Uint8Array(Uint32Array.of(index).buffer)));
  return { id, salt: await keyOf(LABEL.code, id), hash: await keyOf(LABEL.trees, id) };
}

/** Weights of the check, which nobody knows before the sender's sums are fixed. */
export const weightsOf = ({ id }: BatchKeys, sums: Uint8Array): Promise<Uint8Array> =>
  keyOf(LABEL.weights, concat(id, sums));

export const proofOf = ({ id }: BatchKeys, sum: Uint8Array): Promise<Uint8Array> =>
  sha256(concat(LABEL.proof, id, sum));

/** Blocks of correlated transfers, and the receiver's packed choices. */
export interface Made {
  readonly blocks: Uint8Array;
  readonly choices: Uint8Array;
}

/** Correlated transfers made in batches and given out one after the other, none twice. */
export class Stock {
  readonly #make: (index: number, depth: number) => Promise<Made>;
  #left: Made = { blocks: new Uint8Array(0), choices: new Uint8Array(0) };
  /** Transfers of `#left` given out. */
  #used = 0;
  readonly #plan = new Plan();
  #index = 0;
  #taken = 0;

  constructor(make: (index: number, depth: number) => Promise<Made>) {
    this.#make = make;
  }

  /** Transfers given out, in whole bytes of choices: where the next one's numbers begin. */
  get taken(): number {
    return this.#taken;
  }

  async take(count: number): Promise<Made> {
    checkCount(count);
    const whole = 8 * Math.ceil(count / 8);
    if (this.#taken + whole > TOTAL_MAX)
      throw new TomboloError("resource.transfers", "this run has used up its oblivious transfers", {
        remedy: "Start another run, which begins with new keys.",
      });
    const out = { blocks: new Uint8Array(BLOCK_BYTES * count), choices: new Uint8Array(whole / 8) };
    let done = this.#move(out, 0, whole);
    for (const depth of this.#plan.take(whole)) {
      discard(this.#left.blocks, this.#left.choices);
      this.#left = await this.#make(this.#index++, depth);
      this.#used = 0;
      done += this.#move(out, done, whole);
    }
    this.#taken += whole;
    // Bits beyond the last choice belong to nobody.
    if (count % 8 !== 0) out.choices[out.choices.length - 1]! &= 2 ** (count % 8) - 1;
    return out;
  }

  #move(out: Made, done: number, whole: number): number {
    const { blocks, choices } = this.#left;
    const here = Math.min(blocks.length / BLOCK_BYTES - this.#used, whole - done);
    const from = blocks.subarray(BLOCK_BYTES * this.#used, BLOCK_BYTES * (this.#used + here));
    out.blocks.set(from.subarray(0, out.blocks.length - BLOCK_BYTES * done), BLOCK_BYTES * done);
    out.choices.set(choices.subarray(this.#used / 8, (this.#used + here) / 8), done / 8);
    this.#used += here;
    return here;
  }
}

export const refused = (what: string, party: string): TomboloError =>
  new TomboloError("protocol.oblivious-transfer", what, { stage: "oblivious-transfer", blame: party });
