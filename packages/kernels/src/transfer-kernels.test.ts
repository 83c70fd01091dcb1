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
function trees(bits: number) {
  const leaves = randomBytes((16 * 128 * 2 ** bits) / bits);
  const positions = Uint32Array.from({ length: 128 / bits }, () => sampling.below(2 ** bits));
  const punctured = leaves.slice();
  positions.forEach((position, tree) => {
    punctured.fill(0, 16 * (tree * 2 ** bits + position), 16 * (tree * 2 ** bits + position + 1));
  });
  return { leaves, positions, punctured };
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

  it.skipIf(skipped)("give the chooser one key of each pair, and the tables' entries at its digits", async () => {
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

    const form = { kind: "digits", planes: 2 } as const;
    const chooser = await kernels.transfersReceived({ ...extension(form), leaves });
    const pads = new Uint16Array(
      (await kernels.transfersSent({ ...extension(form), leaves: punctured }, positions, chooser.corrections)).buffer,
    );
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
});
