/** Kernels of oblivious transfers in bulk: native against reference, and both against what they are for. */
import { seededSampling } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { expectSame, native, randomBytes } from "./expect-same.ts";
import type { Kernels } from "./kernels.ts";
import { referenceKernels } from "./reference/index.ts";
import type { KeyForm } from "./transfer-kernels.ts";

const sampling = seededSampling(19);
const salt = randomBytes(16);
const FORMS: readonly KeyForm[] = [
  { kind: "blocks" },
  { kind: "words" },
  { kind: "digits", planes: 1 },
  { kind: "digits", planes: 4 },
  { kind: "bits", planes: 2 },
];
const bitAt = (bits: Uint8Array, at: number): number => (bits[at >> 3]! >> (at & 7)) & 1;

/** Both ends of the trees: all leaves, and all but one. */
function trees(bits: number, count = 128 / bits) {
  const leaves = randomBytes(16 * count * 2 ** bits);
  const positions = Uint32Array.from({ length: count }, () => sampling.below(2 ** bits));
  const punctured = leaves.slice();
  positions.forEach((position, tree) => {
    punctured.fill(0, 16 * (tree * 2 ** bits + position), 16 * (tree * 2 ** bits + position + 1));
  });
  return { leaves, positions, punctured };
}

/** Transfers for so many tables of two planes. */
async function fromPairs(kernels: Kernels, digits: number) {
  const { leaves, positions, punctured } = trees(4);
  const extension = { bits: 4, first: 3, count: 4 * digits, salt, form: { kind: "digits", planes: 2 } } as const;
  const chooser = await kernels.transfersReceived({ ...extension, leaves });
  const sent = await kernels.transfersSent({ ...extension, leaves: punctured }, positions, chooser.corrections);
  return { chooser, pads: new Uint16Array(sent.buffer, sent.byteOffset, sent.length / 2) };
}

async function fromSixteen(kernels: Kernels, digits: number) {
  const { leaves, positions, punctured } = trees(4, 60);
  const of = { first: 3, count: digits, salt, planes: 2 };
  const chooser = await kernels.sixteenReceived({ ...of, leaves });
  const sent = await kernels.sixteenSent({ ...of, leaves: punctured }, positions, chooser.corrections);
  return { chooser, pads: new Uint16Array(sent.buffer, sent.byteOffset, sent.length / 2) };
}

describe.skipIf(native === null)("native and reference kernels agree", () => {
  it("on transfers in bulk, over several strips, whatever is kept", async () => {
    const { leaves, positions } = trees(4);
    for (const form of FORMS) {
      const extension = { leaves, bits: 4, first: 2 ** 33, count: 2048 + 200, salt, form };
      const corrections = randomBytes(31 * 16 * 18);
      await expectSame((k) => k.transfersReceived(extension));
      await expectSame((k) => k.transfersSent(extension, positions, corrections));
      await expectSame((k) => k.transfersSent(extension, positions, corrections.subarray(1)));
    }
    const [blocks, choices] = [randomBytes(16 * 2248), randomBytes(281)];
    for (const form of [...FORMS, { kind: "digits", planes: 9 } as const]) {
      await expectSame((k) => k.keysReceived(blocks, choices, salt, form));
      await expectSame((k) => k.keysReceived(blocks, choices.subarray(1), salt, form));
      await expectSame((k) => k.keysReceived(blocks.subarray(16), choices, salt, form));
      await expectSame((k) => k.keysSent(blocks, salt, salt, form));
      await expectSame((k) => k.keysSent(blocks, salt.subarray(1), salt, form));
    }
    const plain = { leaves, bits: 4, first: 0, count: 8, salt, form: FORMS[0]! };
    for (const wrong of [
      { count: 4 },
      { count: 0 },
      { leaves: leaves.subarray(16) },
      { bits: 2 },
      { salt: randomBytes(3) },
    ])
      await expectSame((k) => k.transfersReceived({ ...plain, ...wrong }));
    await expectSame((k) => k.transfersReceived({ ...plain, form: { kind: "bits", planes: 9 } }));
  });

  it("on transfers of one in sixteen, over several strips", async () => {
    const [leaves, positions] = [randomBytes(16 * 960), Uint32Array.from({ length: 60 }, () => sampling.below(16))];
    const of = { leaves, first: 2 ** 33, count: 2048 + 200, salt, planes: 2 };
    const corrections = randomBytes(56 * 16 * 18);
    await expectSame((k) => k.sixteenReceived(of));
    await expectSame((k) => k.sixteenReceived({ ...of, count: 8, planes: 8 }));
    await expectSame((k) => k.sixteenSent(of, positions, corrections));
    await expectSame((k) => k.sixteenSent(of, positions, corrections.subarray(1)));
    await expectSame((k) => k.sixteenSent(of, positions.subarray(1), corrections));
    await expectSame((k) =>
      k.sixteenSent(
        of,
        positions.map(() => 16),
        corrections,
      ),
    );
    for (const wrong of [
      { count: 4 },
      { count: 0 },
      { leaves: leaves.subarray(16) },
      { planes: 9 },
      { salt: randomBytes(3) },
    ])
      await expectSame((k) => k.sixteenReceived({ ...of, ...wrong }));
  });

  it("on digits of words", async () => {
    const words = BigUint64Array.from({ length: 48 }, () => BigInt(sampling.below(2 ** 32)) << 29n);
    const half = words.subarray(0, 24);
    for (const cut of [
      { low: 0, width: 64 },
      { low: 30, width: 18 },
      { low: 63, width: 1 },
    ]) {
      const digits = Math.ceil(cut.width / 4);
      const [masked, shares] = [randomBytes(12 * digits), randomBytes(12 * digits)];
      const pads = new Uint16Array(randomBytes(2 * 96 * digits).buffer);
      const equal = [pads.subarray(0, 48 * digits), masked, shares.subarray(0, 6 * digits)] as const;
      await expectSame((k) => k.digitChoices(half, cut, masked));
      await expectSame((k) => k.digitChoices(half, cut, masked.subarray(1)));
      await expectSame((k) => k.digitTables(words, cut, true, pads, masked, shares));
      await expectSame((k) => k.digitTables(words, cut, false, ...equal));
      await expectSame((k) => k.digitTables(words, cut, true, pads, masked, shares.subarray(1)));
      await expectSame((k) => k.digitEntries(half, cut, masked, randomBytes(0)));
      const [chosen, tables] = [randomBytes(24 * digits), randomBytes(96 * digits)];
      await expectSame((k) => k.digitEntries(half, cut, chosen, tables));
      await expectSame((k) => k.digitEntries(half.subarray(4), cut, chosen, tables));
    }
    await expectSame((k) => k.digitChoices(half, { low: 60, width: 5 }, randomBytes(24)));
    await expectSame((k) =>
      k.digitEntries(new BigUint64Array(0), { low: 0, width: 3 }, randomBytes(0), randomBytes(0)),
    );
  });

  it("on straight pieces", async () => {
    const words = BigUint64Array.from({ length: 16 }, () => BigInt(sampling.below(2 ** 32)) << 21n);
    const [slopes, intercepts] = [randomBytes(128), randomBytes(128)].map((bytes) => new Uint32Array(bytes.buffer)) as [
      Uint32Array,
      Uint32Array,
    ];
    const pieces = { slopes, intercepts, step: 20 };
    const [masked, shares, keys] = [randomBytes(16), randomBytes(64), randomBytes(16 * 5 * 16 * 2)];
    const [choices, tables] = [randomBytes(10), randomBytes(128 * 16)];
    await expectSame((k) => k.pieceChoices(words, 20, choices));
    await expectSame((k) => k.pieceChoices(words, 64, choices));
    await expectSame((k) => k.pieceTables(words, pieces, keys, masked, shares, salt));
    await expectSame((k) =>
      k.pieceTables(words, { ...pieces, slopes: slopes.subarray(1) }, keys, masked, shares, salt),
    );
    await expectSame((k) => k.pieceTables(words, pieces, keys.subarray(32), masked, shares, salt));
    await expectSame((k) => k.pieceEntries(words, 20, keys.subarray(0, 16 * 5 * 16), tables, salt));
    await expectSame((k) => k.pieceEntries(words, 20, keys, tables, salt));
  });
});

describe.each([
  ["reference", referenceKernels],
  ["native", native],
] as const)("%s kernels", (_, maybe) => {
  const skipped = maybe === null;
  const kernels = maybe as Kernels;

  it.skipIf(skipped)("give the chooser one key of each pair", async () => {
    const { leaves, positions, punctured } = trees(4);
    const elements = 32;
    const extension = (form: KeyForm) => ({ bits: 4, first: 3, count: 8 * elements, salt, form });
    const received = await kernels.transfersReceived({ ...extension({ kind: "blocks" }), leaves });
    const sent = await kernels.transfersSent(
      { ...extension({ kind: "blocks" }), leaves: punctured },
      positions,
      received.corrections,
    );
    for (let i = 0; i < 8 * elements; i++) {
      const at = (side: number) => sent.subarray(16 * (side * 8 * elements + i), 16 * (side * 8 * elements + i + 1));
      const chosen = received.kept.subarray(16 * i, 16 * i + 16);
      expect(chosen).toEqual(at(bitAt(received.choices, i)));
      expect(chosen).not.toEqual(at(1 - bitAt(received.choices, i)));
    }
  });

  it.skipIf(skipped).each([
    ["four of one in two", fromPairs],
    ["one of one in sixteen", fromSixteen],
  ])("give the entries at the chooser's digits, of %s", async (_, make) => {
    const elements = 32;
    const { chooser, pads } = await make(kernels, 2 * elements);
    const random = () => BigUint64Array.from({ length: elements }, () => BigInt(sampling.below(256)));
    const [own, theirs] = [random(), random()];
    theirs.set(own.subarray(0, 4).map((value) => ~value));
    const cut = { low: 0, width: 7 };
    const masked = await kernels.digitChoices(theirs, cut, chooser.choices);
    const shares = randomBytes(elements / 2);
    const tables = await kernels.digitTables(own, cut, true, pads, masked, shares);
    const entries = await kernels.digitEntries(theirs, cut, chooser.kept, tables);
    for (const [digit, top] of [15, 7].entries())
      for (let i = 0; i < elements; i++) {
        const [mine, other] = [own, theirs].map((words) => Number((words[i]! >> BigInt(4 * digit)) & BigInt(top))) as [
          number,
          number,
        ];
        const bit = (plane: number): number =>
          bitAt(shares, (2 * plane + digit) * elements + i) ^ bitAt(entries, (2 * plane + digit) * elements + i);
        expect([bit(0), bit(1)]).toEqual([Number(mine + other === top), Number(mine + other > top)]);
      }
  });

  it.skipIf(skipped)("give entries that differ from the chosen one half of the time, whatever the choice", async () => {
    const { chooser, pads } = await fromSixteen(kernels, 2048);
    const differ = new Float64Array(16);
    for (let at = 0; at < 2048; at++) {
      const choice = (chooser.choices[at >> 1]! >> (4 * (at & 1))) & 15;
      for (let entry = 0; entry < 16; entry++)
        differ[entry ^ choice]! += ((pads[2 * at]! >> entry) & 1) ^ (chooser.kept[at]! & 1);
    }
    expect(differ[0]).toBe(0);
    // Seven standard deviations of 2048 fair bits.
    for (const count of differ.subarray(1)) expect(Math.abs(count - 1024)).toBeLessThan(160);
  });
});
