import { seededSampling } from "@tombolo/base";
import { describe, expect, it, test } from "vitest";
import { auc as areaUnderCurve, rank } from "../../../evaluation/index.ts";
import { figuresOf } from "../evaluate.ts";
import { defaultParameters } from "../parameters.ts";
import { loadExample } from "../testing/examples.ts";
import { madeTable } from "../testing/made-table.ts";
import recorded from "../testing/xgboost.json" with { type: "json" };
import { UNIT } from "./formats.ts";
import { PIECE_BITS, PIECES, sigmoidOf } from "./sigmoid.ts";
import { predictSharedTwin, trainSharedTwin } from "./twin.ts";

const sampling = seededSampling(7);

// Trees on shares are those of the twin (shared.test.ts), so its accuracy is theirs.
test.each(["credit", "churn"] as const)("at level shared %s is scored as well as by XGBoost", (name) => {
  const { train, test: held } = loadExample(name);
  const columns = [train.guest, train.host] as const;
  const twin = trainSharedTwin({ columns, labels: train.labels, parameters: defaultParameters, sampling });
  const scores = predictSharedTwin(twin, [held.guest, held.host], held.labels.length);
  const auc = areaUnderCurve(rank(held.labels, scores))!;
  expect(Math.abs(auc - recorded[name].jointAuc)).toBeLessThan(0.005);
});

test("at level shared numbers are predicted as by XGBoost", () => {
  const { train, test: held } = madeTable();
  const parameters = { ...defaultParameters, objective: "regression" as const, minimumRows: 1 };
  const columns = [train.columns[0]!, train.columns[1]!] as const;
  const twin = trainSharedTwin({ columns, labels: train.labels.regression, parameters, sampling });
  const labels = held.labels.regression;
  const predicted = predictSharedTwin(twin, [held.columns[0]!, held.columns[1]!], labels.length);
  expect(Math.abs(figuresOf(parameters, labels, predicted).loss / recorded.made.regression.loss - 1)).toBeLessThan(
    0.005,
  );
});

describe("the logistic function of quadratics", () => {
  it("is within 0.0005, and adds up to 1 with its mirror image", () => {
    for (let x = -12; x <= 12; x += 1 / 64) {
      const value = Number(sigmoidOf(BigInt(x * UNIT))) / UNIT;
      expect(Math.abs(value - 1 / (1 + Math.exp(-x)))).toBeLessThan(0.0005);
      if (x > 0) expect(sigmoidOf(BigInt(x * UNIT)) + sigmoidOf(BigInt(-x * UNIT))).toBe(BigInt(UNIT));
    }
  });

  it("has pieces whose least and greatest errors are alike", () => {
    PIECES.slice(0, -1).forEach(({ from, c0, c1, c2 }, i) => {
      const to = PIECES[i + 1]!.from;
      const errors = Array.from({ length: 500 }, (_, k) => {
        const x = from + ((to - from) * k) / 499;
        const value = Number(c0) / 2 ** PIECE_BITS + (Number(c1) / 2 ** 28) * x + (Number(c2) / 2 ** 12) * x * x;
        return value - 1 / (1 + Math.exp(-x));
      });
      expect(Math.abs(Math.max(...errors) + Math.min(...errors))).toBeLessThan(2 ** -20);
    });
  });
});
