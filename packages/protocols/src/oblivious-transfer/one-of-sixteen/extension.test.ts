import { seededSecrets } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { correctionBytes, plant, prune, SEED_TRANSFERS, TREES_BYTES } from "./index.ts";

const session = new Uint8Array(32).fill(9);
const bitAt = (bits: Uint8Array, at: number): number => (bits[at >> 3]! >> (at & 7)) & 1;

/** Random transfers of one in two, dealt: what the extension begins with. */
function dealt(seed: number) {
  const secrets = seededSecrets(seed, "dealt");
  const [zero, one, choices] = [16, 16, 1 / 8].map((width) => secrets.bytes(width * SEED_TRANSFERS)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const keys = Uint8Array.from(zero, (byte, at) => (bitAt(choices, at >> 4) === 0 ? byte : one[at]!));
  return { sent: { zero, one }, received: { choices, keys } };
}

async function ends(seed: number) {
  const { sent, received } = dealt(seed);
  const { receiver, trees } = await plant(sent, session, seededSecrets(seed, "receiver"));
  expect(trees.length).toBe(TREES_BYTES);
  return { receiver, sender: await prune(received, trees, session) };
}

async function batch({ receiver, sender }: Awaited<ReturnType<typeof ends>>, count: number, planes: number) {
  const made = await receiver.make(count, planes);
  expect(made.corrections.length).toBe(correctionBytes(count));
  return { ...made, pads: await sender.make(count, planes, made.corrections) };
}

describe("transfers of one in sixteen", () => {
  it.each([
    [8, 1],
    [136, 2],
    [4096, 4],
  ])("give the entries of the receiver's choices: %i of %i bits", async (count, planes) => {
    const { choices, kept, pads } = await batch(await ends(count), count, planes);
    const entries = new Uint16Array(pads.buffer, pads.byteOffset, pads.length / 2);
    const seen = new Set<number>();
    for (let at = 0; at < count; at++) {
      const choice = (choices[at >> 1]! >> (4 * (at & 1))) & 15;
      seen.add(choice);
      for (let plane = 0; plane < planes; plane++)
        expect((entries[planes * at + plane]! >> choice) & 1).toBe((kept[at]! >> plane) & 1);
    }
    expect(seen.size).toBeGreaterThan(count < 16 ? 1 : 15);
  });

  it("give nothing twice", async () => {
    const both = await ends(3);
    const [one, two] = [await batch(both, 512, 2), await batch(both, 512, 2)];
    expect(two.choices).not.toEqual(one.choices);
    expect(two.pads).not.toEqual(one.pads);
  });

  it("differ in every entry that was not chosen where the partner's seeds are others", async () => {
    const [{ receiver }, { sender }] = [await ends(4), await ends(5)];
    const { corrections, kept, choices } = await receiver.make(1024, 1);
    const pads = new Uint16Array((await sender.make(1024, 1, corrections)).buffer);
    const right = kept.filter((bit, at) => ((pads[at]! >> ((choices[at >> 1]! >> (4 * (at & 1))) & 15)) & 1) === bit);
    expect(Math.abs(right.length - 512)).toBeLessThan(120);
  });

  it("end where a run has used up what its keys are good for", async () => {
    const { receiver } = await ends(6);
    await expect(receiver.make(2 ** 34, 1)).rejects.toMatchObject({ code: "resource.transfers" });
  });
});
