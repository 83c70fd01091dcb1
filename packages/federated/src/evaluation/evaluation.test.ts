import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as ev from "./index.ts";

const vectors = JSON.parse(
  readFileSync(new URL("../../../../vectors/evaluation.json", import.meta.url), "utf8"),
) as typeof import("../../../../vectors/evaluation.json");

const f = (values: readonly number[]): Float64Array => Float64Array.from(values);
const everyPoint = { pointsMax: 10_000, minimumRows: 1 };
const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
};

/** Labels of both classes, and scores of few values so that ties are common. */
const samples = fc
  .array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 12 })), { minLength: 2, maxLength: 60 })
  .filter((rows) => new Set(rows.map(([label]) => label)).size === 2)
  .map((rows) => ({ labels: f(rows.map(([label]) => label)), scores: f(rows.map(([, score]) => score / 12)) }));

describe("against scikit-learn", () => {
  const { binary, regression } = vectors;
  const [labels, scores] = [f(binary.labels), f(binary.scores)];
  const ranking = ev.rank(labels, scores);

  it("AUC, KS, average precision, log-loss and Brier agree", () => {
    expect(ev.auc(ranking)).toBeCloseTo(binary.auc, 12);
    expect(ev.ks(ranking)!.value).toBeCloseTo(binary.ks, 12);
    expect(ev.ks(ranking)!.threshold).toBe(binary.ksThreshold);
    expect(ev.averagePrecision(ranking)).toBeCloseTo(binary.averagePrecision, 12);
    expect(ev.logLoss(labels, scores)).toBeCloseTo(binary.logLoss, 12);
    expect(ev.brier(labels, scores)).toBeCloseTo(binary.brier, 12);
  });

  it("ROC and precision/recall agree at every threshold", () => {
    const roc = ev.rocCurve(ranking, everyPoint);
    close(
      roc.map(([x]) => x),
      binary.fpr,
    );
    close(
      roc.map(([, y]) => y),
      binary.tpr,
    );
    // scikit-learn goes from the lowest threshold up and adds the point (0, 1).
    const curve = ev.precisionRecallCurve(ranking, everyPoint).toReversed();
    close(
      curve.map(([x]) => x),
      binary.recall.slice(0, -1),
    );
    close(
      curve.map(([, y]) => y),
      binary.precision.slice(0, -1),
    );
  });

  it("the confusion matrix and its figures agree", () => {
    const confusion = ev.confusionAt(labels, scores, 0.5);
    expect(confusion).toEqual(binary.confusion);
    const figures = ev.thresholdFigures(confusion);
    expect(figures.accuracy).toBeCloseTo(binary.accuracy, 12);
    expect(figures.precision).toBeCloseTo(binary.precisionAt, 12);
    expect(figures.recall).toBeCloseTo(binary.recallAt, 12);
    expect(figures.f1).toBeCloseTo(binary.f1, 12);
  });

  it("deviances of Poisson, Gamma and Tweedie and what they explain agree", () => {
    const [actual, predicted] = [f([0.5, 2, 1, 4, 0.25, 7]), f([1, 1.5, 0.75, 3, 0.5, 5])];
    const expected = [
      [1, 0.2830732593636654, 0.8711802883984506],
      [1.5, 0.20866391217930733, 0.86276591691384],
      [2, 0.19559196904777817, 0.8299688939677758],
    ] as const;
    for (const [power, mean, explained] of expected) {
      const figures = ev.devianceFigures(actual, predicted, power);
      expect(figures.mean).toBeCloseTo(mean, 12);
      expect(figures.explained).toBeCloseTo(explained, 12);
    }
    expect(() => ev.devianceFigures(f([0, 1]), f([1, 1]), 2)).toThrow(/out of the distribution/);
    expect(ev.devianceFigures(f([0, 2]), f([1, 1]), 1).mean).toBeCloseTo(2 * Math.log(2), 12);
  });

  it("RMSE, MAE and R2 agree", () => {
    const figures = ev.regressionFigures(f(regression.actual), f(regression.predicted));
    expect(figures.rmse).toBeCloseTo(regression.rmse, 12);
    expect(figures.mae).toBeCloseTo(regression.mae, 12);
    expect(figures.r2).toBeCloseTo(regression.r2, 12);
  });
});

describe("by hand", () => {
  // Ranked: .9(1) .8(0) .7(1) .7(0) .4(1) .2(0), .2(0), .1(0)
  const labels = f([1, 0, 1, 0, 1, 0, 0, 0]);
  const scores = f([0.9, 0.8, 0.7, 0.7, 0.4, 0.2, 0.2, 0.1]);
  const ranking = ev.rank(labels, scores);

  it("ties are one step", () => {
    expect([...ranking.thresholds]).toEqual([0.9, 0.8, 0.7, 0.4, 0.2, 0.1]);
    expect([...ranking.truePositives]).toEqual([1, 1, 2, 3, 3, 3]);
    expect([...ranking.falsePositives]).toEqual([0, 1, 2, 2, 4, 5]);
  });

  it("AUC counts 11.5 of 15 pairs", () => {
    // .9 beats 5; .7 beats 3 and ties 1; .4 beats 3.
    expect(ev.auc(ranking)).toBeCloseTo(11.5 / 15, 12);
    expect(ev.ks(ranking)).toEqual({ value: 1 - 2 / 5, threshold: 0.4 });
  });

  it("gains share ties out evenly", () => {
    // Quarters: (.9 .8) (.7 .7) (.4 .2) (.2 .1)
    const quarters = ev.gainTable(ranking, 4);
    expect(quarters.map((row) => row.positives)).toEqual([1, 1, 1, 0]);
    expect(quarters.map((row) => row.gain)).toEqual([1 / 3, 2 / 3, 1, 1]);
    expect(quarters.map((row) => row.lift)).toEqual([0.5, 0.5, 0.5, 0].map((rate) => rate / 0.375));
    // Eighths cut the pair at .7, one positive between two rows.
    expect(ev.gainTable(ranking, 8).map((row) => row.positives)).toEqual([1, 0, 0.5, 0.5, 1, 0, 0, 0]);
  });

  it("best F1 takes the highest of its thresholds", () => {
    expect(ev.bestF1(ranking)).toEqual({ threshold: 0.4, f1: 6 / 8 });
  });

  it("the stability index sums over bins", () => {
    // Halves of 0..9 at 4; of the others 8 of 10 are above.
    const expected = f([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const moved = f([0, 1, 5, 6, 7, 8, 9, 5, 6, 7]);
    const { index, verdict, bins } = ev.populationStability(expected, moved, { binCount: 2 });
    expect(index).toBeCloseTo(0.3 * Math.log(0.8 / 0.5) - 0.3 * Math.log(0.2 / 0.5), 12);
    expect(verdict).toBe("moved");
    expect(bins).toEqual([
      { from: null, to: 4, expected: 0.5, actual: 0.2 },
      { from: 4, to: null, expected: 0.5, actual: 0.8 },
    ]);
    expect(ev.populationStability(expected, expected)).toMatchObject({ index: 0, verdict: "stable" });
    expect(Number.isFinite(ev.populationStability(expected, f([100])).index)).toBe(true);
  });

  it("calibration compares mean score and share of positives", () => {
    const { bins, error } = ev.calibration(f([0, 1, 1, 1]), f([0.2, 0.4, 0.8, 1]), 2, 1);
    expect(bins.map((bin) => [bin.rows, bin.observed])).toEqual([
      [2, 0.5],
      [2, 1],
    ]);
    expect(error).toBeCloseTo((2 * 0.2 + 2 * 0.1) / 4, 12);
  });

  it("regression has a bias and no R2 over constant labels", () => {
    expect(ev.regressionFigures(f([1, 1]), f([2, 4]))).toEqual({ rmse: Math.sqrt(5), mae: 2, bias: 2, r2: null });
  });
});

describe("properties", () => {
  it("AUC and KS do not change under rising maps, and turn over with the scores", () => {
    fc.assert(
      fc.property(samples, ({ labels, scores }) => {
        const ranking = ev.rank(labels, scores);
        const mapped = ev.rank(
          labels,
          scores.map((score) => Math.exp(3 * score) - 7),
        );
        expect(ev.auc(mapped)).toBe(ev.auc(ranking));
        expect(ev.separation(labels, scores)).toEqual({ auc: ev.auc(ranking), ks: ev.ks(ranking)!.value });
        expect(ev.ks(mapped)!.value).toBe(ev.ks(ranking)!.value);
        expect(
          ev.auc(
            ev.rank(
              labels,
              scores.map((score) => -score),
            ),
          ),
        ).toBeCloseTo(1 - ev.auc(ranking)!, 12);
        expect(
          ev.auc(
            ev.rank(
              labels.map((label) => 1 - label),
              scores,
            ),
          ),
        ).toBeCloseTo(1 - ev.auc(ranking)!, 12);
      }),
    );
  });

  it("AUC is the share of pairs in order", () => {
    fc.assert(
      fc.property(samples, ({ labels, scores }) => {
        let [won, pairs] = [0, 0];
        labels.forEach((a, i) => {
          labels.forEach((b, j) => {
            if (a !== 1 || b !== 0) return;
            pairs++;
            won += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
          });
        });
        expect(ev.auc(ev.rank(labels, scores))).toBeCloseTo(won / pairs, 12);
      }),
    );
  });

  it("no figure depends on the order of rows", () => {
    fc.assert(
      fc.property(samples, ({ labels, scores }) => {
        const turned = ev.binaryReport(labels.toReversed(), scores.toReversed());
        const report = ev.binaryReport(labels, scores);
        expect(turned.gains).toEqual(report.gains);
        expect(turned.curves).toEqual(report.curves);
        expect([turned.auc, turned.ks, turned.atThreshold]).toEqual([report.auc, report.ks, report.atThreshold]);
      }),
    );
  });

  it("gains add up to all positives and all rows", () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 20 }), ({ labels, scores }, slices) => {
        const table = ev.gainTable(ev.rank(labels, scores), slices);
        expect(table.reduce((n, row) => n + row.rows, 0)).toBe(labels.length);
        expect(table.at(-1)!.gain).toBeCloseTo(1, 12);
        expect(table.at(-1)!.cumulativeLift).toBeCloseTo(1, 12);
      }),
    );
  });

  it("the stability index is never negative", () => {
    const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 }).map(f);
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(ev.populationStability(a, b).index).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("reports", () => {
  const rows = 5000;
  const labels = Float64Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? 1 : 0));
  const scores = Float64Array.from({ length: rows }, (_, i) => ((i * 7919) % 5003) / 5003);

  it("are JSON with thin curves that keep their ends", () => {
    const report = ev.binaryReport(labels, scores);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    const { roc, ks, precisionRecall, gain, lift } = report.curves;
    for (const curve of [roc, ks.tpr, ks.fpr, precisionRecall, gain, lift]) {
      expect(curve.length).toBeGreaterThan(100);
      expect(curve.length).toBeLessThanOrEqual(200);
    }
    expect([roc[0], roc.at(-1)]).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(lift.at(-1)).toEqual([1, 1]);
  });

  it("show no group below the minimum", () => {
    const report = ev.binaryReport(labels, scores, { minimumRows: 100, slices: 100, threshold: 0.999 });
    expect(report.atThreshold).toEqual({ threshold: 0.999, confusion: null, figures: null });
    expect(Math.min(...report.gains.map((row) => row.rows))).toBeGreaterThanOrEqual(100);
    expect(Math.min(...report.calibration!.bins.map((bin) => bin.rows))).toBeGreaterThanOrEqual(100);
    const depths = report.curves.gain.map(([x]) => Math.round(x * rows));
    depths.slice(1).forEach((depth, i) => {
      expect(depth - depths[i]!).toBeGreaterThanOrEqual(100);
    });
  });

  it("leave out what one class alone, or scores that are no probabilities, do not have", () => {
    const one = ev.binaryReport(f([0, 0]), f([3, 4]));
    expect([one.auc, one.gini, one.ks, one.averagePrecision, one.logLoss, one.brier, one.calibration]).toEqual(
      Array(7).fill(null),
    );
    expect(one.curves.roc).toEqual([]);
    expect(one.gains.map((row) => row.lift)).toEqual([null, null]);
  });

  it("bin a regression's fit", () => {
    const report = ev.regressionReport(f([1, 2, 3, 4]), f([1, 2, 3, 6]), { slices: 2 });
    expect(report).toMatchObject({ kind: "regression", rows: 4, mae: 0.5, bias: 0.5, r2: 1 - 4 / 5 });
    expect(report.fit).toEqual([
      { rows: 2, meanPredicted: 1.5, meanActual: 1.5 },
      { rows: 2, meanPredicted: 4.5, meanActual: 3.5 },
    ]);
  });

  it("refuse what cannot be evaluated", () => {
    expect(() => ev.binaryReport(f([]), f([]))).toThrow("needs rows");
    expect(() => ev.binaryReport(f([1]), f([1, 2]))).toThrow("one prediction for each");
    expect(() => ev.binaryReport(f([2]), f([1]))).toThrow("0 or 1");
    expect(() => ev.binaryReport(f([1]), f([Number.NaN]))).toThrow("finite");
    expect(() => ev.binaryReport(f([1]), f([1]), { pointsMax: 2 })).toThrow("points");
    expect(() => ev.logLoss(f([1]), f([2]))).toThrow("probabilities");
    expect(() => ev.populationStability(f([]), f([1]))).toThrow("two samples");
  });
});

describe("several classes", () => {
  const { classes: recorded } = vectors;
  const classes = ["low", "middle", "high"];
  const given = {
    classes,
    labels: f(recorded.labels),
    called: null,
    scores: recorded.probabilities.map(f),
  };

  it("figures, matrix and log loss are scikit-learn's", () => {
    const report = ev.classesReport(given);
    for (const name of ["accuracy", "balancedAccuracy", "macroF1", "logLoss"] as const)
      expect(report[name], name).toBeCloseTo(recorded[name], 12);
    expect(report.confusion).toEqual(recorded.confusion);
    for (const name of ["precision", "recall", "f1", "auc"] as const)
      close(
        report.classes.map((figures) => figures[name]!),
        recorded[name],
      );
    const weighted = report.classes.reduce((sum, { rows, logLoss }) => sum + (rows * logLoss!) / report.rows, 0);
    expect(weighted).toBeCloseTo(recorded.logLoss, 12);
  });

  it("without probabilities there is no loss, and a small cell withholds the matrix", () => {
    const called = f(recorded.labels.map((label, i) => (i < 2 ? (label + 1) % 3 : label)));
    const report = ev.classesReport({ ...given, called, scores: null }, { minimumRows: 3 });
    expect(report).toMatchObject({ accuracy: 38 / 40, logLoss: null, confusion: null });
    expect(report.classes.map(({ auc, logLoss }) => [auc, logLoss])).toEqual([0, 1, 2].map(() => [null, null]));
    const margins = given.scores.map((score) => score.map((value) => 5 * value - 2));
    expect(ev.classesReport({ ...given, scores: margins })).toMatchObject({
      accuracy: recorded.accuracy,
      logLoss: null,
    });
  });

  it("a class that never occurs or is never called has no such figures", () => {
    const report = ev.classesReport({ classes, labels: f([0, 0, 1]), called: f([0, 2, 1]), scores: null });
    expect(report.classes[2]).toMatchObject({ rows: 0, recall: null, precision: 0, f1: 0 });
    expect(report.balancedAccuracy).toBe(0.75);
  });

  it.each([
    ["labels that are no class", { labels: f([3, 0]), called: f([0, 0]) }],
    ["as few predictions", { labels: f([1, 0]), called: f([0]) }],
    ["no rows", { labels: f([]), called: f([]) }],
  ])("refuses %s", (_, wrong) => {
    expect(() => ev.classesReport({ classes, scores: null, ...wrong })).toThrow(/evaluation|classes/);
  });
});
