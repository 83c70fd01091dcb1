/**
 * The best split of each node of a level, on shares: who owns it, which is opened to both, and at its owner which of its own it is.
 *
 * The guest's splits come before the host's, and of equal gains the first one is taken. A split has to gain more than `gainLeast`, and to leave either side its least rows and
 * weight: else all rows go left, which counts as the guest's.
 */
import { TomboloError } from "@tombolo/base";
import type { Backend, Bits, Words } from "@tombolo/protocols/secret-sharing/backend";
import { type Best, firstOfBest } from "./best.ts";
import { COUNT_SHIFT, type Formats, SCORE_BITS, UNIT_BITS } from "./formats.ts";
import { repeated, span } from "./places.ts";
import type { Side, Sides } from "./products.ts";
import { gains, type NodeSums, scores } from "./scores.ts";

/**
 * Of rows, or of sums over them: gradients, and second derivatives with the rows counted above them. Where all rows have the same second derivative it is the count
 * alone.
 */
export interface Gradients {
  readonly g: Words;
  readonly q: Words;
}

export interface Choosing {
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
  const { backend, formats } = with_;
  const [nodes, all] = [totals.g.length, sums.g.length];
  const count = all / nodes;
  const [whole, left] = [await counted(backend, totals, formats), await counted(backend, sums, formats)];
  const each = (part: keyof Counted): Words => repeated(backend, whole[part], count);
  const rightOf = (part: keyof Counted): Words => backend.subtract(each(part), left[part]);
  const fits = await heavyEnough(with_, left, { g: rightOf("g"), h: rightOf("h"), rows: rightOf("rows") });
  const { numerator, denominator } = await gains(backend, whole, left, count, formats);
  const gain = { numerator: await backend.inject(fits, numerator), denominator };
  const best = await firstOfBest(backend, nodes, { gain, rest: { g: left.g, h: left.h } });
  const splits = await gainsEnough(with_, whole, best);
  return opened(with_, await backend.inject(splits, backend.addPublic(best.place, 1n)));
}

/** Whether the best split of each node fits at all, and gains what a split has to: more than `gainLeast`. */
async function gainsEnough({ backend, formats, gainLeast }: Choosing, whole: Counted, best: Best): Promise<Bits> {
  const nodes = whole.g.length;
  const sides = (part: "g" | "h"): Words =>
    backend.join([best.rest[part], backend.subtract(whole[part], best.rest[part]), whole[part]]);
  const each = await scores(backend, { g: sides("g"), h: sides("h") }, formats);
  const score = (i: number): Words => backend.pick(each, span(i * nodes, nodes));
  const unsplit = backend.add(score(2), repeated(backend, gainLeast, nodes));
  const enough = await backend.negative(backend.subtract(unsplit, backend.add(score(0), score(1))), {
    width: SCORE_BITS + 2,
  });
  return backend.and(enough, await backend.negative(backend.scale(best.gain.numerator, -1n), { width: SCORE_BITS }));
}

export interface Counted extends NodeSums<Words> {
  readonly rows: Words;
}

export async function counted(backend: Backend, { g, q }: Gradients, { alike }: Formats): Promise<Counted> {
  if (alike) return { g, rows: q, h: backend.scale(q, 1n << BigInt(UNIT_BITS)) };
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
