/** The receiver's table: each item in one of its three bins, at most one in a bin. */
import { type Secrets, TomboloError } from "@tombolo/base";
import { HASHES } from "./steps.ts";

/** In `rows`: no item is in this bin. */
export const NO_ROW = 0xffff_ffff;

export interface Cuckoo {
  /** The row in each bin, or NO_ROW. */
  readonly rows: Uint32Array;
  /** Under which hash it is there. */
  readonly hashes: Uint8Array;
}

/** An item that has wandered this far finds no place: bins are five quarters of the items, a few steps are usual. */
const STEPS_MAX = 100_000;

/** `bins[j][i]`: the bin of item i under hash j. Random walk (Fotakis et al. 2005); no stash. */
export function cuckoo(bins: readonly Uint32Array[], binCount: number, secrets: Secrets): Cuckoo {
  const table = { rows: new Uint32Array(binCount).fill(NO_ROW), hashes: new Uint8Array(binCount) };
  const walk = new Walk(secrets);
  for (let item = 0; item < bins[0]!.length; item++) insert(item, bins, table, walk);
  return table;
}

function insert(item: number, bins: readonly Uint32Array[], { rows, hashes }: Cuckoo, walk: Walk): void {
  let [row, last] = [item, HASHES];
  for (let step = 0; step < STEPS_MAX; step++) {
    for (let j = 0; j < HASHES; j++)
      if (rows[bins[j]![row]!] === NO_ROW) {
        rows[bins[j]![row]!] = row;
        hashes[bins[j]![row]!] = j;
        return;
      }
    // Not back to where it was just put out of.
    const j = last === HASHES ? walk.below(HASHES) : (last + 1 + walk.below(HASHES - 1)) % HASHES;
    const bin = bins[j]![row]!;
    const [out, outHash] = [rows[bin]!, hashes[bin]!];
    rows[bin] = row;
    hashes[bin] = j;
    [row, last] = [out, outHash];
  }
  throw new TomboloError("state.cuckoo", "an item found no bin; this happens once in 2^40 runs", {
    stage: "psi/circuit",
    remedy: "Run it again.",
  });
}

/** Which way an item goes: of no matter for what anyone sees, only for how soon it finds a place. */
class Walk {
  #state: number;

  constructor(secrets: Secrets) {
    this.#state = new DataView(secrets.bytes(4).buffer).getUint32(0) | 1;
  }

  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }
}
