/**
 * The pairs that a party is in, and steps that all of them take at once.
 *
 * A product of two sums is the sum of all pairs' products: x·y = sum over i < j of (x_i + x_j)·(y_i + y_j), less (n - 2) times each x_i·y_i,
 * which its party takes off by itself. So a step of two parties is one of all of them, and each pair's result is shared afresh.
 */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { Words } from "../backend.ts";
import { CommonStream, KEY_BYTES } from "../pairwise/stream.ts";
import { andPairs } from "../two-party/joining.ts";
import { bytesOf, trimmed, xorBytes } from "../two-party/packed.ts";
import { addWords, subtractWords } from "../two-party/ring.ts";
import { WordShares } from "../two-party/shares.ts";
import { type TwoParty, twoParty } from "../two-party/two-party.ts";
import { refused, type TwoPartyPeer } from "../two-party/wire.ts";
import type { messages } from "./messages.ts";

export interface Pair {
  /** The other's role. */
  readonly role: string;
  /** Whether this party comes before the other in the list of roles. */
  readonly leading: boolean;
  readonly two: TwoParty;
  /** Bytes that both have in common. */
  readonly common: CommonStream;
}

/** Of two parties, the one that comes first in `roles` is first. */
export type AdditivePeer = Peer<typeof messages, "first"> | Peer<typeof messages, "second">;

/** Sets up the two-party computation with one of the others. */
export async function openPair(
  { role, leading }: Pick<Pair, "role" | "leading">,
  peer: AdditivePeer | undefined,
  { secrets, pairs }: { readonly secrets: Secrets; readonly pairs: number },
): Promise<Pair> {
  if (peer === undefined) throw new TypeError(`no peer of ${role}`);
  const common = new CommonStream(await maskKey(peer, leading, secrets), peer.binding);
  // The table has the messages of two parties among its own, for the same roles.
  const end = { role: leading ? "first" : "second", peer } as unknown as TwoPartyPeer;
  return { role, leading, two: await twoParty(end, { secrets, pairs }), common };
}

async function maskKey(peer: AdditivePeer, leading: boolean, secrets: Secrets): Promise<Uint8Array> {
  if (leading) {
    const key = secrets.bytes(KEY_BYTES);
    await (peer as Peer<typeof messages, "first">).send("maskKey", key);
    return key;
  }
  const key = await (peer as Peer<typeof messages, "second">).receive("maskKey");
  if (key.length !== KEY_BYTES) throw refused("size", "a key of another length", peer.party);
  return key.slice();
}

/** From each pair's result of the two-party step; `own` is the product of the own shares. */
export async function productOfPairs(
  pairs: readonly Pair[],
  step: (two: TwoParty) => Promise<Words>,
  own: BigUint64Array,
): Promise<Words> {
  const products = await Promise.all(pairs.map(({ two }) => step(two)));
  const spare = BigInt(pairs.length - 1);
  const out: BigUint64Array = new BigUint64Array(own.length);
  for (let i = 0; i < out.length; i++) out[i] = -BigInt.asUintN(64, own[i]! * spare);
  return new WordShares(
    products.map((product) => WordShares.valuesOf(product)).reduce((sum, product) => addWords(sum, product), out),
  );
}

/** ANDs of packed bits, of one factor with one or two others. */
export async function andOfPairs(
  pairs: readonly Pair[],
  x: Uint8Array,
  y: Uint8Array,
  yToo: Uint8Array | null,
): Promise<{ readonly one: Uint8Array; readonly too: Uint8Array }> {
  const parts = await Promise.all(pairs.map(({ two }) => andPairs(x, y, yToo, two.joining)));
  const spare = pairs.length % 2 === 0;
  const sum = (of: "one" | "too", factor: Uint8Array): Uint8Array =>
    parts.reduce((sum, part) => xorBytes(sum, part[of]), spare ? joined(x, factor) : new Uint8Array(factor.length));
  return { one: sum("one", y), too: sum("too", yToo ?? new Uint8Array(0)) };
}

const joined = (x: Uint8Array, y: Uint8Array): Uint8Array => y.map((byte, i) => byte & x[i]!);

/** The own share under masks that cancel in the sum of all: what is opened then tells the sum alone. */
export async function maskedWords(pairs: readonly Pair[], own: BigUint64Array): Promise<Uint8Array> {
  let out = own;
  for (const { leading, common } of pairs)
    out = (leading ? addWords : subtractWords)(out, await common.words(own.length));
  return bytesOf(out);
}

export async function maskedBits(pairs: readonly Pair[], own: Uint8Array, count: number): Promise<Uint8Array> {
  let out = own;
  for (const { common } of pairs) out = xorBytes(out, trimmed(await common.bytes(own.length), count));
  return out;
}

/** Sends what is opened to whom it is for. What comes from all others, or null where this party is not told. */
export async function exchanged(
  pairs: readonly Pair[],
  kind: "Shares" | "BitShares",
  own: Uint8Array,
  told: (role: string | null) => boolean,
): Promise<readonly Uint8Array[] | null> {
  const theirs = await Promise.all(
    pairs.map(({ role, two }) => two.joining.wire.exchange(kind, told(role) ? own : NONE, told(null) ? own.length : 0)),
  );
  return told(null) ? theirs : null;
}

const NONE = new Uint8Array(0);
