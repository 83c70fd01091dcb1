/**
 * Parts of further hosts where guest and first host compute on shares (predict-bands.ts, classes/decide.ts): what a further host has of
 * each row it splits into a word for the guest and one for the first host.
 *
 * The guest's words are drawn from a key, so they are sent as one (AES-128 as a pseudorandom permutation, SHA-256 as a random oracle). The
 * first host compares what the guest asked a further host for with what it was asked itself: so parts that are added up are of the
 * same rows and in the same unit.
 *
 * Learns: guest, first host - nothing: words that are uniform without the other's. **The two together know every further host's part of
 * each row**, as they know all in training. Adversary: semi-honest; any of the others together with one of the two.
 *
 *  1 further host -> guest       sharedKey      16 bytes
 *  2 further host -> first host  laterRequest   the request as it came
 *  3 further host -> first host  laterTotals    eight bytes a row and total
 */
import { canonicalJson, concat, type Secrets, TomboloError, toHex, utf8 } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { CommonStream, KEY_BYTES } from "@tombolo/protocols/secret-sharing/pairwise";
import type { PredictionRequest, predictionMessages } from "./messages.ts";
import { type EarlierHost, type LaterHost, WordSums } from "./predict-sum.ts";

type Messages = typeof predictionMessages;

const LABEL = "tombolo/regression/shared-totals/1\0";

/** Own shares of what all further hosts have. */
export interface SharedParts {
  /** How many hosts these are. */
  readonly hosts: number;
  /** Of the next words, added up over the hosts. */
  next(count: number): Promise<BigUint64Array>;
  /** Throws `protocol.malformed` if more came than was asked for. */
  end(): Promise<void>;
}

/** The guest's, of requests that were sent. */
export async function partsForGuest(peers: readonly Peer<Messages, "guest">[]): Promise<SharedParts> {
  const streams = await Promise.all(peers.map(async (peer) => streamOf(await peer.receive("sharedKey"), peer)));
  return {
    hosts: peers.length,
    async next(count) {
      const sums = new BigUint64Array(count);
      for (const stream of streams)
        (await stream.words(count)).forEach((word, i) => {
          sums[i] = sums[i]! + word;
        });
      return sums;
    },
    end: async () => {},
  };
}

/** The first host's, who was asked for this itself. */
export async function partsForFirst(hosts: readonly EarlierHost[], request: PredictionRequest): Promise<SharedParts> {
  const asked = toHex(canonicalJson(request));
  for (const { peer } of hosts)
    if (toHex(canonicalJson(await peer.receive("laterRequest"))) !== asked)
      throw new TomboloError("protocol.agreement", "the guest asks hosts for different rows", { blame: peer.party });
  const sums = new WordSums(hosts.map(({ peer }) => ({ party: peer.party, chunks: peer.receiveEach("laterTotals") })));
  return { hosts: hosts.length, next: (count) => sums.next(count), end: () => sums.end() };
}

export interface SharingEnds {
  readonly peer: Peer<Messages, "host">;
  /** The session with the first host. */
  readonly first: LaterHost;
  readonly secrets: Secrets;
}

/** A further host's: `parts` are whole numbers, in the chunks that the request asks for. */
export async function shareParts(
  request: PredictionRequest,
  parts: AsyncIterable<Float64Array>,
  { peer, first, secrets }: SharingEnds,
): Promise<void> {
  const key = secrets.bytes(KEY_BYTES);
  await Promise.all([peer.send("sharedKey", key), first.peer.send("laterRequest", request)]);
  const stream = streamOf(key, peer);
  await first.peer.sendEach("laterTotals", rest());

  async function* rest(): AsyncIterable<Uint8Array> {
    for await (const whole of parts) {
      const drawn = await stream.words(whole.length);
      yield new Uint8Array(drawn.map((word, i) => BigInt(whole[i]!) - word).buffer);
    }
  }
}

function streamOf(
  key: Uint8Array,
  { party, binding }: { readonly party: string; readonly binding: Uint8Array },
): CommonStream {
  if (key.length !== KEY_BYTES) throw new TomboloError("protocol.size", "a key", { blame: party });
  return new CommonStream(key, concat(utf8(LABEL), binding));
}
