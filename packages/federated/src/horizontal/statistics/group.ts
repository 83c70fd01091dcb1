/**
 * Sums over all parties, as shares of the two that compute.
 *
 * Each pair of parties has a key in common, of which both make the same masks: one adds them, the other subtracts. What a party's numbers
 * are under the masks of all others is an additive share of the total: to whoever lacks one of these keys uniformly random,
 * and all shares add up to the total and nothing else. (Bonawitz et al., CCS 2017, without drop-outs; Castelluccia et al., 2009.)
 * Shares of all but the second go to the first.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { CommonStream, KEY_BYTES } from "@tombolo/protocols/secret-sharing/pairwise";
import type { statisticsMessages } from "./messages.ts";

/** What a party sees of another: `first` is who the flow names earlier. */
export type StatisticsPeer =
  | { readonly side: "first"; readonly peer: Peer<typeof statisticsMessages, "first"> }
  | { readonly side: "second"; readonly peer: Peer<typeof statisticsMessages, "second"> };

/** All other parties in the flow's order; own place among all. */
export interface Members {
  readonly place: number;
  readonly others: readonly StatisticsPeer[];
}

interface Link {
  readonly end: StatisticsPeer;
  readonly stream: CommonStream;
}

export class Group {
  readonly place: number;
  readonly #links: readonly Link[];

  private constructor(place: number, links: readonly Link[]) {
    this.place = place;
    this.#links = links;
  }

  static async open({ place, others }: Members, secrets: Secrets): Promise<Group> {
    const links = others.map(async (end): Promise<Link> => {
      if (end.side === "second") {
        const key = await end.peer.receive("firstKey");
        if (key.length !== KEY_BYTES) throw otherSize(end.peer.party);
        return { end, stream: new CommonStream(key.slice(), end.peer.binding) };
      }
      const key = secrets.bytes(KEY_BYTES);
      await end.peer.send("firstKey", key);
      return { end, stream: new CommonStream(key, end.peer.binding) };
    });
    return new Group(place, await Promise.all(links));
  }

  /** Whether this party is one of the two. */
  get computes(): boolean {
    return this.place < 2;
  }

  /** Own share of the totals, at the two; null elsewhere. */
  async total(own: BigUint64Array): Promise<BigUint64Array | null> {
    const share = own.slice();
    for (const { end, stream } of this.#links) {
      const masks = await stream.words(own.length);
      for (let i = 0; i < share.length; i++)
        share[i] = BigInt.asUintN(64, end.side === "first" ? share[i]! + masks[i]! : share[i]! - masks[i]!);
    }
    if (this.place === 1) return share;
    if (this.place > 1) {
      const { end } = this.#links[0]!;
      if (end.side === "second") await end.peer.send("secondTotals", bytesOf(share));
      return null;
    }
    for (const { end } of this.#further()) {
      const theirs = await end.peer.receive("secondTotals");
      if (theirs.length !== 8 * own.length) throw otherSize(end.peer.party);
      wordsOf(theirs).forEach((word, i) => {
        share[i] = BigInt.asUintN(64, share[i]! + word);
      });
    }
    return share;
  }

  /** The first tells all but the second, who knows; everybody has it then. */
  async told(name: "firstDecisions" | "firstResults", known: Uint8Array | null, length: number): Promise<Uint8Array> {
    if (known !== null) {
      if (this.place === 0) await Promise.all(this.#further().map(({ end }) => end.peer.send(name, known)));
      return known;
    }
    const { end } = this.#links[0]!;
    if (end.side === "first") throw new TypeError("the two know already");
    const theirs = await end.peer.receive(name);
    if (theirs.length !== length) throw otherSize(end.peer.party);
    return theirs.slice();
  }

  /** Between the two. */
  get partner(): StatisticsPeer {
    return this.#links[0]!.end;
  }

  /** At the first: all but the second. */
  #further() {
    return this.#links.slice(1).map(({ end, stream }) => {
      if (end.side !== "first") throw new TypeError("the first comes before all others");
      return { end, stream };
    });
  }
}

const otherSize = (party: string): TomboloError =>
  new TomboloError("protocol.size", "a party counts other groups or columns", { blame: party });

export const bytesOf = (words: BigUint64Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

export const wordsOf = (bytes: Uint8Array): BigUint64Array => new BigUint64Array(bytes.slice().buffer);
