/** What products with the matrices of both parties are made from: sizes, own columns, and ways to the partner. */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type {
  AheadMessages,
  KeyOwner,
  MatrixColumns,
  MatrixOwner,
  TransformStore,
  Way,
} from "@tombolo/protocols/matrix-product";

export interface Sides<T> {
  readonly guest: T;
  readonly host: T;
}
export type Side = keyof Sides<unknown>;

export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
  /** Of its entries. */
  readonly entryBits: number;
}

/** Two matrices that are multiplied at once, by name. */
export interface MatrixPair {
  readonly name: string;
  readonly sizes: Sides<MatrixSize>;
  /** The own one's columns, within the size's bits. */
  readonly own: MatrixColumns;
}

/** Of a session, or of one of its lanes. */
export interface ProductPeers {
  /** Where the own matrix is multiplied, and where the partner's is. */
  readonly own: Peer<AheadMessages, "matrixOwner">;
  readonly theirs: Peer<AheadMessages, "keyOwner">;
}

export interface ProductEnd extends ProductPeers {
  readonly side: Side;
  readonly secrets: Secrets;
  /** Another lane, for what is made ahead. */
  readonly lane: () => Promise<ProductPeers>;
  /** For transforms of the own matrix beyond CACHE_BYTES. */
  readonly store?: TransformStore | undefined;
}

export type Multiply = (share: BigUint64Array) => Promise<BigUint64Array>;
export type Multiplies = Readonly<Record<Way, Multiply>>;

export interface Owners {
  readonly owner: MatrixOwner;
  readonly keyOwner: KeyOwner;
}

export interface Multiplying {
  /** Before products of both matrices. */
  ready(way: Way): Promise<void>;
  readonly mine: Multiplies;
  readonly yours: Multiplies;
}

export const none: Multiplies = {
  forward: async () => new BigUint64Array(0),
  transposed: async () => new BigUint64Array(0),
};

export const other = (side: Side): Side => (side === "guest" ? "host" : "guest");
