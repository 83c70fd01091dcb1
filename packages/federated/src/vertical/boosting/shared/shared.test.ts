import { seededSampling } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { defaultParameters } from "../parameters.ts";
import { decodeSharedCheckpoint, encodeSharedCheckpoint, type SharedCheckpoint } from "./checkpoint.ts";
import { formatsOf, gainLeast } from "./formats.ts";
import { gainOf } from "./scores.ts";
import {
  inputOf,
  joinedTrees,
  predictSharedWorld,
  type SharedOptions,
  sharedTable,
  trainSharedWorld,
} from "./testing/world.ts";
import { predictSharedTwin, trainSharedTwin } from "./twin.ts";

const ROWS = 240;
const SMALL = { trees: 3, depth: 3, bins: 8 };
const twinOf = (
  table: ReturnType<typeof sharedTable>,
  options: SharedOptions,
  weighing: { readonly weights?: Float64Array } = {},
) => trainSharedTwin({ ...inputOf(table, options), columns: table.columns, labels: table.labels, ...weighing });
/** From 0 to 10, in steps that words do not hold exactly. */
const weightsOf = (rows: number): Float64Array => Float64Array.from({ length: rows }, (_, row) => (row % 31) / 3);

describe("boosting at level shared", () => {
  it.each([
    ["binary", {}],
    ["binary", { gamma: 0.6, lambda: 3, minChildWeight: 2.5, minimumRows: 12, subsample: 0.7 }],
    ["regression", {}],
    ["regression", { gamma: 2000, learningRate: 1, minChildWeight: 15 }],
    ["binary", { scalePosWeight: 2.7, weighted: true }],
    ["regression", { weighted: true, minChildWeight: 3 }],
  ] as const)("grows the twin's trees of a %s label, and scores with them, %o", async (objective, more) => {
    const table = sharedTable(ROWS, objective);
    const options = { objective, ...SMALL, ...more };
    const weighing = "weighted" in more ? { weights: weightsOf(ROWS) } : {};
    const twin = twinOf(table, options, weighing);
    const { guest, host } = await trainSharedWorld(table, options, { guest: weighing });
    expect(joinedTrees(guest, host)).toEqual(twin.trees);
    const first = objective === "binary" ? 0 : 200;
    const expected = predictSharedTwin(twin, table.columns, ROWS).slice(first);
    expect((await predictSharedWorld(table, guest, host, first)).scores).toEqual(expected);
  });

  it("has splits of both parties, nodes that do not split, and the first of equal columns, in what it is compared with", () => {
    const splits = twinOf(sharedTable(ROWS, "binary"), { ...SMALL, gamma: 2 }).trees.flatMap((tree) => tree.splits);
    const features = splits.map(({ split }) => split?.feature ?? null);
    expect(new Set(splits.map(({ owner }) => owner)).size).toBe(2);
    expect(features).toContain(null);
    expect(features).toContain("use");
    expect(features).not.toContain("use again");
  });

  it("weighs rows: those of weight 0 count as rows alone, and all twice as much as one is half of lambda", () => {
    const table = sharedTable(ROWS, "regression");
    const options = { objective: "regression" as const, ...SMALL, weighted: true, baseScore: 1000, lambda: 2 };
    const twice = twinOf(table, options, { weights: new Float64Array(ROWS).fill(2) });
    const once = twinOf(table, { ...options, weighted: false, lambda: 1, minChildWeight: 0.5 });
    expect(twice.trees.map((tree) => tree.splits)).toEqual(once.trees.map((tree) => tree.splits));
  });

  it("takes labels however near they lie", () => {
    const formats = formatsOf({ ...defaultParameters, objective: "regression" }, ROWS, null);
    expect(gainLeast(formats, 0, 2 ** -600)).toBe(gainLeast(formats, 0, 1));
    expect(gainLeast(formats, 1, 2 ** -600)).toBe(2n ** 58n);
  });

  it("knows how gains compare, within what is cut off", () => {
    const formats = formatsOf({ ...defaultParameters, objective: "binary" }, 240, null);
    const { node, gCut, gainCuts } = formats;
    expect(gCut).toBe(0);
    const unit = 2 ** (gainCuts.denominator - 2 * node.bits - gainCuts.numerator);
    const sampling = seededSampling(12);
    for (let i = 0; i < 500; i++) {
      const [hl, hr] = [sampling.below(2 ** 21) + 2 ** 17, sampling.below(2 ** 21) + 2 ** 17];
      const [gl, gr] = [sampling.below(2 ** 23) - 2 ** 22, sampling.below(2 ** 23) - 2 ** 22];
      const whole = { g: BigInt(gl + gr), h: BigInt(hl + hr) };
      const gain = gainOf(whole, { g: BigInt(gl), h: BigInt(hl) }, formats);
      const [a, b] = [hl + 2 ** 16, hr + 2 ** 16];
      const exact = unit * (a + b) * (gl ** 2 / a + gr ** 2 / b - (gl + gr) ** 2 / (a + b));
      const found = Number(gain.numerator) / Number(gain.denominator);
      const root = Math.sqrt(exact * Number(gain.denominator) * 2 ** gainCuts.numerator);
      expect(Math.abs(found - exact)).toBeLessThan(exact * (4 / root + 2 / Number(gain.denominator)) + 0.01);
    }
  });

  it("goes on after the last tree that both kept, to the same trees", async () => {
    const table = sharedTable(ROWS, "binary");
    const kept = { guest: [] as SharedCheckpoint[], host: [] as SharedCheckpoint[] };
    const keeping = (side: "guest" | "host") => ({
      onTree: async (checkpoint: SharedCheckpoint): Promise<void> =>
        void kept[side].push(decodeSharedCheckpoint(JSON.parse(JSON.stringify(encodeSharedCheckpoint(checkpoint))))),
    });
    const whole = await trainSharedWorld(table, SMALL, { guest: keeping("guest"), host: keeping("host") });
    const resumed: number[] = [];
    const onResume = async (trees: number): Promise<void> => void resumed.push(trees);
    const again = await trainSharedWorld(table, SMALL, {
      guest: { resumeFrom: kept.guest.slice(0, 2), onResume },
      host: { resumeFrom: kept.host.slice(0, 1), onResume },
    });
    expect(resumed).toEqual([1, 1]);
    expect(joinedTrees(again.guest, again.host)).toEqual(joinedTrees(whole.guest, whole.host));
    expect(again.guest.modelId).toBe(whole.guest.modelId);
  });
});
