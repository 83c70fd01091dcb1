/**
 * Products with the matrix of a further host, who owns columns while guest and first host compute.
 *
 * Both have shares w, w' of the owner's weights. X·w is a product of a matrix in the clear with a vector that one party has whole
 * (protocols/matrix-product): the party has X·w - a, the owner the mask a that it drew; of X·w' likewise X·w' - a', a'. The owner passes
 * a to the other of the two, and a' to the first: so they have X·w - a + a' and X·w' - a' + a, which add up to X·(w + w'). The same with X
 * transposed and shares of residuals.
 *
 * Learns: the owner nothing but which product comes next. Who computes gets a product under a mask that it lacks, and a mask that is
 * uniform to it. Adversary: semi-honest, one party; or further hosts together with one of the two. **The two together know
 * everything**: they could add up their shares of weights and products, from which the owner's matrix follows.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { KeyOwner, type ProductMessages } from "@tombolo/protocols/matrix-product";
import { plainNamed } from "@tombolo/protocols/renamed";
import type { ComputingPeer } from "./ends.ts";
import { ENTRY_BITS } from "./formats.ts";
import type { OwnerErrors, OwnerTask } from "./messages.ts";
import { planOf, RELEASED_MAX, type Side } from "./products.ts";
import type { OtherColumns, Part } from "./shared-space.ts";

export interface Owner extends OtherColumns {
  readonly peer: ComputingPeer;
  /** For standard errors: shares of a column of its matrix, with the rows' fraction bits. */
  column(place: number, rows: number): Promise<BigUint64Array>;
  /** Shares of its combinations, row by row (inference/standard-errors.ts). */
  combinations(): Promise<BigUint64Array>;
  /** Shares of its coefficients of an earlier model, and of what its columns' means add (warm-start.ts). */
  earlier(): Promise<BigUint64Array>;
  /** Own shares of the owner's part of the diagonal, and of the mean square. */
  errors(about: Pick<OwnerErrors, "scaled" | "fraction">, shares: BigUint64Array): Promise<void>;
  /** No more products are wanted: the guest says so, and how it went. */
  end(how: { readonly converged: boolean; readonly steps: number }): Promise<void>;
}

export interface OwnerOptions {
  readonly side: Side;
  readonly columns: number;
  /** Vectors that are multiplied at once: one for each class. */
  readonly outputs: number;
  /** Rows of each part. */
  readonly parts: ReadonlyMap<Part, number>;
  readonly secrets: Secrets;
}

export async function openOwner(peer: ComputingPeer, options: OwnerOptions): Promise<Owner> {
  const { side, columns, outputs, parts, secrets } = options;
  const vectors = { vectors: outputs, releasedMax: RELEASED_MAX };
  const plans = new Map(
    [...parts].map(([part, rows]) => [part, planOf({ rows, columns, entryBits: ENTRY_BITS }, vectors)!]),
  );
  const products = plainNamed("owner", peer as never) as unknown as Peer<ProductMessages, "keyOwner">;
  const keys = await KeyOwner.open([...plans.values()], products, secrets);
  const task = async (next: OwnerTask): Promise<void> => {
    if (side === "guest") await peer.send("ownerTask", next);
  };
  return {
    peer,
    columns,
    async multiply(part, weights) {
      await task({ product: "forward", part });
      const own = await keys.product(plans.get(part)!).multiply(weights);
      return passedOn(own, peer);
    },
    async multiplyTransposed(part, rows) {
      await task({ product: "backward", part });
      const own = await keys.product(plans.get(part)!).multiplyTransposed(rows);
      return passedOn(own, peer);
    },
    async column(place, rows) {
      await task({ product: "column", place });
      return received(new BigUint64Array(rows), "ownerShares", peer);
    },
    async combinations() {
      await task({ product: "combinations" });
      return received(new BigUint64Array(columns ** 2), "ownerShares", peer);
    },
    async earlier() {
      await task({ product: "earlier" });
      return received(new BigUint64Array(outputs * (columns + 1)), "ownerShares", peer);
    },
    async errors(about, shares) {
      await task({ product: "errors", ...about });
      await peer.send("ownerErrors", new Uint8Array(shares.slice().buffer));
    },
    end: (how) => task({ product: "end", ...how }),
  };
}

/** With the mask of the other's product. */
const passedOn = (own: BigUint64Array, peer: ComputingPeer): Promise<BigUint64Array> =>
  received(own.slice(), "ownerPassed", peer);

/** Adds what the owner sends. */
async function received(
  out: BigUint64Array,
  message: "ownerPassed" | "ownerShares",
  peer: ComputingPeer,
): Promise<BigUint64Array> {
  let at = 0;
  for await (const chunk of peer.receiveEach(message)) {
    const words = new BigUint64Array(chunk.slice(0, chunk.length - (chunk.length % 8)).buffer);
    if (chunk.length % 8 !== 0 || at + words.length > out.length) throw wrongLength(peer.party);
    for (let i = 0; i < words.length; i++, at++) out[at] = out[at]! + words[i]!;
  }
  if (at !== out.length) throw wrongLength(peer.party);
  return out;
}

const wrongLength = (party: string): TomboloError =>
  new TomboloError("protocol.size", "as many words as the vector has numbers", { blame: party });
