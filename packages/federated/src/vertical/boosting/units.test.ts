import type { Column } from "@tombolo/base";
import { seededSampling } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binColumn, checkColumns, type Feature, type NumericFeature, type TextFeature } from "./binning.ts";
import { choose } from "./choose.ts";
import { binOffsets, countBins } from "./histogram.ts";
import { checkParameters, defaultParameters, predictTwin, trainTwin } from "./index.ts";
import { itemsOf, readItems } from "./items.ts";
import { gradientsAt } from "./objective.ts";
import { partRows, treeRows } from "./sample.ts";
import { candidateBin, candidateMissingLeft, planNode } from "./split.ts";
import { decodeOrders, decodeShapes, encodeOrders, encodeShapes, packBits, unpackBits } from "./wire.ts";

const number = (name: string, values: readonly number[]): Column => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});
const text = (name: string, cells: readonly (string | null)[]): Column => {
  const categories = [...new Set(cells.filter((cell) => cell !== null))];
  return {
    kind: "text",
    name,
    categories,
    codes: Int32Array.from(cells, (cell) => (cell === null ? -1 : categories.indexOf(cell))),
  };
};
const allRows = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
const bin = (
  column: Column,
  minimumRows: number,
  bins = 4,
  textEncoding: "one-hot" | "category" = "one-hot",
): Feature => {
  const rows = column.kind === "number" ? column.values.length : column.codes.length;
  return binColumn(column, allRows(rows), { bins, minimumRows, textEncoding });
};
/** A text column of so many bins, and a code for unseen categories. */
const textOf = (bins: number): TextFeature => ({
  kind: "one-hot",
  name: "t",
  codes: new Uint8Array(0),
  members: Array.from({ length: bins }, (_, i) => [String(i)]),
  pool: -1,
  binCount: bins + 1,
});
const { NaN: NA } = Number;

describe("binning", () => {
  test("gives few values a bin each and parts many by rank, never equal ones", () => {
    const few = bin(number("n", [1, 1, 2, 3, 3, NA]), 1) as NumericFeature;
    expect(few.cuts).toEqual([2, 3]);
    expect([...few.codes]).toEqual([0, 0, 1, 2, 2, 3]);
    const many = bin(
      number(
        "n",
        Array.from({ length: 100 }, (_, i) => i),
      ),
      1,
    ) as NumericFeature;
    expect(many.cuts).toHaveLength(3);
    expect(Math.abs(many.cuts[1]! - 50)).toBeLessThanOrEqual(1);
  });

  test("puts missing numbers below the minimum in the fullest bin", () => {
    const feature = bin(number("n", [1, 1, 2, 2, 2, NA]), 2) as NumericFeature;
    expect(feature.missingBin).toBe(1);
    expect(feature.binCount).toBe(2);
  });

  test("pools rare categories and missing text, with the rarest other if still too few", () => {
    const cells = ["a", "a", "a", "b", "b", "c", null];
    expect(bin(text("t", cells), 2)).toMatchObject({ members: [["a"], ["b"], ["c", null]], pool: 2 });
    expect(bin(text("t", cells), 3)).toMatchObject({ members: [["a"], ["b", "c", null]], pool: 1 });
    expect(bin(text("t", cells), 1)).toMatchObject({ pool: -1, binCount: 5 });
  });

  test("leaves no bin between one and minimum rows", () => {
    const column = fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(NA)), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        column,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 2, max: 9 }),
        fc.boolean(),
        (values, minimumRows, bins, asText) => {
          const made = asText
            ? text(
                "t",
                values.map((value) => (Number.isNaN(value) ? null : String(value))),
              )
            : number("n", values);
          const feature = bin(made, minimumRows, bins);
          const counts = countBins([feature], binOffsets([feature]), allRows(values.length));
          const small = counts.filter((count) => count > 0 && count < minimumRows);
          const used = counts.filter((count) => count > 0).length;
          // One bin alone tells nothing, and a column of few rows has nowhere to merge.
          expect(small.length === 0 || used === 1).toBe(true);
          expect(feature.binCount).toBeLessThanOrEqual(bins + 1);
        },
      ),
    );
  });

  test("refuses columns it cannot use", () => {
    expect(() => checkColumns([number("a", [1]), number("a", [2])], 1)).toThrow("same name");
    expect(() => checkColumns([number("a", [1])], 2)).toThrow("number of rows");
    expect(() => checkColumns([number("a", [Infinity])], 1)).toThrow("infinite");
  });
});

describe("what a column offers", () => {
  test("lets no two nested left sides differ by fewer than the minimum rows", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        (counts, k) => {
          const cuts = counts.slice(2).map((_, i) => i);
          const feature: Feature = {
            kind: "numeric",
            name: "n",
            codes: new Uint8Array(0),
            cuts,
            missingBin: cuts.length + 1,
            binCount: counts.length,
          };
          const plan = planNode([feature], Uint8Array.of(1), Int32Array.from(counts), binOffsets([feature]), k);
          const missing = counts.at(-1)!;
          const total = counts.reduce((a, b) => a + b);
          const lefts = plan.singles.map((key) => {
            const present = counts.slice(0, candidateBin(key) + 1).reduce((a, b) => a + b);
            return {
              missingLeft: candidateMissingLeft(key),
              rows: present + (candidateMissingLeft(key) ? missing : 0),
            };
          });
          for (const side of [true, false]) {
            const rows = [
              0,
              ...lefts.filter(({ missingLeft }) => missingLeft === side).map((left) => left.rows),
              total,
            ];
            for (let i = 1; i < rows.length - (rows.length === 2 ? 1 : 0); i++)
              expect(rows[i]! - rows[i - 1]!).toBeGreaterThanOrEqual(k);
          }
          if (lefts.some(({ missingLeft }) => missingLeft)) expect(missing).toBeGreaterThanOrEqual(k);
        },
      ),
    );
  });

  test("never leaves a remainder of text below the minimum", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 1, max: 6 }),
        (counts, k) => {
          const feature = textOf(counts.length);
          const total = counts.reduce((a, b) => a + b);
          const [oneHot, category] = (["one-hot", "category"] as const).map((kind) => {
            const own = { ...feature, kind };
            return planNode([own], Uint8Array.of(1), Int32Array.from([...counts, 0]), binOffsets([own]), k);
          });
          const shown = oneHot!.singles.map((key) => counts[candidateBin(key)]!);
          const rest = total - shown.reduce((a, b) => a + b, 0);
          expect(shown.every((rows) => rows >= k)).toBe(true);
          expect(shown.length === 0 || rest === 0 || rest >= k).toBe(true);
          for (const { members } of category!.groups) {
            for (const bins of members) expect(bins.reduce((sum, b) => sum + counts[b]!, 0)).toBeGreaterThanOrEqual(k);
            expect(members.flat().toSorted((a, b) => a - b)).toEqual([...counts.keys()]);
          }
        },
      ),
    );
  });

  test("keeps categories that no row of the node has among those that few have, or with the smallest", () => {
    const itemsAt = (kind: "one-hot" | "category", counts: number[]) => [
      ...itemsOf({ ...textOf(counts.length), kind }, [], Int32Array.from([...counts, 0]), 3),
    ];
    for (const kind of ["one-hot", "category"] as const) {
      const few = itemsAt(kind, [9, 2, 5, 1]);
      expect(few).toEqual([1, 3, 2, 3]);
      expect(itemsAt(kind, [9, 3, 5, 0])).toEqual([1, 3, 2, 3]);
      expect(itemsAt(kind, [9, 0, 0, 0])).toEqual([0, 0, 0, 0]);
    }
    expect(() => readItems(Uint8Array.of(1, 2, 0), { kind: "one-hot", missing: false, bins: 3 })).toThrow(
      expect.objectContaining({ code: "protocol.malformed" }),
    );
  });
});

describe("known answers", () => {
  test("a regression stump by hand", async () => {
    // Mean 3; residuals g = 2, 2, -1, -3; left {1, 2}: G = 4, H = 2; gain = 16/3 + 16/3 - 0; weights -0.5 * 4 / 3.
    const columns = [[number("x", [1, 2, 3, 4])]];
    const labels = Float64Array.of(1, 1, 4, 6);
    const parameters = {
      ...defaultParameters,
      objective: "regression" as const,
      trees: 1,
      depth: 1,
      learningRate: 0.5,
      minimumRows: 1,
    };
    const model = await trainTwin({ columns, labels, parameters, sampling: seededSampling(1) });
    const { tree } = model.trees[0]!;
    expect(model.baseMargin).toBe(3);
    expect(tree.splits).toEqual([
      {
        node: 1,
        site: 0,
        feature: 0,
        gain: 32 / 3,
        split: { kind: "numeric", feature: "x", threshold: 3, missingLeft: false },
      },
    ]);
    expect(tree.leaves).toEqual([
      { node: 2, weight: -2 / 3, rows: 2, cover: 2 },
      { node: 3, weight: 2 / 3, rows: 2, cover: 2 },
    ]);
    expect([...predictTwin(model, columns, 4, "regression")]).toEqual([3 - 2 / 3, 3 - 2 / 3, 3 + 2 / 3, 3 + 2 / 3]);
  });

  test("missing values go where they fit", async () => {
    const columns = [[number("x", [1, 1, 2, 2, NA, NA])]];
    const labels = Float64Array.of(1, 1, 0, 0, 1, 1);
    const parameters = { ...defaultParameters, trees: 1, depth: 1, minimumRows: 2, minChildWeight: 0 };
    const model = await trainTwin({ columns, labels, parameters, sampling: seededSampling(1) });
    expect(model.trees[0]!.tree.splits[0]!.split).toEqual({
      kind: "numeric",
      feature: "x",
      threshold: 2,
      missingLeft: true,
    });
  });

  test("the best set of categories is parted from the others, the side with the first of equally many rows to the left", async () => {
    const cells = ["a", "b", "c", "d", "a", "b", "c", "d"];
    const labels = Float64Array.of(0, 1, 0, 1, 0, 1, 0, 1);
    const parameters = {
      ...defaultParameters,
      trees: 1,
      depth: 1,
      minimumRows: 1,
      minChildWeight: 0,
      textEncoding: "category" as const,
    };
    const model = await trainTwin({ columns: [[text("t", cells)]], labels, parameters, sampling: seededSampling(1) });
    const split = model.trees[0]!.tree.splits[0]!.split!;
    expect(split).toMatchObject({ kind: "text", left: ["a", "c"], otherLeft: false });
    expect([...predictTwin(model, [[text("t", ["a", "b", "new"])]], 3, "binary")].map((p) => p > 0.5)).toEqual([
      false,
      true,
      true,
    ]);
  });

  test("gamma, child weight and ties", () => {
    const scoring = {
      lambda: 1,
      alpha: 0,
      gamma: 0,
      minChildWeight: 1,
      learningRate: 1,
      maxDeltaStep: 0,
      gScale: 1,
      hScale: 1,
    };
    const offer = { singles: { g: Float64Array.of(-2, 2, -2), h: Float64Array.of(2, 2, 2) }, groups: [] };
    expect(choose({ g: 0, h: 4 }, [offer], scoring)).toMatchObject({
      site: 0,
      singles: [0, 1, 2],
      gain: 8 / 3,
      leftOpen: true,
    });
    expect(choose({ g: 0, h: 4 }, [offer, offer], scoring)!.site).toBe(0);
    expect(choose({ g: 0, h: 4 }, [offer], { ...scoring, gamma: 3 })).toBeUndefined();
    expect(choose({ g: 0, h: 4 }, [offer], { ...scoring, minChildWeight: 2.5 })).toBeUndefined();
    expect(choose({ g: 0, h: 4 }, [offer], { ...scoring, alpha: 1 })!.gain).toBeCloseTo(2 / 3);
  });

  test("gradients are integers within the bounds of the packing", () => {
    const rows = allRows(3);
    const at = (objective: "binary" | "regression", labels: Float64Array, margins: Float64Array) =>
      gradientsAt({ parameters: { ...defaultParameters, objective }, labels, margins, rows, weights: null });
    const binary = at("binary", Float64Array.of(0, 1, 1), Float64Array.of(0, 0, 40));
    expect([...binary.g]).toEqual([2 ** 15, -(2 ** 15), 0]);
    expect([...binary.h]).toEqual([2 ** 14, 2 ** 14, 1]);
    const regression = at("regression", Float64Array.of(1, 0, -3), Float64Array.of(0, 0, 0));
    expect([...regression.g].map((g) => g / regression.gScale)).toEqual([-1, 0, 3]);
    expect(Math.max(...regression.g)).toBeLessThanOrEqual(2 ** 28);
  });
});

describe("draws from the flow's seed", () => {
  test("have the agreed sizes, are repeatable and differ by tree", () => {
    const parameters = { ...defaultParameters, subsample: 0.5, earlyStopping: { rounds: 1, fraction: 0.25 } };
    const { training, validation } = partRows(40, parameters, seededSampling(3));
    expect([training.length, validation.length]).toEqual([30, 10]);
    expect(new Set([...training, ...validation]).size).toBe(40);
    const first = treeRows(training, 0, parameters, seededSampling(3));
    expect(first).toHaveLength(15);
    expect(treeRows(training, 0, parameters, seededSampling(3))).toEqual(first);
    expect(treeRows(training, 1, parameters, seededSampling(3))).not.toEqual(first);
  });
});

describe("parameters", () => {
  test.each([
    { depth: 0 },
    { bins: 300 },
    { learningRate: 0 },
    { subsample: 1.5 },
    { baseScore: 1 },
    { keyBits: 1024 as 2048 },
    { earlyStopping: { rounds: 0, fraction: 0.5 } },
    { classes: 3 },
    { objective: "multi-class" as const, classes: 33 },
    { objective: "multi-class" as const, classes: 30, trees: 200 },
    { objective: "poisson" as const, baseScore: 0 },
    { objective: "regression" as const, scalePosWeight: 2 },
    { tweediePower: 2 },
    { maxDeltaStep: -1 },
    { metric: "rmse" as const },
  ])("refuses %j", (wrong) => {
    expect(() => checkParameters({ ...defaultParameters, ...wrong })).toThrow(
      expect.objectContaining({ code: "input.parameter" }),
    );
  });
});

describe("on the wire", () => {
  const shapes = [
    { singles: 3, groups: [2, 4] },
    { singles: 0, groups: [] },
  ];

  test("bits, candidates and decisions come back as sent", () => {
    const bits = Uint8Array.of(1, 0, 1, 1, 0, 0, 0, 1, 1);
    expect(unpackBits(packBits(bits), 9)).toEqual(bits);
    expect(decodeShapes(encodeShapes(shapes), 2, 5)).toEqual(shapes);
    const choice = {
      site: 1,
      gain: 1,
      singles: [2],
      groups: [{ group: 1, left: [3, 0] }],
      leftOpen: true,
      rightOpen: false,
    };
    const orders = decodeOrders(encodeOrders([choice, undefined], 1), shapes);
    expect(orders[0]).toEqual({
      kind: "yours",
      leftOpen: true,
      rightOpen: false,
      singles: [2],
      groups: [{ group: 1, left: [3, 0] }],
    });
    expect(orders[1]!.kind).toBe("leaf");
    expect(decodeOrders(encodeOrders([choice, undefined], 2), shapes)[0]).toMatchObject({ kind: "other", singles: [] });
  });

  test("what no honest side sends is refused", () => {
    const refused = expect.objectContaining({ code: "protocol.malformed" });
    expect(() => unpackBits(Uint8Array.of(255), 7)).toThrow(refused);
    expect(() => unpackBits(Uint8Array.of(1, 1), 7)).toThrow(refused);
    for (const words of [[3], [3, 1, 1], [3, 2, 2], [99999, 0, 0, 0], [1, 0, 1, 0, 1, 0], [0, 1, 500, 0, 0]])
      expect(() => decodeShapes(Uint32Array.from(words), 2, 5)).toThrow(refused);
    for (const words of [
      [3, 0],
      [2, 1, 3, 0, 0],
      [2, 0, 0, 0],
      [2, 0, 1, 0, 2, 0, 1, 0],
      [2, 0, 1, 1, 2, 0, 0, 0],
      [0, 0, 0],
      [0],
    ])
      expect(() => decodeOrders(Uint32Array.from(words), shapes)).toThrow(refused);
  });
});
