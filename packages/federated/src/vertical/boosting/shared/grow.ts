/**
 * One tree on shares, complete to its depth: nodes that are not to be split send all rows left. goal, guarantees and papers: train.ts.
 */
import type { Backend, Bits, Words } from "@tombolo/protocols/secret-sharing/backend";
import { sharesOf, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import type { Candidates } from "./candidates.ts";
import { type Choosing, type Chosen, chooseSplits, counted, type Gradients } from "./choose.ts";
import { alternating, eithersBits } from "./places.ts";
import type { CandidateSums } from "./products.ts";
import { weights } from "./scores.ts";

export interface Growing extends Choosing {
  readonly own: Candidates;
  readonly sums: CandidateSums;
  readonly depth: number;
  readonly onLevel: (level: number) => void;
}

export interface GrownTree {
  /** By node, in the order of a heap. */
  readonly chosen: readonly Chosen[];
  /** By level: of each node and row 1 where it goes left. */
  readonly bits: readonly Bits[];
  /** Of the leaves, from left to right, in units of margins. */
  readonly leaves: Words;
}

/** Of all rows; those that this tree leaves out have 0 for both. */
export async function growTree(growing: Growing, rows: Gradients): Promise<GrownTree> {
  const { backend, depth, formats } = growing;
  let nodeRows = rows;
  let totals = both((part) => backend.sums(rows[part], formats.rows));
  let sums = await candidateSums(growing, rows);
  const all: Chosen[] = [];
  const bits: Bits[] = [];
  for (let level = 0; level < depth; level++) {
    growing.onLevel(level);
    const chosen = await chooseSplits(growing, totals, sums);
    const left = await chosenSums(growing, chosen, totals, sums);
    const here = await eithersBits(backend, rowBits(growing, chosen));
    all.push(...chosen);
    bits.push(here);
    totals = children(backend, totals, left, 1);
    if (level === depth - 1) break;
    const leftRows = await masked(backend, here, nodeRows);
    const leftSums = await candidateSums(growing, leftRows);
    nodeRows = children(backend, nodeRows, leftRows, formats.rows);
    sums = children(backend, sums, leftSums, leftSums.g.length / chosen.length);
  }
  const leaves = await weights(backend, await counted(backend, totals, formats), formats);
  return { chosen: all, bits, leaves };
}

const both = (make: (part: "g" | "q") => Words): Gradients => ({ g: make("g"), q: make("q") });

/** Of each node all candidates' left sides. */
async function candidateSums({ sums, backend }: Growing, rows: Gradients): Promise<Gradients> {
  const products = await sums.of(sharesOf(backend.join([rows.g, rows.q])));
  const half = products.length / 2;
  return { g: wordsOfShares(products.slice(0, half)), q: wordsOfShares(products.slice(half)) };
}

const masked = async (backend: Backend, bits: Bits, { g, q }: Gradients): Promise<Gradients> => ({
  g: await backend.inject(bits, g),
  q: await backend.inject(bits, q),
});

/** Left child and right child of each node, the right one's what is left over. */
const children = (backend: Backend, nodes: Gradients, left: Gradients, size: number): Gradients =>
  both((part) => alternating(backend, left[part], backend.subtract(nodes[part], left[part]), size));

/** Own bits of own nodes, 0 at the partner's. */
function rowBits({ own, formats: { rows } }: Growing, chosen: readonly Chosen[]): Uint8Array {
  const bits = new Uint8Array(chosen.length * rows);
  chosen.forEach(({ place }, node) => {
    if (place === null) return;
    const here = bits.subarray(node * rows, (node + 1) * rows);
    if (place < 0) here.fill(1);
    else here.set(own.left(place));
  });
  return bits;
}

/** Sums of the left sides that were chosen: the owner marks its own among all that were offered. */
async function chosenSums(
  { backend, candidates }: Growing,
  chosen: readonly Chosen[],
  totals: Gradients,
  sums: Gradients,
): Promise<Gradients> {
  const count = candidates.guest + candidates.host;
  const marks = new Uint8Array(chosen.length * (1 + count));
  chosen.forEach(({ owner, place }, node) => {
    if (place === null) return;
    const option = place < 0 ? 0 : 1 + place + (owner === "host" ? candidates.guest : 0);
    marks[node * (1 + count) + option] = 1;
  });
  const order = Uint32Array.from({ length: marks.length }, (_, i) => {
    const [node, option] = [Math.floor(i / (1 + count)), i % (1 + count)];
    return option === 0 ? node : chosen.length + node * count + option - 1;
  });
  const bits = await eithersBits(backend, marks);
  const options = both((part) => backend.pick(backend.join([totals[part], sums[part]]), order));
  const marked = await masked(backend, bits, options);
  return both((part) => backend.sums(marked[part], 1 + count));
}
