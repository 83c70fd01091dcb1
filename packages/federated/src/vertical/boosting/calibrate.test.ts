import { seededSampling } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logLoss } from "../../evaluation/index.ts";
import {
  type Calibrator,
  type CustomMetric,
  calibrated,
  calibrationReport,
  checkGuestModel,
  customFigure,
  fitCalibrator,
  predictTwin,
  scoreOf,
  trainTwin,
} from "./index.ts";
import { parametersOf, predictWorld, sampleTable, type TrainOptions, trainWorld } from "./testing/world.ts";

const f = (values: readonly number[]): Float64Array => Float64Array.from(values);

const labelled = fc
  .array(fc.record({ margin: fc.integer({ min: -6, max: 6 }), label: fc.integer({ min: 0, max: 1 }) }), {
    minLength: 4,
    maxLength: 14,
  })
  .filter((rows) => rows.some(({ label }) => label === 0) && rows.some(({ label }) => label === 1))
  .map((rows) => ({ margins: f(rows.map(({ margin }) => margin)), labels: f(rows.map(({ label }) => label)) }));

describe("calibration", () => {
  test("Platt's: the gradient of the likelihood with his targets is zero where it ends", () => {
    fc.assert(
      fc.property(labelled, ({ margins, labels }) => {
        const fit = fitCalibrator("platt", margins, labels) as Extract<Calibrator, { method: "platt" }>;
        const yes = labels.filter((label) => label === 1).length;
        const targets = labels.map((y) => (y === 1 ? (yes + 1) / (yes + 2) : 1 / (labels.length - yes + 2)));
        const off = margins.map((margin, i) => calibrated(fit, margin) - targets[i]!);
        expect(off.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6);
        expect(off.reduce((sum, each, i) => sum + each * margins[i]!, 0)).toBeCloseTo(0, 6);
      }),
    );
  });

  test("isotonic: no monotone step function is nearer, by the minimax formula, and known steps by hand", () => {
    fc.assert(
      fc.property(labelled, ({ margins, labels }) => {
        const fit = fitCalibrator("isotonic", margins, labels);
        const known = [...new Set(margins)].sort((a, b) => a - b);
        const mean = (from: number, to: number): number => {
          const rows = [...margins.keys()].filter((row) => margins[row]! >= from && margins[row]! <= to);
          return rows.reduce((sum, row) => sum + labels[row]!, 0) / rows.length;
        };
        // Of isotonic regression (Robertson, Wright, Dykstra 1988): max over lower ends of min over upper ends of means.
        known.forEach((margin, i) => {
          const highest = Math.max(
            ...known.slice(0, i + 1).map((from) => Math.min(...known.slice(i).map((to) => mean(from, to)))),
          );
          expect(calibrated(fit, margin)).toBeCloseTo(highest, 12);
        });
      }),
    );
    const fit = fitCalibrator("isotonic", f([-2, -1, 0, 1, 2]), f([0, 1, 0, 1, 1]));
    expect(fit).toEqual({ method: "isotonic", margins: [-2, -1, 0, 1, 2], probabilities: [0, 0.5, 0.5, 1, 1] });
    expect([-9, -1.5, 0.5, 9].map((margin) => calibrated(fit, margin))).toEqual([0, 0.25, 0.75, 1]);
  });

  test("mends scores that say too much, and the report says so of rows not fitted on", () => {
    const sampling = seededSampling(3);
    const truth = Float64Array.from({ length: 4000 }, () => 4 * sampling.next() - 2);
    const labels = truth.map((margin) => (sampling.next() < 1 / (1 + Math.exp(-margin)) ? 1 : 0));
    const loud = truth.map((margin) => 3 * margin + 1);
    for (const method of ["platt", "isotonic"] as const) {
      const { before, after, rows } = calibrationReport(method, loud, labels);
      expect(rows).toBe(4000);
      expect(after.logLoss).toBeLessThan(before.logLoss - 0.1);
      expect(after.error).toBeLessThan(before.error / 3);
    }
    const { slope, intercept } = fitCalibrator("platt", loud, labels) as Extract<Calibrator, { method: "platt" }>;
    expect(slope).toBeCloseTo(1 / 3, 1);
    expect(intercept).toBeCloseTo(-1 / 3, 0);
  });

  test("is fitted on the rows kept out, is part of the model, and holds for every score", async () => {
    const table = sampleTable(200, 2);
    const options: TrainOptions = { trees: 3, depth: 3, bins: 8, earlyStopping: { rounds: 3, fraction: 0.3 } };
    for (const calibration of ["platt", "isotonic"] as const) {
      const plain = await trainWorld(table, options);
      const trained = await trainWorld(table, { ...options, calibration });
      const { model } = trained.guest;
      expect(checkGuestModel(JSON.parse(JSON.stringify(model)))).toEqual(model);
      expect(model.trees).toEqual(plain.guest.model.trees);
      expect(trained.guest.calibration).toMatchObject({ method: calibration, rows: 60 });
      const [before, after] = [await predictWorld(table, plain), await predictWorld(table, trained)];
      const scores = after.result("bank")!;
      before.result("bank")!.forEach((score, row) => {
        const margin = Math.log(score / (1 - score));
        expect(scores[row]).toBeCloseTo(scoreOf(model, margin), 9);
      });
    }
  });

  test("is refused without rows kept out, of what is no probability, with one class, and in a damaged model", async () => {
    const table = sampleTable(60, 2);
    const input = { labels: table.labels, columns: table.columns, sampling: seededSampling(1) };
    const run = (options: TrainOptions) => trainTwin({ ...input, parameters: parametersOf(options) });
    const stopping = { rounds: 1, fraction: 0.2 };
    await expect(run({ calibration: "platt" })).rejects.toMatchObject({ code: "input.parameter" });
    await expect(run({ calibration: "platt", objective: "regression", earlyStopping: stopping })).rejects.toMatchObject(
      {
        code: "input.parameter",
      },
    );
    expect(() => fitCalibrator("platt", f([1, 2]), f([1, 1]))).toThrow("one class only");
    const { model } = (await trainWorld(table, { trees: 1, depth: 1 })).guest;
    const isotonic = (margins: number[], probabilities: number[]) => ({ method: "isotonic", margins, probabilities });
    for (const calibration of [isotonic([1, 1], [0, 1]), isotonic([0, 1], [1, 0]), isotonic([0, 1], [0.5])])
      expect(() => checkGuestModel({ ...model, calibration })).toThrow("not a valid boosting model part");
  });
});

const term = { weight: 1, at: null, falsePositive: 1, falseNegative: 1 };
const own = (...terms: (Partial<CustomMetric["terms"][number]> & Pick<CustomMetric["terms"][number], "figure">)[]) =>
  ({ better: "lower", terms: terms.map((each) => ({ ...term, ...each })) }) satisfies CustomMetric;

describe("composed figures", () => {
  const labels = f([0, 0, 1, 1]);
  const scores = f([0.1, 0.6, 0.4, 0.9]);

  test("known answers", () => {
    const figure = (metric: CustomMetric, y = labels, p = scores) => customFigure(metric, y, p);
    // One false yes and one missed one of four rows.
    expect(figure(own({ figure: "cost", at: 0.5, falsePositive: 2, falseNegative: 10 }))).toBe(3);
    expect(figure(own({ figure: "f1", at: 0.5 }))).toBe(0.5);
    expect(figure(own({ figure: "capture", at: 0.5 }))).toBe(0.5);
    // All rows score alike: any quarter of them has a quarter of the positives.
    expect(figure(own({ figure: "capture", at: 0.25 }), labels, f([1, 1, 1, 1]))).toBe(0.25);
    expect(figure(own({ figure: "auc" }))).toBe(0.75);
    expect(figure(own({ figure: "log-loss", weight: 2 }, { figure: "auc", weight: -1 }))).toBeCloseTo(
      2 * logLoss(labels, scores) - 0.75,
      12,
    );
    // Errors 1 and -2: 0.9 · 1 and 0.1 · 2.
    expect(figure(own({ figure: "pinball", at: 0.9 }), f([3, 1]), f([2, 3]))).toBeCloseTo(0.55, 12);
    expect(figure(own({ figure: "within", at: 1 }), f([3, 1]), f([2, 3]))).toBe(0.5);
    expect(figure(own({ figure: "rmse" }), f([3, 1]), f([2, 3]))).toBeCloseTo(Math.sqrt(2.5), 12);
    expect(figure(own({ figure: "auc" }), f([1, 1]), f([0.2, 0.3]))).toBeUndefined();
  });

  test("early stopping watches what is composed, in the direction that is said", async () => {
    const table = sampleTable(200, 2);
    const options: TrainOptions = { trees: 12, depth: 3, bins: 8, metric: "custom" };
    const input = { labels: table.labels, columns: table.columns, sampling: seededSampling(7) };
    const watched = (customMetric: CustomMetric) =>
      trainTwin({
        ...input,
        parameters: parametersOf({ ...options, customMetric, earlyStopping: { rounds: 2, fraction: 0.3 } }),
      });
    const falling = await watched(own({ figure: "log-loss" }));
    const loss = await trainTwin({
      ...input,
      parameters: parametersOf({ ...options, metric: "loss", earlyStopping: { rounds: 2, fraction: 0.3 } }),
    });
    expect(falling.trees).toEqual(loss.trees);
    for (const { validation } of falling.evaluations) expect(validation!.custom).toBe(validation!.loss);
    // What gets better is called worse: it stops as soon as its patience allows, on the first tree.
    const rising = await watched({ ...own({ figure: "log-loss" }), better: "higher" });
    expect(rising.trees).toHaveLength(1);
    expect(predictTwin(rising, table.columns, 200, "binary")).toHaveLength(200);
  });

  test("what does not fit is refused by name", async () => {
    const table = sampleTable(40, 2);
    const refused = async (options: TrainOptions): Promise<string> => {
      const input = { labels: table.labels, columns: table.columns, sampling: seededSampling(1) };
      const failure = trainTwin({ ...input, parameters: parametersOf({ metric: "custom", ...options }) });
      await expect(failure).rejects.toMatchObject({ code: "input.parameter" });
      return failure.then(
        () => "",
        (error: Error) => error.message,
      );
    };
    expect(await refused({})).toContain('given for the metric "custom" alone');
    expect(await refused({ metric: "auc", customMetric: own({ figure: "auc" }) })).toContain("alone");
    expect(await refused({ customMetric: own() })).toContain("1 to 8 terms");
    expect(await refused({ customMetric: own({ figure: "rmse" }) })).toContain("for this objective");
    expect(await refused({ customMetric: own({ figure: "cost" }) })).toContain("threshold from 0 to 1");
    expect(await refused({ customMetric: own({ figure: "auc", at: 1 }) })).toContain("takes no number");
    expect(await refused({ customMetric: own({ figure: "auc", weight: 0 }) })).toContain("weights");
    expect(await refused({ customMetric: own({ figure: "cost", at: 0.5, falsePositive: -1 }) })).toContain("costs");
  });
});
