/**
 * Sums of shared words over the left sides of both parties' candidates. The owner of columns and the partner share the sums by cell of vectors that the partner draws
 * (protocols/shared-histograms), then the products of these with the owner's 0/1 matrix of cells that go left (protocols/matrix-product): a matrix of candidates by cells,
 * not by rows. All this is made ahead, a tree's vectors at once; a shared vector then takes one message, its share under the drawn one, and sums in the clear at the
 * owner (Beaver, CRYPTO 1991, with one factor in the clear at one party).
 *
 * Each side learns its shares, and of the other how many columns and candidates it has and the number of cells.
 */
import { type Secrets, TASK_ATTEMPTS_MAX, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  type AheadMessages,
  KeyOwner,
  type KeyOwnerProduct,
  MatrixOwner,
  type MatrixOwnerProduct,
  type ProductPlan,
  planProduct,
  ReleaseBudget,
} from "@tombolo/protocols/matrix-product";
import {
  CellOwner,
  type HistogramMessages,
  type HistogramSizes,
  SeedOwner,
} from "@tombolo/protocols/shared-histograms";
import { type Candidates, sumsByCell, sumsOfSides } from "./candidates.ts";

export type Side = "guest" | "host";
export type Sides<T> = Readonly<Record<Side, T>>;
export const other = (side: Side): Side => (side === "guest" ? "host" : "guest");

/** Random vectors in memory at once, a word a row each. */
const VECTORS_MAX = 64;
/** Transforms of the matrix of sides, kept for all trees. */
const CACHE_BYTES_MAX = 2 ** 28;

/** What a party says of its candidates. */
export interface Offer {
  readonly candidates: number;
  readonly columns: number;
  readonly cells: number;
}

export const offerOf = ({ count, codes, cells }: Candidates): Offer => ({
  candidates: count,
  columns: codes.length,
  cells,
});

/** One peer, as each of the two protocols knows it. */
export interface OwnPeers {
  readonly product: Peer<AheadMessages, "matrixOwner">;
  readonly histogram: Peer<HistogramMessages, "cellOwner">;
}
export interface TheirPeers {
  readonly product: Peer<AheadMessages, "keyOwner">;
  readonly histogram: Peer<HistogramMessages, "seedOwner">;
}

export interface SumsEnd {
  readonly side: Side;
  /** Where the own candidates' sums are made, and where the partner's are. */
  readonly own: OwnPeers;
  readonly theirs: TheirPeers;
  readonly secrets: Secrets;
}

export interface SumsSizes {
  readonly rows: number;
  /** In the whole training, at most. */
  readonly vectors: number;
  /** Of a tree. */
  readonly perTree: number;
}

const togetherOf = ({ perTree }: SumsSizes): number => Math.min(perTree, VECTORS_MAX);

function plansOf(sizes: SumsSizes, { candidates, columns, cells }: Offer) {
  const vectors = togetherOf(sizes);
  const histograms: HistogramSizes = { rows: sizes.rows, columns, cells, vectors };
  const shape = { rows: candidates, columns: columns * cells, vectors, entryBits: 1, bits: 64 };
  for (let releasedMax = 2 ** 16; ; releasedMax *= 2) {
    const product: ProductPlan = planProduct({ ...shape, releasedMax, attempts: TASK_ATTEMPTS_MAX });
    if (product.forward.released * Math.ceil(sizes.vectors / vectors) <= releasedMax) return { histograms, product };
  }
}

/** Of sums over that party's candidates: both directions are in one session, with keys of their own. */
const labelOf = (owner: Side): string => `boosting/${owner}`;

/** Over the partner's candidates. */
class TheirSums {
  readonly #histograms: SeedOwner;
  readonly #product: KeyOwnerProduct;
  readonly #peer: TheirPeers["product"];
  readonly #secrets: Secrets;
  readonly #rows: number;
  readonly #vectors: number;
  /** Of each row a word of each vector; and own shares: by cell, and of the vectors still to be used those of candidates. */
  #masks: BigUint64Array = new BigUint64Array(0);
  #byCell: BigUint64Array = new BigUint64Array(0);
  #shares: BigUint64Array[] = [];

  private constructor(histograms: SeedOwner, product: KeyOwnerProduct, end: SumsEnd, sizes: SumsSizes) {
    this.#histograms = histograms;
    this.#product = product;
    this.#peer = end.theirs.product;
    this.#secrets = end.secrets;
    this.#rows = sizes.rows;
    this.#vectors = togetherOf(sizes);
  }

  static async open(end: SumsEnd, offer: Offer, sizes: SumsSizes): Promise<TheirSums> {
    const { secrets, theirs } = end;
    const plans = plansOf(sizes, offer);
    const histograms = await SeedOwner.open(plans.histograms, theirs.histogram, {
      secrets,
      label: labelOf(other(end.side)),
    });
    const owner = await KeyOwner.open([plans.product], theirs.product, secrets);
    return new TheirSums(histograms, owner.product(plans.product), end, sizes);
  }

  /** Draws the next vectors. */
  async sums(): Promise<void> {
    this.#masks = new BigUint64Array(this.#secrets.bytes(8 * this.#rows * this.#vectors).slice().buffer);
    this.#byCell = await this.#histograms.shares(this.#masks);
  }

  async products(): Promise<void> {
    this.#shares = parted(await this.#product.multiply(this.#byCell), this.#vectors);
  }

  async multiply(share: BigUint64Array): Promise<BigUint64Array> {
    const vector = this.#vectors - this.#shares.length;
    const masked = share.map((word, row) => word - this.#masks[row * this.#vectors + vector]!);
    await this.#peer.send("productMasked", new Uint8Array(masked.buffer));
    return this.#shares.shift()!;
  }
}

/** Over the own candidates. */
class OwnSums {
  readonly #own: Candidates;
  readonly #histograms: CellOwner;
  readonly #product: MatrixOwnerProduct;
  readonly #peer: OwnPeers["product"];
  readonly #vectors: number;
  #byCell: BigUint64Array[] = [];
  #shares: BigUint64Array[] = [];

  private constructor(
    own: Candidates,
    histograms: CellOwner,
    product: MatrixOwnerProduct,
    end: SumsEnd,
    vectors: number,
  ) {
    this.#own = own;
    this.#histograms = histograms;
    this.#product = product;
    this.#peer = end.own.product;
    this.#vectors = vectors;
  }

  static async open(end: SumsEnd, own: Candidates, sizes: SumsSizes): Promise<OwnSums> {
    const { secrets } = end;
    const plans = plansOf(sizes, offerOf(own));
    const labelled = { secrets, label: labelOf(end.side) };
    const histograms = await CellOwner.open(plans.histograms, own.codes, end.own.histogram, labelled);
    const options = {
      secrets,
      budget: new ReleaseBudget(plans.product.releasedMax),
      cacheBytesMax: CACHE_BYTES_MAX,
    };
    const owner = await MatrixOwner.open([plans.product], end.own.product, options);
    return new OwnSums(own, histograms, owner.product(plans.product, own.sides), end, togetherOf(sizes));
  }

  async sums(): Promise<void> {
    this.#byCell = parted(await this.#histograms.shares(), this.#vectors);
  }

  async products(): Promise<void> {
    const products = parted(await this.#product.multiply(null), this.#vectors);
    this.#shares = products.map((product, i) => added(product, sumsOfSides(this.#own, this.#byCell[i]!)));
  }

  async multiply(share: BigUint64Array): Promise<BigUint64Array> {
    const bytes = await this.#peer.receive("productMasked");
    if (bytes.length !== 8 * share.length)
      throw new TomboloError("protocol.count", "the partner sent a vector of another length", {
        blame: this.#peer.party,
      });
    const masked = new BigUint64Array(new Uint8Array(bytes).buffer); // a copy: what came may be a part of a frame
    return added(sumsOfSides(this.#own, sumsByCell(this.#own, added(masked, share))), this.#shares.shift()!);
  }
}

const added = (a: BigUint64Array, b: BigUint64Array): BigUint64Array => a.map((word, i) => word + b[i]!);

const parted = (words: BigUint64Array, count: number): BigUint64Array[] =>
  Array.from({ length: count }, (_, i) => words.slice((i * words.length) / count, ((i + 1) * words.length) / count));

export class CandidateSums {
  readonly #side: Side;
  readonly #rows: number;
  readonly #together: number;
  /** Null of a party without candidates. */
  readonly #own: OwnSums | null;
  readonly #theirs: TheirSums | null;
  #left = 0;

  private constructor(side: Side, sizes: SumsSizes, own: OwnSums | null, theirs: TheirSums | null) {
    this.#side = side;
    this.#rows = sizes.rows;
    this.#together = togetherOf(sizes);
    this.#own = own;
    this.#theirs = theirs;
  }

  /** The host's columns first, so that messages of the two directions cannot come in another order. */
  static async open(end: SumsEnd, own: Candidates, offer: Offer, sizes: SumsSizes): Promise<CandidateSums> {
    const asOwner = async (): Promise<OwnSums | null> => (own.count === 0 ? null : OwnSums.open(end, own, sizes));
    const asPartner = async (): Promise<TheirSums | null> =>
      offer.candidates === 0 ? null : TheirSums.open(end, offer, sizes);
    if (end.side === "guest") {
      const theirs = await asPartner();
      return new CandidateSums(end.side, sizes, await asOwner(), theirs);
    }
    const owner = await asOwner();
    return new CandidateSums(end.side, sizes, owner, await asPartner());
  }

  /** Of shares of vectors, one after the other: of each the sums of the guest's candidates, then of the host's. */
  async of(shares: BigUint64Array): Promise<BigUint64Array> {
    const out: BigUint64Array[] = [];
    for (let from = 0; from < shares.length; from += this.#rows) {
      const vector = shares.subarray(from, from + this.#rows);
      await this.#ready();
      const none = new BigUint64Array(0);
      const [own, theirs] = await Promise.all([
        this.#own?.multiply(vector) ?? none,
        this.#theirs?.multiply(vector) ?? none,
      ]);
      out.push(...(this.#side === "guest" ? [own, theirs] : [theirs, own]));
    }
    const joined = new BigUint64Array(out.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of out) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  async #ready(): Promise<void> {
    if (this.#left === 0) {
      // One after the other: what a party sends must come in the order in which the partner waits for it.
      await Promise.all([this.#own?.sums(), this.#theirs?.sums()]);
      await Promise.all([this.#own?.products(), this.#theirs?.products()]);
      this.#left = this.#together;
    }
    this.#left--;
  }
}
