/**
 * The best split of each node of a level, on shares: who owns it, which is opened to both, and at its owner which of its own it is.
 *
 * Candidate 0 of a node is not to split: all rows go left. It is the guest's; then come the guest's splits, then the host's, and of equal scores the first one
 * is taken. A split has to gain more than `gainLeast`, and to leave either side its least rows and weight.
 */
import { TomboloError } from "@tombolo/base";
import type { Backend, Bits, Words } from "@tombolo/protocols/secret-sharing/backend";
import { type Engine, largest } from "@tombolo/protocols/secret-sharing/engine";
import { COUNT_SHIFT, type Formats, SCORE_BITS, UNIT_BITS } from "./formats.ts";
import { repeated, span } from "./places.ts";
import type { Side, Sides } from "./products.ts";
import { type NodeSums, scores } from "./scores.ts";

/**
 * Of rows, or of sums over them: gradients, and second derivatives with the rows counted above them. Where all rows have the same second derivative it is the count
 * alone.
 */
export interface Gradients {
  readonly g: Words;
  readonly q: Words;
}

export interface Choosing {
  readonly me: Engine;
  readonly backend: Backend;
  readonly formats: Formats;
  readonly candidates: Sides<number>;
  /** What a split has to gain, shared. */
  readonly gainLeast: Words;
  readonly party: string;
}

export interface Chosen {
  readonly owner: Side;
  /** Place among the owner's own splits; -1: all rows go left; null: not ours. */
  readonly place: number | null;
}

/** `sums`: of each node all candidates. */
export async function chooseSplits(with_: Choosing, totals: Gradients, sums: Gradients): Promise<Chosen[]> {
  const { me, candidates } = with_;
  const options = 1 + candidates.guest + candidates.host;
  const nodes = totals.g.length;
  const values = await optionScores(with_, totals, sums);
  const shape = [nodes, options];
  const { argmax } = await largest(me, { kind: "integer", shape, bound: 2 ** SCORE_BITS, words: values });
  return opened(with_, argmax.words);
}

/** Of each node: not to split, and each candidate. */
async function optionScores(with_: Choosing, totals: Gradients, sums: Gradients): Promise<Words> {
  const { backend, formats, gainLeast } = with_;
  const [nodes, all] = [totals.g.length, sums.g.length];
  const count = all / nodes;
  const [whole, left] = [await counted(backend, totals, formats), await counted(backend, sums, formats)];
  const right = {
    g: backend.subtract(repeated(backend, whole.g, count), left.g),
    h: backend.subtract(repeated(backend, whole.h, count), left.h),
    rows: backend.subtract(repeated(backend, whole.rows, count), left.rows),
  };
  const joined = (part: "g" | "h"): Words => backend.join([left[part], right[part], whole[part]]);
  const each = await scores(backend, { g: joined("g"), h: joined("h") }, formats);
  const [ofLeft, ofRight] = [backend.pick(each, span(0, all)), backend.pick(each, span(all, all))];
  const fits = await heavyEnough(with_, left, right);
  // One more than the score where it fits, else 0: below any score after 1 is taken off.
  const fitting = await backend.inject(fits, backend.addPublic(backend.add(ofLeft, ofRight), 1n));
  const splits = backend.addPublic(fitting, -1n);
  const unsplit = backend.add(backend.pick(each, span(2 * all, nodes)), repeated(backend, gainLeast, nodes));
  const order = Uint32Array.from({ length: nodes * (1 + count) }, (_, i) => {
    const [node, option] = [Math.floor(i / (1 + count)), i % (1 + count)];
    return option === 0 ? node : nodes + node * count + option - 1;
  });
  return backend.pick(backend.join([unsplit, splits]), order);
}

export interface Counted extends NodeSums<Words> {
  readonly rows: Words;
}

export async function counted(backend: Backend, { g, q }: Gradients, { objective }: Formats): Promise<Counted> {
  if (objective === "regression") return { g, rows: q, h: backend.scale(q, 1n << BigInt(UNIT_BITS)) };
  const rows = await backend.shift(q, COUNT_SHIFT, "down");
  return { g, rows, h: backend.subtract(q, backend.scale(rows, 1n << BigInt(COUNT_SHIFT))) };
}

async function heavyEnough({ backend, formats }: Choosing, left: Counted, right: Counted): Promise<Bits> {
  const { rowsLeast, hLeast, rowBits, hBits } = formats;
  const atLeast = async (part: "rows" | "h", least: bigint, width: number): Promise<Bits> => {
    const both = backend.addPublic(backend.join([left[part], right[part]]), -least);
    return backend.not(await backend.negative(both, { width }));
  };
  const both = await backend.and(await atLeast("rows", rowsLeast, rowBits), await atLeast("h", hLeast, hBits));
  const half = left.g.length;
  return backend.and(backend.pickBits(both, span(0, half)), backend.pickBits(both, span(half, half)));
}

/** Who has each node's best split, to both; which it is, to that one. */
async function opened({ backend, candidates, party }: Choosing, argmax: Words): Promise<Chosen[]> {
  const side: Side = backend.self === "first" ? "guest" : "host";
  const ofHost = await backend.negative(backend.addPublic(backend.scale(argmax, -1n), BigInt(candidates.guest)), {
    width: 32,
  });
  const packed = (await backend.openBits(ofHost))!;
  const owners = Array.from({ length: argmax.length }, (_, i): Side => {
    return ((packed[i >> 3]! >> (i & 7)) & 1) === 1 ? "host" : "guest";
  });
  const places = new Map<number, number>();
  for (const owner of ["guest", "host"] as const) {
    const nodes = [...owners.keys()].filter((node) => owners[node] === owner);
    const to = owner === "guest" ? "first" : "second";
    const first = owner === "guest" ? 1 : 1 + candidates.guest;
    const words = await backend.open(backend.pick(argmax, Uint32Array.from(nodes)), to);
    words?.forEach((word, i) => {
      places.set(nodes[i]!, Number(BigInt.asIntN(64, word)) - first);
    });
  }
  return owners.map((owner, node) => {
    if (owner !== side) return { owner, place: null };
    const place = places.get(node)!;
    if (place >= (owner === "guest" ? -1 : 0) && place < candidates[owner]) return { owner, place };
    throw new TomboloError("protocol.range", "the chosen split is none that was offered", { blame: party });
  });
}
