import type { NumberColumn } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as selection from "./index.ts";
import figures from "./testing/figures.json" with { type: "json" };

const f = (values: readonly number[]): Float64Array => Float64Array.from(values);
const number = (name: string, values: readonly number[]): NumberColumn => ({ kind: "number", name, values: f(values) });
const columns = Object.entries(figures.columns).map(([name, values]) => number(name, values));
const all = columns.map((_, place) => place);

describe("what a column says for itself", () => {
  it("counts what is missing, commonest and different", () => {
    const { NaN: missing } = Number;
    expect(selection.columnQuality(number("x", [1, 1, missing, 3]))).toMatchObject({
      ...{ missing: 0.25, unique: 2 / 3, commonest: 2 / 3 },
      variance: expect.closeTo(8 / 9, 12),
    });
    const text = { kind: "text", name: "t", codes: Int32Array.of(0, 2, -1, 2), categories: ["a", "b", "c"] } as const;
    expect(selection.columnQuality(text)).toEqual({ missing: 0.25, unique: 2 / 3, commonest: 2 / 3, variance: null });
    const nothing = { missing: 1, unique: 0, commonest: 1 };
    expect(selection.columnQuality(number("x", [missing, missing]))).toEqual({ ...nothing, variance: 0 });
    expect(selection.columnQuality({ ...text, codes: Int32Array.of(-1) })).toEqual({ ...nothing, variance: null });
  });
});

describe("columns that others say already", () => {
  const matrix = selection.ownMatrix(columns);

  it("have numpy's correlations and statsmodels' inflation", () => {
    matrix.values.forEach((value, at) => {
      expect(value).toBeCloseTo(figures.matrix[at]!, 7);
    });
    const [worst] = selection.inflated(matrix, all, 10);
    const most = Math.max(...figures.vif);
    expect(worst!.place).toBe(figures.vif.indexOf(most));
    expect(worst!.value! / most).toBeCloseTo(1, 3);
  });

  it("fall by order of preference", () => {
    expect(selection.correlated(matrix, all, 0.9)).toMatchObject([{ place: 3, with: 0 }]);
    expect(selection.correlated(matrix, all.toReversed(), 0.9)).toMatchObject([{ place: 0, with: 3 }]);
    expect(selection.inflated(matrix, all, 10).map(({ place }) => columns[place]!.name)).toEqual(["e", "a"]);
  });

  it("leave none above the limit, whatever the columns", () => {
    const table = fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 8, maxLength: 8 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(table, fc.double({ min: 0.2, max: 0.99, noNaN: true }), (values, limit) => {
        const made = selection.ownMatrix(values.map((own, i) => number(`c${i}`, own)));
        const order = values.map((_, place) => place);
        const gone = selection.correlated(made, order, limit).map(({ place }) => place);
        const stays = order.filter((place) => !gone.includes(place));
        expect(stays.length).toBeGreaterThan(0);
        for (const i of stays)
          for (const j of stays)
            if (i !== j) expect(Math.abs(made.values[i * made.size + j]!)).toBeLessThanOrEqual(limit);
        const left = selection.inflated(made, order, 5).length;
        expect(left).toBeLessThan(values.length);
      }),
    );
  });

  it("take a column that follows from others altogether for the worst", () => {
    const [a, b] = [columns[0]!, columns[1]!];
    const sum = number(
      "sum",
      [...a.values].map((value, row) => value + b.values[row]!),
    );
    const fallen = selection.inflated(selection.ownMatrix([a, b, sum]), [0, 1, 2], 10);
    expect(fallen).toEqual([{ place: 2, value: null, with: null }]);
  });
});

describe("columns by steps", () => {
  const labelsOf = { binary: f(figures.binary), regression: f(figures.regression) };

  it("rest on statsmodels' fits", () => {
    const fit = selection.fitted(
      columns.map(({ values }) => values),
      labelsOf.binary,
      "binary",
    )!;
    fit.weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(figures.logit.params[i]!, 6);
    });
    fit.statistics.forEach((statistic, i) => {
      expect(statistic).toBeCloseTo(figures.logit.tvalues[i + 1]!, 5);
    });
    expect(fit.deviance).toBeCloseTo(-2 * figures.logit.llf, 8);
  });

  it("choose what trying all columns at every step chooses", () => {
    for (const [name, known] of Object.entries(figures.steps)) {
      const [objective, direction, criterion] = name.split(" ") as [never, never, never];
      const found = selection.stepwise(columns, labelsOf[objective], {
        ...{ objective, direction, criterion, enter: 0.05, leave: 0.1 },
      })!;
      expect(found.chosen.toSorted(), name).toEqual(known.chosen.toSorted());
      if (objective === "regression")
        expect(
          found.steps.slice(1).map(({ action, column }) => [action, column]),
          name,
        ).toEqual(known.path);
    }
    for (const objective of ["binary", "regression"] as const) {
      const options = { objective, direction: "backward", criterion: "p-value", enter: 0.05, leave: 0.1 } as const;
      const { chosen } = figures.pvalues[objective];
      expect(selection.stepwise(columns, labelsOf[objective], options)!.chosen).toEqual(chosen);
    }
  });

  it("choose none where nothing helps, and end where labels are told apart", () => {
    const options = { objective: "binary", direction: "both", criterion: "bic", enter: 0.05, leave: 0.1 } as const;
    const told = number("told", figures.binary);
    const chance = number(
      "chance",
      figures.binary.map((_, row) => (row * 7919) % 13),
    );
    expect(
      selection.stepwise(
        [
          chance,
          number(
            "constant",
            figures.binary.map(() => 1),
          ),
        ],
        labelsOf.binary,
        options,
      )!.chosen,
    ).toEqual([]);
    expect(selection.stepwise([told], labelsOf.binary, { ...options, direction: "backward" })).toBeNull();
    expect(
      selection.stepwise(
        [told],
        labelsOf.binary.map(() => 1),
        options,
      ),
    ).toBeNull();
  });
});
