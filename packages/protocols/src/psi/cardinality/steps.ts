/** Cardinality without a network, and what psi/sum shares with it: dummies, blinding, tags. */
import { concat, type Secrets, TomboloError, utf8 } from "@tombolo/base";
import { POINT_BYTES, ristretto255, sha256Prefixed } from "@tombolo/crypto";
import { planNoise } from "../../noise/index.ts";
import { onPoints } from "../../on-points.ts";
import { randomPermutation } from "../../shuffle.ts";
import { findDuplicate } from "../ecdh/sorting.ts";
import { digestPoints, ranges, tagBytes, truncateInto } from "../ecdh/steps.ts";
import { ID_DIGEST_BYTES } from "./options.ts";

export interface Labels {
  readonly stage: string;
  readonly group: string;
  readonly tag: string;
  readonly dummy: string;
}

export const LABEL: Labels = {
  stage: "psi/cardinality",
  group: "tombolo-psi-cardinality-1-ristretto255_XMD:SHA-512_R255MAP_RO_",
  tag: "tombolo/psi-cardinality/1/tag\0",
  dummy: "tombolo/psi-cardinality/1/dummy\0",
};

/** Dummies the host adds; the guest adds as many, of which a secret number are the host's. */
export interface DummyPlan {
  readonly capacity: number;
  /** How many of the guest's match; the mean is capacity / 2. */
  draw(secrets: Secrets): number;
}

/**
 * The host sees the count plus a discrete Laplace sample plus capacity / 2: its view is (epsilon, 2^-40)-private for
 * each of the guest's rows.
 */
export function dummyPlan(hideFromHost: number | null): DummyPlan {
  if (hideFromHost === null) return { capacity: 0, draw: () => 0 };
  const [source] = planNoise("laplace", hideFromHost, [1n]);
  const half = Number(source!.bound);
  return { capacity: 2 * half, draw: (secrets) => half + Number(source!.draw(secrets)) };
}

/** Ids that no table holds: their digests come from another random oracle. */
export function dummyDigests(labels: Labels, binding: Uint8Array, from: number, count: number): Promise<Uint8Array> {
  const numbers = Uint32Array.from({ length: count }, (_, i) => from + i);
  const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => 4 * i);
  return sha256Prefixed(concat(utf8(labels.dummy), binding), new Uint8Array(numbers.buffer), offsets).then(
    (digests) => {
      const out = new Uint8Array(count * ID_DIGEST_BYTES);
      truncateInto(out, 0, digests, ID_DIGEST_BYTES);
      return out;
    },
  );
}

/** Joint dummies are 0 .. capacity - 1; the guest's own, which match nothing, come after them. */
export async function withGuestDummies(
  labels: Labels,
  digests: Uint8Array,
  binding: Uint8Array,
  plan: DummyPlan,
  secrets: Secrets,
): Promise<{ readonly all: Uint8Array; readonly matching: number }> {
  const matching = plan.draw(secrets);
  // Any of the joint ones: the first `matching`, in an order that the shuffle hides.
  const joint = await dummyDigests(labels, binding, 0, matching);
  const own = await dummyDigests(labels, binding, plan.capacity, plan.capacity - matching);
  return { all: concat(digests, joint, own), matching };
}

/** A secret order of the rows, and the digests in it. */
export function shuffled(digests: Uint8Array, secrets: Secrets): { order: Uint32Array; digests: Uint8Array } {
  const order = randomPermutation(digests.length / ID_DIGEST_BYTES, secrets);
  const out = new Uint8Array(digests.length);
  for (let i = 0; i < order.length; i++) {
    const at = order[i]! * ID_DIGEST_BYTES;
    out.set(digests.subarray(at, at + ID_DIGEST_BYTES), i * ID_DIGEST_BYTES);
  }
  return { order, digests: out };
}

/** key·H(digest) of each, chunk by chunk. */
export async function* blindedChunks(
  labels: Labels,
  digests: Uint8Array,
  key: Uint8Array,
  binding: Uint8Array,
  chunkRows: number,
): AsyncGenerator<Uint8Array> {
  const tag = concat(utf8(labels.group), binding);
  for (const [from, to] of ranges(digests.length / ID_DIGEST_BYTES, chunkRows)) {
    const messages = digests.subarray(from * ID_DIGEST_BYTES, to * ID_DIGEST_BYTES);
    const offsets = Uint32Array.from({ length: to - from + 1 }, (_, i) => i * ID_DIGEST_BYTES);
    yield await ristretto255.hashAndMultiply(messages, offsets, tag, key);
  }
}

/** Multiplies what a partner streams by the own key, and keeps a short fingerprint of each. */
export class TagCollector {
  readonly width: number;
  readonly tags: Uint8Array;
  /** Half of each received point is enough to see a repeat, and 2^-128 to see one where there is none. */
  readonly #halves: Uint8Array;
  readonly #prefix: Uint8Array;
  readonly #labels: Labels;
  readonly #party: string;
  readonly #rows: number;
  #done = 0;

  constructor(
    labels: Labels,
    binding: Uint8Array,
    party: string,
    rows: { readonly received: number; readonly own: number },
  ) {
    this.#labels = labels;
    this.#party = party;
    this.#rows = rows.received;
    this.#prefix = concat(utf8(labels.tag), binding);
    this.width = tagBytes(rows.received, rows.own, 1);
    this.tags = new Uint8Array(rows.received * this.width);
    this.#halves = new Uint8Array((rows.received * POINT_BYTES) / 2);
  }

  /** SHA-256(key·point), cut to `width`. */
  async add(points: Uint8Array, key: Uint8Array): Promise<void> {
    const count = points.length / POINT_BYTES;
    if (count === 0 || this.#done + count > this.#rows) throw wrongCount(this.#labels, this.#party);
    const multiplied = await onPoints(this.#labels.stage, this.#party, this.#done, () =>
      ristretto255.multiply(points, key),
    );
    truncateInto(this.#halves, this.#done, points, POINT_BYTES / 2);
    truncateInto(this.tags, this.#done, await digestPoints(this.#prefix, multiplied), this.width);
    this.#done += count;
  }

  finish(): void {
    if (this.#done !== this.#rows) throw wrongCount(this.#labels, this.#party);
    if (findDuplicate(this.#halves, POINT_BYTES / 2) >= 0)
      throw refused(this.#labels, "duplicate", "the partner sent an id twice", this.#party);
  }
}

export const refused = (
  { stage }: Labels,
  code: string,
  what: string,
  party: string,
  detail?: Record<string, unknown>,
): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage, blame: party, ...(detail === undefined ? {} : { detail }) });

export const wrongCount = (labels: Labels, party: string): TomboloError =>
  refused(labels, "size", "the partner sent another number of ids than it declared", party);

/** Payload bytes of one run of psi/cardinality. */
export function trafficBytes(sizes: {
  readonly guestRows: number;
  readonly hostRows: number;
  readonly dummies: number;
}): { readonly toGuest: number; readonly toHost: number } {
  const [guest, host] = [sizes.guestRows + sizes.dummies, sizes.hostRows + sizes.dummies];
  return { toGuest: 8 + 32 * host + 8, toHost: 8 + 32 * guest + tagBytes(guest, host, 1) * host };
}
