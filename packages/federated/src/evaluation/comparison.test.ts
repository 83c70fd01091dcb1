import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as ev from "./index.ts";
import figures from "./testing/figures.json" with { type: "json" };

const f = (values: readonly number[]): Float64Array => Float64Array.from(values);
const [labels, first, second] = [f(figures.labels), f(figures.first), f(figures.second)];
const groups = [0, 1, 2].map((group) => ({
  name: String(group),
  rows: Uint32Array.from(figures.group.keys()).filter((row) => figures.group[row] === group),
}));

describe("two models on the same rows", () => {
  it("agree with the paper's double sum", () => {
    const told = ev.compareAuc(labels, first, second)!;
    const { delong } = figures;
    expect(told.first.auc).toBeCloseTo(delong.aucs[0]!, 12);
    expect(told.second.auc).toBeCloseTo(delong.aucs[1]!, 12);
    expect(told.first.error).toBeCloseTo(delong.errors[0]!, 12);
    for (const name of ["error", "low", "high", "p"] as const) expect(told[name]).toBeCloseTo(delong[name], 9);
    expect(ev.aucEstimate(labels, second)).toEqual(told.second);
  });

  it("say nothing of too few rows, and no chance of models that rank alike", () => {
    expect(ev.aucEstimate(f([1, 0, 0]), f([3, 1, 2]))).toBeNull();
    const alike = ev.compareAuc(
      labels,
      first,
      first.map((score) => 3 * score - 7),
    )!;
    expect([alike.difference, alike.p]).toEqual([0, null]);
  });

  it("give a row's AUC the same as the ranking, and differ with the sign turned", () => {
    const rows = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 9 })), { minLength: 6 });
    fc.assert(
      fc.property(rows, (drawn) => {
        const [y, x] = [f(drawn.map(([label]) => label)), f(drawn.map(([, score]) => score))];
        const estimate = ev.aucEstimate(y, x);
        fc.pre(estimate !== null);
        expect(estimate.auc).toBeCloseTo(ev.auc(ev.rank(y, x))!, 12);
        const turned = ev.aucEstimate(
          y,
          x.map((score) => -score),
        )!;
        expect(turned.auc).toBeCloseTo(1 - estimate.auc, 12);
        expect(turned.error).toBeCloseTo(estimate.error, 12);
      }),
    );
  });
});

describe("costs of thresholds", () => {
  const ranking = ev.rank(labels, first);

  it("agree with scikit-learn's confusion matrices", () => {
    const { rows, best, calibrated } = ev.thresholdTable(ranking, { falsePositive: 1, falseNegative: 5 }, 10);
    const known = new Map(figures.costs.all.map((row) => [row.threshold, row]));
    for (const row of rows) expect(row).toMatchObject(known.get(row.threshold!)!);
    expect(best).toMatchObject(figures.costs.best);
    expect(rows).toContainEqual(best);
    expect(calibrated).toBeCloseTo(1 / 6, 12);
    expect(rows.at(-1)!.called).toBe(labels.length);
    expect(rows.length).toBeLessThanOrEqual(11);
  });

  it("call no row where a false yes costs too much, and refuse mistakes that cost nothing", () => {
    const wrong = ev.rank(
      labels,
      first.map((score, row) => score - 2 * labels[row]!),
    );
    expect(ev.thresholdTable(wrong, { falsePositive: 9, falseNegative: 1 }).best).toMatchObject({
      threshold: null,
      called: 0,
      cost: figures.labels.reduce((sum, label) => sum + label, 0),
    });
    expect(() => ev.thresholdTable(ranking, { falsePositive: 0, falseNegative: 0 })).toThrow("a mistake costs");
  });
});

describe("groups", () => {
  it("have the rates and gaps of scikit-learn's matrices", () => {
    const told = ev.fairness(labels, first, 0.5, groups);
    const { rates, ...gaps } = figures.fairness;
    for (const [i, rate] of rates.entries())
      for (const name of ["selectionRate", "truePositiveRate", "falsePositiveRate"] as const)
        expect(told.groups[i]![name]).toBeCloseTo(rate[name], 12);
    for (const [name, gap] of Object.entries(gaps)) expect(told[name as keyof typeof gaps]).toBeCloseTo(gap, 12);
  });

  it("have no gap of opportunity where only one has positives", () => {
    const told = ev.fairness(f([1, 1, 0, 0]), f([1, 0, 0, 0]), 0.5, [
      { name: "a", rows: Uint32Array.of(0, 1) },
      { name: "b", rows: Uint32Array.of(2, 3) },
    ]);
    expect([told.equalOpportunityDifference, told.equalisedOddsDifference]).toEqual([null, null]);
    expect([told.demographicParityDifference, told.demographicParityRatio]).toEqual([0.5, 0]);
  });

  it("have figures of their own rows alone", () => {
    const told = ev.binarySegments(labels, first, groups, first);
    for (const [i, { rows, auc }] of figures.segments.entries()) {
      expect(told[i]!.rows).toBe(rows);
      expect(told[i]!.auc).toBeCloseTo(auc, 12);
    }
    const all = { name: null, rows: Uint32Array.from(labels.keys()) };
    expect(ev.binarySegments(labels, first, [all], first)[0]!.stability).toBe(0);
    const [numbers] = ev.regressionSegments(labels, first, [all], null);
    expect(numbers).toMatchObject({ ...ev.regressionFigures(labels, first), stability: null });
  });
});
