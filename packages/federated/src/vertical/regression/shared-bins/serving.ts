/**
 * A regression on shared bins as serving has it (vertical/serving): the guest knows what each bin adds, the host each row's bins.
 *
 * v_cb is what bin b of column c adds, in whole units of the model's `quantum`; G generates the group, K = s·G (crypto, ElGamal).
 *
 *  1 guest -> host  once    K, and of each bin (r·G, r·K + v_cb·G), of each column also for rows in none of its bins
 *  2 host -> guest  opened, and for each id the sum of the ciphertexts of the row's bins and a fresh one of 0
 *  The guest finds Σ v_cb among the sums that there can be, and multiplies it by the quantum: what batch scoring gives (predict.ts).
 *
 * Learns: guest - each row's total, in units of `quantum`; answers are perfectly independent of the bins but for it, however many there
 * are. host - nothing beyond vertical/serving. Must not learn: guest - the bins, but for what totals tell of them (components, regression-predict
 * and regression-serve see to it that there are many more sets of bins than totals). host - what a bin adds.
 * Assumption: decisional Diffie-Hellman in the prime-order group of edwards25519, 128 bits; against the guest none.
 * Adversary: semi-honest, one of the two. A guest that encrypts other numbers than its part has is told more: with powers of the number of bins
 * all bins of a row. A host that answers with what is no possible sum ends the service. Until then each such answer that passes tells it
 * something: by multiples of one bin's ciphertext, larger from ask to ask, about what that bin adds, once a deployment.
 */
import { concat, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { addToBins, ELGAMAL_CIPHERTEXT_BYTES, ElGamalSecretKey, emptySums, releaseSums } from "@tombolo/crypto";
import { blaming } from "@tombolo/protocols/ciphertexts";
import type { AnswerForm, BinnedColumn, HostForm, UsedColumn } from "../../serving/form.ts";
import { type HostAnswer, ServingHost } from "../../serving/guest.ts";
import type { HostServeInput } from "../../serving/host.ts";
import { KNOWN } from "../../serving/store.ts";
import { LOOKUPS_AT_ONCE } from "../messages.ts";
import { servingDigest, type servingMessages, TOTAL_BYTES } from "../serving.ts";
import { notBinned } from "./bins.ts";
import type { GuestBinsModel, HostBinsModel } from "./model.ts";
import { addedBy } from "./predict.ts";

type GuestEnd = Peer<typeof servingMessages, "guest">;
type HostEnd = Peer<typeof servingMessages, "host">;

/** Sums are found among so many numbers. */
const RANGE_MAX = 2 ** 26;

/** A byte a column: its bin, and after the last one for none. */
export function hostBinsForm({ columns }: HostBinsModel): HostForm {
  const used = columns.map(({ column: name, bins }): UsedColumn => {
    const codes = new Map(bins.map((bin, code) => [bin, code]));
    return { name, kind: "text", codes, required: false };
  });
  const binOf = ({ codes }: UsedColumn, code: number): number => (Number.isNaN(code) ? codes.size : code);
  return {
    columns: used,
    watched: used.map(
      (column): BinnedColumn => ({
        ...{ name: column.name, bins: column.codes.size + 1 },
        binOf: (code) => binOf(column, code),
      }),
    ),
    bytes: used.length,
    write(values, at, out, outAt) {
      for (const [c, column] of used.entries()) {
        const code = values[at + c]!;
        if (code === column.codes.size) throw notBinned(column.name);
        out[outAt + c] = binOf(column, code);
      }
    },
  };
}

/** What the guest can open; nothing is known of it before that. */
const cipherForm: AnswerForm = { bytes: ELGAMAL_CIPHERTEXT_BYTES, sound: () => true };

/** The host's: takes what each bin adds, and then makes totals of what rows are kept as. */
export async function openTotals(
  { columns }: HostBinsModel,
  peer: HostEnd,
  secrets: Secrets,
): Promise<NonNullable<HostServeInput["seal"]>> {
  const first: number[] = [];
  let entries = 0;
  for (const { bins } of columns) {
    first.push(entries);
    entries += bins.length + 1;
  }
  const publicKey = await peer.receive("lookupKey");
  const added = await receiveAdded(peer, entries);
  await blaming(peer.party, async () => releaseSums(await sumOfAll(added), publicKey, secrets));
  const placesOf = (bins: Uint8Array): number[] => first.map((place, c) => place + bins[c]!);
  return async (_ask, answers) => {
    const width = 1 + columns.length;
    const known = [...Array(answers.length / width).keys()].filter((row) => answers[row * width] === KNOWN);
    const places = known.map((row) => placesOf(answers.subarray(row * width + 1, (row + 1) * width)));
    const sums = await blaming(peer.party, async () => releaseSums(await summed(added, places), publicKey, secrets));
    const out = new Uint8Array((answers.length / width) * (1 + ELGAMAL_CIPHERTEXT_BYTES));
    for (let row = 0; row * width < answers.length; row++)
      out[row * (1 + ELGAMAL_CIPHERTEXT_BYTES)] = answers[row * width]!;
    known.forEach((row, i) => {
      out.set(ciphertextAt(sums, i), row * (1 + ELGAMAL_CIPHERTEXT_BYTES) + 1);
    });
    return out;
  };
}

/** Of each row the sum of the ciphertexts at its places. */
async function summed(added: Uint8Array, places: readonly (readonly number[])[]): Promise<Uint8Array> {
  const sums = emptySums(places.length);
  const rowsAtOnce = Math.max(1, Math.floor(LOOKUPS_AT_ONCE / Math.max(1, places[0]?.length ?? 0)));
  for (let from = 0; from < places.length; from += rowsAtOnce) {
    const some = places.slice(from, from + rowsAtOnce);
    const picked = some.flatMap((row) => row.map((place) => ciphertextAt(added, place)));
    const codes = some.flatMap((row, i) => row.map(() => i));
    const own = sums.subarray(from * ELGAMAL_CIPHERTEXT_BYTES, (from + some.length) * ELGAMAL_CIPHERTEXT_BYTES);
    await addToBins(own, concat(...picked), Uint16Array.from(codes), Uint32Array.of(some.length));
  }
  return sums;
}

/** Before the first question it is known that all of them are ciphertexts. */
async function sumOfAll(added: Uint8Array): Promise<Uint8Array> {
  const sum = emptySums(1);
  const width = LOOKUPS_AT_ONCE * ELGAMAL_CIPHERTEXT_BYTES;
  for (let at = 0; at < added.length; at += width) {
    const some = added.subarray(at, at + width);
    await addToBins(sum, some, new Uint16Array(some.length / ELGAMAL_CIPHERTEXT_BYTES), Uint32Array.of(1));
  }
  return sum;
}

async function receiveAdded(peer: HostEnd, entries: number): Promise<Uint8Array> {
  const added = new Uint8Array(entries * ELGAMAL_CIPHERTEXT_BYTES);
  let at = 0;
  for await (const chunk of peer.receiveEach("lookupAdded")) {
    if (at + chunk.length > added.length) throw otherBins(peer.party);
    added.set(chunk, at);
    at += chunk.length;
  }
  if (at !== added.length) throw otherBins(peer.party);
  return added;
}

const ciphertextAt = (from: Uint8Array, place: number): Uint8Array =>
  from.subarray(place * ELGAMAL_CIPHERTEXT_BYTES, (place + 1) * ELGAMAL_CIPHERTEXT_BYTES);

/** What bins add, column after column, above the least of the column; rows in none after its last bin. */
interface LookUps {
  readonly above: Uint32Array;
  /** Of a row whose bins all add the least. */
  readonly least: number;
  readonly range: number;
}

/** Throws `input.model`. */
function lookUpsOf({ lookups: { columns, quantum } }: GuestBinsModel): LookUps {
  const { bins, none } = addedBy(columns, quantum, Number.MAX_SAFE_INTEGER);
  let [at, least, range] = [0, Number(none), 0];
  const above = columns.flatMap(({ woe }) => {
    const own = [...bins.subarray(at, at + woe.length), 0n].map((word) => Number(BigInt.asIntN(64, word)));
    at += woe.length;
    const lowest = Math.min(...own);
    least += lowest;
    range += Math.max(...own) - lowest;
    return own.map((each) => each - lowest);
  });
  if (range <= RANGE_MAX) return { above: Uint32Array.from(above), least, range };
  throw new TomboloError("input.model", "totals of this model have too many values to be served", {
    remedy: "Score tables with it, or merge its rarest bins.",
  });
}

/** The guest's session with the host: ciphertexts become totals. */
export class TotalsOfBins {
  /** Rejects when the session ends before its time, or the host says what is no total. */
  readonly done: Promise<void>;
  readonly #host: ServingHost;
  readonly #open: (ciphertexts: Uint8Array) => Promise<Float64Array>;
  readonly #broken = Promise.withResolvers<never>();

  static async open(model: GuestBinsModel, peer: GuestEnd, secrets: Secrets): Promise<TotalsOfBins> {
    const { above, least, range } = lookUpsOf(model);
    const key = await ElGamalSecretKey.generate(secrets);
    await peer.send("lookupKey", key.publicKey);
    await peer.sendEach("lookupAdded", encrypted(above, key, secrets));
    const host = await ServingHost.open(await servingDigest(model), cipherForm, peer);
    return new TotalsOfBins(host, async (ciphertexts) => {
      const limits = new Uint32Array(ciphertexts.length / ELGAMAL_CIPHERTEXT_BYTES).fill(range);
      const sums = await blaming(peer.party, () => key.open(ciphertexts, limits));
      return Float64Array.from(sums, (sum) => model.lookups.quantum * (sum + least));
    });
  }

  private constructor(host: ServingHost, open: (ciphertexts: Uint8Array) => Promise<Float64Array>) {
    this.#host = host;
    this.#open = open;
    this.done = Promise.race([host.done, this.#broken.promise]);
    this.done.catch(() => {}); // whoever asks hears of it too
  }

  get wear(): number {
    return this.#host.wear;
  }

  /** Answers hold the total of each row as those of other regressions do. */
  async ask(ids: Uint8Array): Promise<HostAnswer> {
    const { status, bits, width } = await this.#host.ask(ids);
    const known = [...status.keys()].filter((row) => status[row] === KNOWN);
    const totals = await this.#opened(concat(...known.map((row) => bits.subarray(row * width, (row + 1) * width))));
    const out = new DataView(new ArrayBuffer(status.length * TOTAL_BYTES));
    known.forEach((row, i) => {
      out.setFloat64(row * TOTAL_BYTES, totals[i]!, true);
    });
    return { status, bits: new Uint8Array(out.buffer), width: TOTAL_BYTES };
  }

  /** What was asked is answered, then both streams end. */
  end(): Promise<void> {
    return this.#host.end();
  }

  async #opened(ciphertexts: Uint8Array): Promise<Float64Array> {
    try {
      return await this.#open(ciphertexts);
    } catch (error) {
      this.#broken.reject(error);
      throw error;
    }
  }
}

async function* encrypted(values: Uint32Array, key: ElGamalSecretKey, secrets: Secrets): AsyncIterable<Uint8Array> {
  for (let at = 0; at < values.length; at += LOOKUPS_AT_ONCE)
    yield await key.encryptNumbers(values.subarray(at, at + LOOKUPS_AT_ONCE), secrets);
}

const otherBins = (party: string): TomboloError =>
  new TomboloError("protocol.agreement", "guest and host have parts of different binnings", {
    remedy: "Serve both sides' parts of one model.",
    blame: party,
  });
