/** Sizes of one run, a public function of the number of elements asked for; `security.ts` says why they suffice. */
import { TomboloError } from "@tombolo/base";

export const COUNT_MAX = 2 ** 23;
/** At most this many elements come from transfers alone, which costs less traffic than the trees. */
export const DIRECT_MAX = 768;
/** Leaves per output. */
export const LENGTH_RATIO = 2;
/** Noise positions, one in each tree, at least: longer codes have words of less relative weight. */
export const noiseMin = (count: number): number =>
  count <= 2 ** 15 ? 512 : count <= 2 ** 18 ? 704 : count <= 2 ** 21 ? 1024 : 1344;

export interface Parameters {
  /** Trees and so noise positions. 0: from transfers alone. */
  readonly trees: number;
  /** Levels of each tree: leaves 2^depth. */
  readonly depth: number;
  /** Elements of the base VOLE, 128 transfers each. */
  readonly baseCount: number;
  /** Transfers in all. */
  readonly transfers: number;
}

export function parametersOf(count: number, adversary: "semi-honest" | "malicious"): Parameters {
  if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX)
    throw new TomboloError("input.size", `VOLE comes in numbers from 1 to ${COUNT_MAX}`);
  if (count <= DIRECT_MAX) return { trees: 0, depth: 0, baseCount: count, transfers: 128 * count };
  // Whole powers of two, so that a transfer's choice is a bit of the position: up to twice as many trees as needed.
  const noise = noiseMin(count);
  const depth = Math.max(2, Math.floor(Math.log2((LENGTH_RATIO * count) / noise)));
  const trees = Math.max(noise, Math.ceil((LENGTH_RATIO * count) / 2 ** depth));
  const baseCount = trees + (adversary === "malicious" ? 1 : 0);
  return { trees, depth, baseCount, transfers: 128 * baseCount + trees * depth };
}

/** Payload bytes of a whole run in both directions; `softspoken` with four bits, of which `transfers` take one batch. */
export function voleBytes(count: number, adversary: "semi-honest" | "malicious"): number {
  const { trees, depth, transfers } = parametersOf(count, adversary);
  const proofs = adversary === "malicious" ? 1056 + 2560 + (trees > 0 ? 16 + 32 : 0) : 0;
  return 16_384 + 496 * Math.ceil(transfers / 128) + 16 * trees * (2 * depth + 1) + proofs;
}
