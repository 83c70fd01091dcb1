/**
 * Serving with several hosts, of whose totals the guest learns for each id the sum alone: as in prediction (predict-sum.ts) hosts mask
 * theirs in pairs, batch by batch.
 *
 * All hosts are asked for the same batches in the same order, from the moment all are there (SummedHosts), and masks hang on each batch as
 * each host got it, number and ids: of a guest that asks hosts for different ids, or one of them alone, they do not cancel. A number is
 * used once in a session, so no mask comes twice.
 *
 * Learns: guest - for each id that all hosts know the sum of their totals, rounded to the coarsest host's unit; of each host whether it knows the
 * id (vertical/serving). hosts - between which powers of two the spread of each other's totals was in training.
 * Must not learn: guest - one host's total. **Together with all other hosts it learns the last one's.** Adversary: semi-honest; any parties
 * together but for that. Assumption: AES-128 as a pseudorandom permutation, SHA-256 as a random oracle.
 */
import { concat, type Secrets, TomboloError } from "@tombolo/base";
import { CommonStream } from "@tombolo/protocols/secret-sharing/pairwise";
import type { AnswerForm, HostForm } from "../serving/form.ts";
import type { HostAnswer } from "../serving/guest.ts";
import { AWAY, KNOWN, STALE, UNKNOWN } from "../serving/store.ts";
import { inUnits, type MaskingPair, type OpenedPair, openPair } from "./predict-sum.ts";
import { TOTAL_BYTES } from "./serving.ts";

/** Beside the totals: the exponent of what they are whole numbers of. */
const EXPONENT_BYTES = 2;
const EXPONENT_MOST = 1074;

export interface SealedTotals {
  /** What all hosts' totals are rounded to. */
  readonly unit: number;
  /** Masks the answers to a batch, in place: a byte that says whether the row is known, then what is said of it. */
  seal(ask: Uint8Array, answers: Uint8Array): Promise<Uint8Array>;
}

/** A host's, with all others. `quantum`: what its own totals are rounded to. `told`: totals of a row. */
export async function openSeal(
  others: readonly MaskingPair[],
  { quantum, told, secrets }: { readonly quantum: number; readonly told: number; readonly secrets: Secrets },
): Promise<SealedTotals> {
  const pairs = await Promise.all(others.map((other) => openPair(other, quantum, secrets)));
  const width = 1 + told * TOTAL_BYTES + EXPONENT_BYTES;
  return {
    unit: Math.max(quantum, ...pairs.map((pair) => pair.unit)),
    async seal(ask, answers) {
      const view = viewOf(answers);
      const rows = answers.length / width;
      for (const pair of pairs) {
        const masks = await masksOf(pair, ask).words(rows * told);
        for (let row = 0; row < rows; row++) {
          if (answers[row * width] !== KNOWN) continue;
          for (let i = 0; i < told; i++) {
            const at = row * width + 1 + i * TOTAL_BYTES;
            const mask = masks[row * told + i]!;
            view.setBigUint64(at, view.getBigUint64(at, true) + (pair.earlier ? mask : -mask), true);
          }
        }
      }
      return answers;
    },
  };
}

const masksOf = ({ key, binding }: OpenedPair, ask: Uint8Array): CommonStream =>
  new CommonStream(key, concat(binding, ask));

/** A host's totals as whole numbers of the unit; `form` gives them as numbers, rounded to it. */
export function sealedForm(form: HostForm, unit: number): HostForm {
  const plain = new Uint8Array(form.bytes);
  const exponent = Math.log2(unit);
  return {
    ...form,
    bytes: form.bytes + EXPONENT_BYTES,
    write(values, at, out, outAt) {
      form.write(values, at, plain, 0);
      const [from, to] = [viewOf(plain), viewOf(out)];
      for (let i = 0; i < form.bytes; i += TOTAL_BYTES)
        to.setBigUint64(outAt + i, inUnits(from.getFloat64(i, true), unit), true);
      to.setInt16(outAt + form.bytes, exponent, true);
    },
  };
}

/** As the guest takes what each host says: any word may be there. */
export const sealedAnswerForm = ({ bytes }: AnswerForm): AnswerForm => ({
  bytes: bytes + EXPONENT_BYTES,
  sound: (part) => Math.abs(viewOf(part).getInt16(bytes, true)) <= EXPONENT_MOST,
});

/** A host's session, as the guest's link with it has it. */
export interface AskedHost {
  readonly party: string;
  readonly session: {
    readonly done: Promise<void>;
    readonly wear: number;
    ask(ids: Uint8Array): Promise<HostAnswer>;
    end(): Promise<void>;
  };
}

/** All hosts as one that says the sums: they are asked together, and one that is gone leaves nothing to be said. */
export class SummedHosts {
  /** Rejects when the first of the sessions ends before its time. */
  readonly done: Promise<void>;
  readonly #hosts: readonly AskedHost[];

  constructor(hosts: readonly AskedHost[]) {
    this.#hosts = hosts;
    this.done = Promise.all(hosts.map(({ session }) => session.done)).then(() => {});
    this.done.catch(() => {}); // whoever asks hears of it too
  }

  get wear(): number {
    return Math.max(...this.#hosts.map(({ session }) => session.wear));
  }

  async ask(ids: Uint8Array): Promise<HostAnswer> {
    const answers = await Promise.all(this.#hosts.map(({ session }) => session.ask(ids)));
    const status = statusOf(answers);
    const width = answers[0]!.width - EXPONENT_BYTES;
    const bits = new Uint8Array(status.length * width);
    const out = viewOf(bits);
    for (let row = 0; row < status.length; row++) {
      if (status[row] !== KNOWN) continue;
      const unit = unitOf(answers, row);
      for (let i = 0; i < width; i += TOTAL_BYTES) {
        const words = answers.map((answer) => viewOf(answer.bits).getBigUint64(row * answer.width + i, true));
        const sum = words.reduce((all, word) => all + word, 0n);
        out.setFloat64(row * width + i, unit * Number(BigInt.asIntN(64, sum)), true);
      }
    }
    return { status, bits, width };
  }

  async end(): Promise<void> {
    await Promise.all(this.#hosts.map(({ session }) => session.end()));
  }
}

/** Of each row what keeps it from its sum, that of a host that cannot look it up before all else. */
function statusOf(answers: readonly HostAnswer[]): Uint8Array {
  const [first, ...others] = answers;
  return first!.status.map((own, row) => {
    const all = [own, ...others.map(({ status }) => status[row]!)];
    return [AWAY, UNKNOWN, STALE].find((lack) => all.includes(lack)) ?? KNOWN;
  });
}

function unitOf(answers: readonly HostAnswer[], row: number): number {
  const exponents = answers.map(({ bits, width }) => viewOf(bits).getInt16((row + 1) * width - EXPONENT_BYTES, true));
  if (new Set(exponents).size > 1) throw new TomboloError("protocol.agreement", "hosts round their totals differently");
  return 2 ** exponents[0]!;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
