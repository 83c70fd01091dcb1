/**
 * Random products of words from encryption on rings, many at a time.
 *
 * As Overdrive and Cheetah make them (Keller, Pastro, Rotaru, EUROCRYPT 2018; Huang, Lu, Hong, Ding, USENIX Security 2022), with numbers
 * modulo 2^64 as integers in slots (crypto/src/rlwe/slots.ts). Of a batch one party encrypts its words a, b; the other, which has
 * a', b', answers with a·b' + b·a' under a mask: shares of it modulo T, exact since T is larger. Their sum is the number, or T more;
 * which of both is an "or" of a bit of each party, from one transfer (choosing.ts), and then both have shares modulo 2^64. Squares
 * take a·a' alone, twice. The parties take turns with batches, so that both encrypt and both answer at once.
 *
 * Learns: nothing. Who encrypted sees uniform numbers but for 2^-42 in all attempts at a task together, who answers sees ciphertexts.
 * Adversary: semi-honest; assumption: learning with errors over rings, 128 bits, and those of the transfers.
 *
 * Keys once. Of each batch of 8,192 products 1,130 kB one way and 565 kB the other (squares 565 both), and 12 bytes a product; four rounds
 * for up to eight batches, and two for each eight more, of which one goes beside the next one's.
 */
import { discard, type Secrets } from "@tombolo/base";
import { type Shares, SLOTS, SLOTS_PRODUCT } from "@tombolo/crypto";
import { parts } from "../parts.ts";
import { bitsAsWords } from "./choosing.ts";
import type { ProductSource, Squares, Triples } from "./correlations.ts";
import { wordsOf } from "./packed.ts";
import { multiplyWords } from "./ring.ts";
import { batchesOf, type SlotCipher } from "./slot-cipher.ts";
import { PART_TRANSFERS, type TransferSource } from "./transfers.ts";
import type { Role, Wire } from "./wire.ts";

/** Batches of one direction in a message. */
const AT_ONCE = 4;

export interface SlotOptions {
  readonly source: TransferSource;
  readonly wire: Wire;
  readonly secrets: Secrets;
  readonly cipher: SlotCipher;
}

/** Counts are multiples of SLOTS. */
export function slotProducts(options: SlotOptions): Omit<ProductSource, "matrixTriple"> {
  const sums = crossSums(options);
  const random = (count: number): BigUint64Array => wordsOf(options.secrets.bytes(8 * count));
  return {
    async triples(count): Promise<Triples> {
      const [a, b] = [random(count), random(count)];
      const cross = await sums([a, b], [b, a]);
      const c = multiplyWords(a, b);
      for (let i = 0; i < count; i++) c[i] = c[i]! + cross[i]!;
      return { a, b, c };
    },
    async squares(count): Promise<Squares> {
      const a = random(count);
      const cross = await sums([a], [a]);
      const c = multiplyWords(a, a);
      for (let i = 0; i < count; i++) c[i] = c[i]! + 2n * cross[i]!;
      return { a, c };
    },
  };
}

/** Words of a message each way. */
const PART = 2 * AT_ONCE * SLOTS;

/** Of a part's batches those that this party encrypts, and those that it answers. */
interface Part {
  readonly from: number;
  readonly asking: readonly [number, number];
  readonly answering: readonly [number, number];
}

function* partsOf(count: number, role: Role): Generator<Part> {
  for (let from = 0; from < count; from += PART) {
    const end = Math.min(count, from + PART);
    const middle = from + Math.ceil((end - from) / SLOTS / 2) * SLOTS;
    const halves = [[from, middle] as const, [middle, end] as const] as const;
    const [asking, answering] = role === "first" ? halves : ([halves[1], halves[0]] as const);
    yield { from, asking, answering };
  }
}

const batchCount = ([from, to]: readonly [number, number]): number => (to - from) / SLOTS;

/**
 * Shares of the sums over k of (first's encrypted[k])·(second's factors[k]) where the first encrypts, in the first half of each part's batches,
 * and with the parties exchanged in the second half.
 */
function crossSums({ wire, source, cipher }: SlotOptions) {
  let keysSent = false;
  const choosing = { wire, correlations: { transfers: wordTransfers(source) } };
  return async (encrypted: readonly BigUint64Array[], factors: readonly BigUint64Array[]): Promise<BigUint64Array> => {
    const [count, terms] = [encrypted[0]!.length, encrypted.length];
    const [low, large] = [new BigUint64Array(count), new Uint8Array(count / 8)];
    if (!keysSent) await cipher.take(await wire.exchange("Keys", await cipher.key(), cipher.keyBytes), wire.party);
    keysSent = true;
    const sealed = (part: Part | undefined): Promise<Uint8Array> | undefined =>
      part && cipher.seal(batchesOf(encrypted, part.asking));
    const ask = (part: Part, asked: Uint8Array): Promise<Uint8Array> =>
      handled(wire.exchange("Factors", asked, cipher.factorBytes(terms * batchCount(part.answering))));
    const put = (shares: Shares, [from]: readonly [number, number]): void => {
      low.set(shares.low, from);
      large.set(shares.large, from / 8);
    };
    const open = async (part: Part, made: Uint8Array): Promise<void> => {
      const answers = await wire.exchange("Answers", made, cipher.answerBytes(batchCount(part.asking)));
      put(await cipher.open(answers, batchCount(part.asking), wire.party), part.asking);
      discard(made, answers);
    };

    // The next part's factors go out before this one's answers, and are on their way while those are opened.
    const all = [...partsOf(count, wire.role)];
    let asked = await sealed(all[0]);
    let coming = ask(all[0]!, asked!);
    const opening: Promise<void>[] = [];
    for (const [i, part] of all.entries()) {
      const theirs = await coming;
      discard(asked!);
      const answered = cipher.answer(theirs, batchesOf(factors, part.answering), terms, wire.party);
      const [made, next] = await Promise.all([answered, sealed(all[i + 1])]);
      discard(theirs);
      put(made.shares, part.answering);
      asked = next;
      if (next !== undefined) coming = ask(all[i + 1]!, next);
      opening.push(handled(open(part, made.bytes)));
    }
    await Promise.all(opening);

    for (const [from, to] of parts(count, PART_TRANSFERS)) {
      const wrapped = await bitsAsWords(large.subarray(from / 8, to / 8), to - from, -1n, choosing);
      for (let i = from; i < to; i++) low[i] = low[i]! - BigInt.asUintN(64, wrapped[i - from]! * SLOTS_PRODUCT);
    }
    return low;
  };
}

/** Awaited later, unless something else fails first. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Fewer of each direction than are made at once. */
function wordTransfers(source: TransferSource) {
  return async (_: "words", sent: number, received: number) => {
    const made = await source.bulk(sent, received, { kind: "words" });
    const half = made.sent.length / 2;
    return { sent: { zero: made.sent.subarray(0, half), one: made.sent.subarray(half) }, received: made.received };
  };
}
