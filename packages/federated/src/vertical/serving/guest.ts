/**
 * Serving, the guest's side: scores of single rows, as they are asked for, over a session that stays open.
 *
 * Goal: prediction for ids that are not known beforehand, one round a batch, several batches under way. What a host says of
 * a row is the model's: of boosted trees a bit a split (boosting/serving.ts), of a regression one number
 * (regression/serving.ts).
 *
 * Learns: guest - whether each host has each id it asks about and whether its features are too old, or that the host
 * cannot look its rows up now; of the rows it has what the model's host says in prediction. host - digests of
 * the ids that are scored, and when: of ids it has, which they are; of others, what it finds by trying (phone numbers are
 * few). Not the score, not the guest's features.
 * Must not learn: coefficients, thresholds, columns' names and values of the other side.
 * Adversary: semi-honest. A cheating host can make scores wrong, and only that.
 *
 *  1 guest -> host  open      digest of the model
 *  2 host -> guest  opened
 *  for each batch, as they come:
 *  3 guest -> host  ask       number of the batch, 16 bytes an id
 *  4 host -> guest  bits      number of the batch; for each id a byte, and what is said of its row
 *  and at the end both close their streams, the guest first.
 */
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { AnswerForm } from "./form.ts";
import { batchNumber, nextBatch } from "./host.ts";
import { ANSWER_BYTES_MAX, BATCH_NUMBER_BYTES, BATCH_ROWS_MAX, ID_BYTES, type ServingTable } from "./messages.ts";
import { AWAY, KNOWN } from "./store.ts";

export type GuestServePeer = Peer<ServingTable, "guest">;

/** What a host says of a batch's ids: `status` by row, and `bits`, of which row r's begin at byte `r * width`. */
export interface HostAnswer {
  readonly status: Uint8Array;
  readonly bits: Uint8Array;
  readonly width: number;
}

interface Asked {
  readonly rows: number;
  resolve(answer: HostAnswer): void;
  reject(error: unknown): void;
}

/** One host of a service. */
export class ServingHost {
  /** Rejects when the session ends before its time; then nothing is answered any more. */
  readonly done: Promise<void>;
  readonly #peer: GuestServePeer;
  readonly #form: AnswerForm;
  readonly #asks = new Asks();
  readonly #asked: Asked[] = [];
  #batch = 0;
  #failure: { readonly error: unknown } | undefined;

  /** `digest`: of the model, as the host's part has it. */
  static async open(digest: string, form: AnswerForm, peer: GuestServePeer): Promise<ServingHost> {
    await peer.send("open", { digest });
    await peer.receive("opened");
    return new ServingHost(peer, form);
  }

  private constructor(peer: GuestServePeer, form: AnswerForm) {
    this.#peer = peer;
    this.#form = form;
    this.done = this.#run();
    this.done.catch(() => {}); // whoever asks hears of it too
  }

  get wear(): number {
    return this.#peer.wear;
  }

  /** Rows of one batch. */
  get rowsMax(): number {
    return Math.min(BATCH_ROWS_MAX, Math.floor((ANSWER_BYTES_MAX - BATCH_NUMBER_BYTES) / (1 + this.#form.bytes)));
  }

  /** Rejects with what ended the session. `ids` are digests, `ID_BYTES` each. */
  ask(ids: Uint8Array): Promise<HostAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    const message = new Uint8Array(BATCH_NUMBER_BYTES + ids.length);
    new DataView(message.buffer).setUint32(0, (this.#batch + this.#asked.length) >>> 0, true);
    message.set(ids, BATCH_NUMBER_BYTES);
    const { promise, resolve, reject } = Promise.withResolvers<HostAnswer>();
    this.#asked.push({ rows: ids.length / ID_BYTES, resolve, reject });
    this.#asks.push(message);
    return promise;
  }

  /** What was asked is answered, then both streams end. */
  async end(): Promise<void> {
    this.#asks.end();
    await this.done;
  }

  async #run(): Promise<void> {
    try {
      const received = this.#receive().finally(() => this.#asks.end());
      await Promise.all([this.#peer.sendEach("ask", this.#asks), received]);
      if (this.#asked.length > 0) throw new TomboloError("protocol.closed", "a host left batches unanswered");
      this.#failure = { error: new TomboloError("transport.closed", "the host has ended the session") };
    } catch (error) {
      this.#failure = { error };
      this.#asks.end();
      for (const { reject } of this.#asked.splice(0)) reject(error);
      throw error;
    }
  }

  async #receive(): Promise<void> {
    for await (const message of this.#peer.receiveEach("bits")) {
      const asked = this.#asked[0];
      if (asked === undefined || message.length < BATCH_NUMBER_BYTES || batchNumber(message) !== this.#batch)
        throw new TomboloError("protocol.malformed", "a host answers what was not asked");
      asked.resolve(decodeAnswer(message, asked.rows, this.#form));
      this.#asked.shift();
      this.#batch = nextBatch(this.#batch);
    }
  }
}

/** What is said of rows that are not known must be zero. */
function decodeAnswer(message: Uint8Array, rows: number, { bytes: width, sound }: AnswerForm): HostAnswer {
  if (message.length !== BATCH_NUMBER_BYTES + rows * (1 + width))
    throw new TomboloError("protocol.malformed", "a host's answer has a wrong length");
  const status = new Uint8Array(rows);
  const bits = new Uint8Array(rows * width);
  for (let row = 0, at = BATCH_NUMBER_BYTES; row < rows; row++, at += 1 + width) {
    status[row] = message[at]!;
    const own = message.subarray(at + 1, at + 1 + width);
    if (status[row]! > AWAY || (status[row] === KNOWN ? !sound(own) : own.some((byte) => byte !== 0)))
      throw new TomboloError("protocol.malformed", "a host's answer is none that there is");
    bits.set(own, row * width);
  }
  return { status, bits, width };
}

/** What is asked, for `sendEach` to take as the window lets it. */
class Asks implements AsyncIterable<Uint8Array> {
  readonly #waiting: Uint8Array[] = [];
  #over = false;
  #wake: () => void = () => {};

  push(message: Uint8Array): void {
    this.#waiting.push(message);
    this.#wake();
  }

  end(): void {
    this.#over = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#over) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
