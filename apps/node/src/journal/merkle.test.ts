import { createHash } from "node:crypto";
import { equalBytes, fromHex, toHex, utf8 } from "@tombolo/base";
import { beforeAll, describe, expect, test } from "vitest";
import {
  appended,
  consistencyProof,
  emptyRoot,
  type Hash,
  hashLeaf,
  inclusionProof,
  type ReadNode,
  rangeHash,
  verifyConsistency,
  verifyInclusion,
} from "./merkle.ts";

/** Leaves, roots and proofs of the Certificate Transparency reference implementation (merkle_tree_test.cc). */
const referenceLeaves = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const referenceRoots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const referenceInclusion: [index: number, size: number, proof: string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    5,
    8,
    [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
  [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
];
const referenceConsistency: [first: number, size: number, proof: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    6,
    8,
    [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
];

interface Tree {
  readonly read: ReadNode;
  readonly leaves: Hash[];
}

async function treeOf(data: readonly Uint8Array[]): Promise<Tree> {
  const nodes = new Map<string, Hash>();
  const read: ReadNode = async (level, position) => nodes.get(`${level}/${position}`)!;
  const leaves = data.map(hashLeaf);
  for (const [index, leaf] of leaves.entries())
    for (const node of await appended(index, leaf, read)) nodes.set(`${node.level}/${node.position}`, node.hash);
  return { read, leaves };
}

/** RFC 6962 section 2.1 word by word over the leaves: the twin of the stored tree. */
function twinRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length <= 1) return leaves[0] ?? emptyRoot();
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return createHash("sha256")
    .update(Uint8Array.of(1))
    .update(twinRoot(leaves.slice(0, k)))
    .update(twinRoot(leaves.slice(k)))
    .digest();
}

describe("known answers", () => {
  let tree: Tree;
  beforeAll(async () => {
    tree = await treeOf(referenceLeaves.map(fromHex));
  });

  test("roots of the reference log", async () => {
    expect(toHex(emptyRoot())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (const [index, root] of referenceRoots.entries())
      expect(toHex(await rangeHash(0, index + 1, tree.read))).toBe(root);
  });

  test.each(referenceInclusion)("inclusion of leaf %i in %i", async (index, size, proof) => {
    expect((await inclusionProof(index, size, tree.read)).map(toHex)).toEqual(proof);
  });

  test.each(referenceConsistency)("consistency of %i with %i", async (first, size, proof) => {
    expect((await consistencyProof(first, size, tree.read)).map(toHex)).toEqual(proof);
  });
});

describe("properties up to 40 leaves", () => {
  const SIZE = 40;
  let tree: Tree;
  let roots: Hash[];
  beforeAll(async () => {
    tree = await treeOf(Array.from({ length: SIZE }, (_, i) => utf8(`entry ${i}`)));
    roots = Array.from({ length: SIZE + 1 }, (_, size) => twinRoot(tree.leaves.slice(0, size)));
  });

  test("stored subtrees give the twin's root at every size", async () => {
    for (let size = 0; size <= SIZE; size++)
      expect(equalBytes(await rangeHash(0, size, tree.read), roots[size]!)).toBe(true);
  });

  test("every inclusion proof holds for its leaf and for no other leaf, size or root", async () => {
    for (let size = 1; size <= SIZE; size++)
      for (let index = 0; index < size; index++) {
        const proof = await inclusionProof(index, size, tree.read);
        expect(verifyInclusion(tree.leaves[index]!, index, size, proof, roots[size]!)).toBe(true);
        const other = (index + 1) % SIZE;
        expect(verifyInclusion(tree.leaves[other]!, index, size, proof, roots[size]!)).toBe(false);
        expect(verifyInclusion(tree.leaves[index]!, index, size, proof, roots[(size + 1) % SIZE]!)).toBe(false);
        expect(verifyInclusion(tree.leaves[index]!, index, size, [...proof, roots[0]!], roots[size]!)).toBe(false);
      }
  });

  test("every consistency proof holds, and not with a changed root, size or hash", async () => {
    for (let size = 1; size <= SIZE; size++)
      for (let first = 0; first <= size; first++) {
        const proof = await consistencyProof(first, size, tree.read);
        expect(verifyConsistency(first, roots[first]!, size, roots[size]!, proof)).toBe(true);
        if (first === 0) continue;
        expect(verifyConsistency(first, roots[0]!, size, roots[size]!, proof)).toBe(false);
        expect(verifyConsistency(first, roots[first]!, size, roots[0]!, proof)).toBe(false);
        for (let i = 0; i < proof.length; i++)
          expect(verifyConsistency(first, roots[first]!, size, roots[size]!, proof.with(i, roots[0]!))).toBe(false);
        expect(verifyConsistency(first, roots[first]!, size, roots[size]!, [...proof, roots[0]!])).toBe(false);
      }
    expect(verifyConsistency(5, roots[5]!, 4, roots[4]!, [])).toBe(false);
  });
});
