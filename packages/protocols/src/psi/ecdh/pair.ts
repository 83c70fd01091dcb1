/** What both ends of a match between two parties share: options, labels, sizes. The protocol stands in receiver.ts. */
import { type Secrets, TomboloError } from "@tombolo/base";
import { DIGEST_BYTES } from "@tombolo/crypto";
import { CHUNK_ROWS_MAX } from "./messages.ts";
import { groupTag, hashPrefix, LABEL, refused, tagBytes } from "./steps.ts";
import { SUITES, type Suite, type SuiteName } from "./suites.ts";

/** Of an id; whoever prepares them chooses the hash. */
export const ID_BYTES = 16;

export interface PairOptions {
  readonly secrets: Secrets;
  /** 32 bytes, different for each session and bucket: in the tag of H and before every hash input. */
  readonly binding: Uint8Array;
  /** What the partner puts in, exactly. */
  readonly partnerCount: number;
  /** The run tells a match that is none with at most 2^-failureBits. Default 40. */
  readonly failureBits?: number;
  /** Who learns its matched ids; the same at both ends. One-sided, nothing that needs aligned rows may follow. */
  readonly output: "both" | "receiver";
  /** The curve and hash; the same at both ends. Default ristretto255. */
  readonly suite?: SuiteName;
  /** Ids per chunk: computing, sending and receiving overlap chunk by chunk. Default 8192. */
  readonly chunkRows?: number;
  /** Share of this party's group operations; at most once a chunk; must not throw. */
  readonly progress?: (share: number) => void;
}

/** The peer of either role, whatever the roles are called in the table it was opened with. */
interface Link<Sent extends string, Received extends string> {
  readonly party: string;
  sendEach(name: Sent, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
  receiveEach(name: Received): AsyncIterable<Uint8Array>;
}

export type ReceiverLink = Link<"blinded" | "matched", "evaluated" | "catalogue">;
export type SenderLink = Link<"evaluated" | "catalogue", "blinded" | "matched">;

/** What one run works with, at either end. */
export interface PairRun {
  readonly suite: Suite;
  readonly digests: Uint8Array;
  readonly count: number;
  readonly partnerCount: number;
  readonly chunkRows: number;
  readonly tagWidth: number;
  /** The own key: a or b. */
  readonly key: Uint8Array;
  /** Counts group operations. */
  readonly did: (operations: number) => void;
  /** key·H(id) of the ids from..to. */
  readonly hashed: (from: number, to: number) => Promise<Uint8Array>;
  readonly fingerprints: (points: Uint8Array) => Promise<Uint8Array>;
}

export function startPair(digests: Uint8Array, options: PairOptions, operations: number): PairRun {
  const { binding, partnerCount, chunkRows = 8192, secrets, progress } = options;
  if (!Number.isInteger(chunkRows) || chunkRows < 1 || chunkRows > CHUNK_ROWS_MAX)
    throw new TomboloError("input.chunk-rows", `a chunk has 1 to ${CHUNK_ROWS_MAX} rows`);
  const count = digests.length / ID_BYTES;
  const suite = SUITES[options.suite ?? "ristretto255"];
  const { group, groupLabel } = suite;
  const key = group.randomScalar(secrets);
  const offsets = Uint32Array.from({ length: chunkRows + 1 }, (_, i) => ID_BYTES * i);
  const tag = groupTag(binding, groupLabel);
  const tagWidth = tagBytes(count, partnerCount, 1, options.failureBits);
  const tagPrefix = hashPrefix(LABEL.tag, binding);
  let done = 0;
  return {
    suite,
    digests,
    count,
    partnerCount,
    chunkRows,
    tagWidth,
    key,
    did(more) {
      done += more;
      progress?.(done / Math.max(operations, 1));
    },
    hashed: (from, to) =>
      group.hashAndMultiply(
        digests.subarray(ID_BYTES * from, ID_BYTES * to),
        offsets.subarray(0, to - from + 1),
        tag,
        key,
      ),
    fingerprints: (points) => suite.fingerprints(tagPrefix, points, group.pointBytes, tagWidth),
  };
}

/** A repeat that a kernel found in what the partner sent. */
export async function refusingRepeats<T>(party: string, what: string, find: Promise<T>): Promise<T> {
  try {
    return await find;
  } catch (error) {
    if (!(error instanceof TomboloError) || error.code !== "protocol.duplicate") throw error;
    throw refused("duplicate", what, party, { kernel: error.message });
  }
}

/** Payload bytes of one run. */
export function pairTrafficBytes(sizes: {
  readonly receiverRows: number;
  readonly senderRows: number;
  /** 0 where only the receiver learns. */
  readonly reported: number;
  /** Default ristretto255. */
  readonly suite?: SuiteName;
}): { readonly toReceiver: number; readonly toSender: number } {
  const { receiverRows, senderRows, reported, suite = "ristretto255" } = sizes;
  const { pointBytes } = SUITES[suite].group;
  return {
    toReceiver: pointBytes * receiverRows + tagBytes(receiverRows, senderRows, 1) * senderRows,
    toSender: pointBytes * receiverRows + PLACE_BYTES * reported,
  };
}

/** A place in the catalogue. */
export const PLACE_BYTES = Uint32Array.BYTES_PER_ELEMENT;
/** Bytes of a chunk of tags or places. */
export const chunkBytes = (run: PairRun): number => run.chunkRows * DIGEST_BYTES;
