/**
 * Sums of all parties' numbers that those who remain can open, whoever of the others has gone: as long as t + 1 are left.
 *
 * Ben-Or, Goldwasser, Wigderson, "Completeness Theorems for Non-Cryptographic Fault-Tolerant Distributed Computation", STOC 1988, its addition alone:
 * sums of shares are shares of sums. With verifiable shares (verifiable.ts, `hiding`).
 *
 * Learns: those who remain - the sums over all who dealt, gone or not; how many numbers there are. **Any t + 1 together can open each
 * party's own numbers**; t or fewer learn nothing but what they open with the others.
 * Adversary: t malicious parties at most. Who deals shares that do not fit ends the sum, by name; so does whoever shows others other
 * commitments, without one. A wrong share of a sum is refused by its sender's name, and the sum opened without it.
 * Assumptions: discrete logarithms in ristretto255 (for what is checked, not for secrecy); SHA-256 without collisions.
 *
 * 1. each to each other: shares of its numbers, and commitments to them, the same to all.     `dealSum`
 * 2. each to each other: digest of all commitments. From here on anybody may go.
 * 3. each who remains to each other who does: its shares of the sums.                          `openSum`
 *
 * Three rounds. Bytes from each to each, of m numbers: 64·m, 32·(t + 1)·m, 32, 64·m.
 */
import { bigintToBytes, bytesToBigint, concat, equalBytes, type Secrets, TomboloError, utf8 } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { POINT_BYTES, SCALAR_BYTES, sha256 } from "@tombolo/crypto";
import type { messages } from "./messages.ts";
import { MESSAGE_BYTES_MAX } from "./messages.ts";
import { ORDER, reconstruct, signed } from "./polynomials.ts";
import { addedCommitments, addedShares, type Commitments, deal, type VerifiableShares, verify } from "./verifiable.ts";

const LABEL = utf8("tombolo/secret-sharing/shamir/1/commitments\0");
/** Of numbers, either sign: sums of 255 of them stay far below half of the order. */
const VALUE_MAX = 2n ** 128n;

/** Of two parties, the one that comes first in `roles` is first. */
export type SumPeer = Peer<typeof messages, "first"> | Peer<typeof messages, "second">;

export interface SumParties {
  /** All, in one order everywhere: the first has the index 1. */
  readonly roles: readonly string[];
  readonly self: string;
  /** By role, all but the own. */
  readonly peers: ReadonlyMap<string, SumPeer>;
}

export interface SumInput {
  /** As many at all parties. */
  readonly values: readonly bigint[];
  /** t: so many together learn nothing. */
  readonly threshold: number;
}

/** What a party keeps until the sums are opened. */
export interface DealtSum {
  readonly own: VerifiableShares;
  readonly commitments: Commitments;
}

export interface OpenedSum {
  readonly sums: readonly bigint[];
  /** Roles whose shares were wrong. */
  readonly refused: readonly string[];
}

export async function dealSum(
  parties: SumParties,
  { values, threshold }: SumInput,
  secrets: Secrets,
): Promise<DealtSum> {
  const { roles, self } = parties;
  checkValues(values, threshold);
  const sharing = { parties: roles.length, threshold };
  const { shares, commitments } = await deal(values, sharing, "hiding", secrets);
  const received = await eachOther(parties, async (wire, place) => {
    const theirs = await wire.exchange("Shares", encoded(shares[place]!), 2 * SCALAR_BYTES * values.length);
    const points = await wire.exchange("Commitments", commitments.points, commitments.points.length);
    const dealt = {
      own: decoded(theirs, roles.indexOf(self) + 1, wire.party),
      commitments: { ...commitments, points },
    };
    if (!(await verify(dealt.own, dealt.commitments, secrets)))
      throw refused("share", "shares that do not fit their commitments", wire.party);
    return dealt;
  });
  const all = roles.map((role, place) => received.get(role) ?? { own: shares[place]!, commitments });
  await compareCommitments(parties, all);
  return {
    own: addedShares(all.map(({ own }) => own)),
    commitments: await addedCommitments(all.map((dealt) => dealt.commitments)),
  };
}

/** `present`: those who remain, the own party among them; the same at all of them. */
export async function openSum(
  parties: SumParties,
  { own, commitments }: DealtSum,
  present: ReadonlySet<string>,
  secrets: Secrets,
): Promise<OpenedSum> {
  const { roles, self } = parties;
  const needed = commitments.threshold + 1;
  if (!present.has(self) || [...present].some((role) => !roles.includes(role)))
    throw new RangeError("those present are parties, and the own one is");
  if (present.size < needed) throw tooFew(present.size, needed);
  const shares = await eachOther(
    parties,
    async (wire, place) => {
      const theirs = await wire.exchange("SumShares", encoded(own), 2 * SCALAR_BYTES * own.values.length);
      const share = decoded(theirs, place + 1, wire.party);
      return (await verify(share, commitments, secrets)) ? share : null;
    },
    present,
  );
  const right = [own, ...[...shares.values()].filter((share) => share !== null)];
  if (right.length < needed) throw tooFew(right.length, needed);
  return {
    sums: reconstruct(right.slice(0, needed)).map(signed),
    refused: [...shares].filter(([, share]) => share === null).map(([role]) => role),
  };
}

/** All must have got the same from each. */
async function compareCommitments(
  parties: SumParties,
  all: readonly { readonly commitments: Commitments }[],
): Promise<void> {
  const digest = await sha256(concat(LABEL, ...all.map(({ commitments }) => commitments.points)));
  await eachOther(parties, async (wire) => {
    if (!equalBytes(await wire.exchange("Digest", digest, digest.length), digest))
      throw new TomboloError("protocol.commitments", "parties were shown different commitments", { stage: STAGE });
  });
}

const STAGE = "secret-sharing/shamir";

const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: STAGE, blame: party });

const tooFew = (left: number, needed: number): TomboloError =>
  new TomboloError("state.parties", `${left} parties are left of the ${needed} that a sum takes`, { stage: STAGE });

function checkValues(values: readonly bigint[], threshold: number): void {
  if (POINT_BYTES * (threshold + 1) * values.length > MESSAGE_BYTES_MAX)
    throw new TomboloError("input.rows", "too many numbers for one sum", { remedy: "Sum them in parts." });
  if (values.some((value) => value >= VALUE_MAX || value <= -VALUE_MAX))
    throw new TomboloError("input.range", "a number to be summed is 2^128 or more");
}

type Kind = "Shares" | "Commitments" | "Digest" | "SumShares";

interface PairWire {
  readonly party: string;
  exchange(kind: Kind, own: Uint8Array, expected: number): Promise<Uint8Array>;
}

/** With all others, or those named, at once; by role. */
async function eachOther<T>(
  { roles, self, peers }: SumParties,
  step: (wire: PairWire, place: number) => Promise<T>,
  only?: ReadonlySet<string>,
): Promise<ReadonlyMap<string, T>> {
  const here = roles.indexOf(self);
  const others = roles.filter((role) => role !== self && (only?.has(role) ?? true));
  const results = await Promise.all(
    others.map(async (role) => {
      const [place, peer] = [roles.indexOf(role), peers.get(role)];
      if (peer === undefined) throw new TypeError(`no peer of ${role}`);
      return [role, await step(wireOf(peer, here < place), place)] as const;
    }),
  );
  return new Map(results);
}

function wireOf(peer: SumPeer, leading: boolean): PairWire {
  // Which of the two it is goes with the place in the list of roles.
  const [first, second] = [peer as Peer<typeof messages, "first">, peer as Peer<typeof messages, "second">];
  return {
    party: peer.party,
    async exchange(kind, own, expected) {
      const theirs = leading
        ? await first.exchange(`first${kind}`, own, `second${kind}`)
        : await second.exchange(`second${kind}`, own, `first${kind}`);
      if (theirs.length !== expected) throw refused("size", "as many bytes as the numbers take", peer.party);
      return theirs.slice();
    },
  };
}

const encoded = ({ values, blinding }: VerifiableShares): Uint8Array =>
  concat(...[...values, ...blinding].map((value) => bigintToBytes(value, SCALAR_BYTES)));

function decoded(bytes: Uint8Array, index: number, party: string): VerifiableShares {
  const all = Array.from({ length: bytes.length / SCALAR_BYTES }, (_, i) =>
    bytesToBigint(bytes.subarray(i * SCALAR_BYTES, (i + 1) * SCALAR_BYTES)),
  );
  if (all.some((value) => value >= ORDER)) throw refused("range", "a share that is not below the order", party);
  return { index, values: all.slice(0, all.length / 2), blinding: all.slice(all.length / 2) };
}
