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
import type { OwnerTask } from "./messages.ts";
import { planOf, type Side } from "./products.ts";
import type { OtherColumns, Part } from "./shared-space.ts";

export interface Owner extends OtherColumns {
  readonly peer: ComputingPeer;
  /** No more products are wanted: the guest says so, and how it went. */
  end(how: { readonly converged: boolean; readonly steps: number }): Promise<void>;
}

export interface OwnerOptions {
  readonly side: Side;
  readonly columns: number;
  /** Rows of each part. */
  readonly parts: ReadonlyMap<Part, number>;
  readonly secrets: Secrets;
}

export async function openOwner(peer: ComputingPeer, { side, columns, parts, secrets }: OwnerOptions): Promise<Owner> {
  const plans = new Map([...parts].map(([part, rows]) => [part, planOf({ rows, columns })!]));
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
    end: (how) => task({ product: "end", ...how }),
  };
}

/** With the mask of the other's product. */
async function passedOn(own: BigUint64Array, peer: ComputingPeer): Promise<BigUint64Array> {
  const out = own.slice();
  let at = 0;
  for await (const chunk of peer.receiveEach("ownerPassed")) {
    const words = new BigUint64Array(chunk.slice(0, chunk.length - (chunk.length % 8)).buffer);
    if (chunk.length % 8 !== 0 || at + words.length > out.length) throw wrongLength(peer.party);
    for (let i = 0; i < words.length; i++, at++) out[at] = out[at]! + words[i]!;
  }
  if (at !== out.length) throw wrongLength(peer.party);
  return out;
}

const wrongLength = (party: string): TomboloError =>
  new TomboloError("protocol.size", "as many masks as a product has numbers", { blame: party });
