import { seededSampling } from "@tombolo/base";
import { expect, test } from "vitest";
import { auc as areaUnderCurve, rank } from "../../evaluation/index.ts";
import { figuresOf } from "./evaluate.ts";
import { type BoostingParameters, type Directions, defaultParameters, predictTwin, trainTwin } from "./index.ts";
import { loadExample } from "./testing/examples.ts";
import { madeTable } from "./testing/made-table.ts";
import recorded from "./testing/xgboost.json" with { type: "json" };

/** The federated trees are those of the twin (boosting.test.ts), so its accuracy is theirs. */
async function exampleAuc(
  { train, test: held }: ReturnType<typeof loadExample>,
  parties: readonly ("guest" | "host")[],
  parameters: BoostingParameters,
  more: { directions?: Directions } = {},
): Promise<number> {
  const columns = parties.map((party) => train[party]);
  const model = await trainTwin({ columns, labels: train.labels, parameters, sampling: seededSampling(7), ...more });
  const scores = predictTwin(
    model,
    parties.map((party) => held[party]),
    held.labels.length,
    "binary",
  );
  return areaUnderCurve(rank(held.labels, scores))!;
}

test.each(["credit", "churn"] as const)(
  "on %s the joint model is as good as XGBoost's on the joined table",
  async (name) => {
    const example = loadExample(name);
    expect([example.train.labels.length, example.test.labels.length]).toEqual([
      recorded[name].train,
      recorded[name].test,
    ]);
    const joint = await exampleAuc(example, ["guest", "host"], defaultParameters);
    const alone = await exampleAuc(example, ["guest"], defaultParameters);
    expect(Math.abs(joint - recorded[name].jointAuc)).toBeLessThan(0.005);
    expect(Math.abs(alone - recorded[name].guestAuc)).toBeLessThan(0.01);
    expect(joint).toBeGreaterThan(alone + 0.1);
  },
);

test.each([
  ["scalePosWeight", { scalePosWeight: 3 }],
  ["maxDeltaStep", { maxDeltaStep: 0.5 }],
  ["maxLeaves", { maxLeaves: 8, depth: 6 }],
  ["monotone", {}],
  ["forest", { forest: true, subsample: 0.7, colsample: 0.5 }],
] as const)("with %s credit is scored as well as by XGBoost", async (name, chosen) => {
  const parameters: BoostingParameters = { ...defaultParameters, ...chosen };
  const directions = name === "monotone" ? { directions: { rising: ["amount"], falling: [] } } : {};
  const joint = await exampleAuc(loadExample("credit"), ["guest", "host"], parameters, directions);
  expect(Math.abs(joint - recorded.creditWith[name])).toBeLessThan(0.005);
});

const MADE: Readonly<Record<string, Partial<BoostingParameters>>> = {
  regression: {},
  absolute: {},
  huber: { huberSlope: 2 },
  poisson: {},
  tweedie: {},
  "multi-class": { classes: 4 },
};

test.each(["regression", "absolute", "huber", "poisson", "tweedie", "multi-class", "weighted"] as const)(
  // Every value is a bin here, so both choose among the same splits; XGBoost cuts weighted columns elsewhere.
  "on made-up labels the %s objective comes out as XGBoost's",
  async (name) => {
    const { train, test: held } = madeTable();
    const weighted = name === "weighted";
    const objective = weighted ? "regression" : name;
    const label = objective === "absolute" || objective === "huber" ? "regression" : objective;
    const parameters: BoostingParameters = {
      ...defaultParameters,
      minimumRows: 1,
      ...MADE[objective],
      objective,
      weighted,
    };
    const figuresAt = async (seed: number) => {
      const model = await trainTwin({
        ...{ columns: train.columns, labels: train.labels[label], parameters, sampling: seededSampling(seed) },
        ...(weighted ? { weights: train.labels.weights } : {}),
      });
      const predicted = predictTwin(model, held.columns, held.labels[label].length, objective);
      return figuresOf(parameters, held.labels[label], predicted);
    };
    // By absolute error many splits gain exactly the same, and the seed's order of columns says which is taken: the middle of five orders.
    const seeds = name === "absolute" ? [7, 8, 9, 10, 11] : [7];
    const all = await Promise.all(seeds.map(figuresAt));
    const figures = all.toSorted((a, b) => a.loss - b.loss)[seeds.length >> 1]!;
    const expected: { loss: number; accuracy?: number } = weighted ? recorded.madeWeighted : recorded.made[name];
    expect(Math.abs(figures.loss / expected.loss - 1)).toBeLessThan(weighted ? 0.005 : 0.001);
    if (expected.accuracy !== undefined) expect(Math.abs(figures.accuracy! - expected.accuracy)).toBeLessThan(0.005);
  },
);
