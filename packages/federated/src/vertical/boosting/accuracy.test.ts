import { seededSampling } from "@tombolo/base";
import { expect, test } from "vitest";
import { auc as areaUnderCurve, rank } from "../../evaluation/index.ts";
import { defaultParameters, predictTwin, trainTwin } from "./index.ts";
import { loadExample } from "./testing/examples.ts";
import recorded from "./testing/xgboost.json" with { type: "json" };

/** The federated trees are those of the twin (boosting.test.ts), so its accuracy is theirs. */
test.each(["credit", "churn"] as const)(
  "on %s the joint model is as good as XGBoost's on the joined table",
  async (name) => {
    const { train, test: held } = loadExample(name);
    expect([train.labels.length, held.labels.length]).toEqual([recorded[name].train, recorded[name].test]);
    const auc = async (parties: readonly ("guest" | "host")[]): Promise<number> => {
      const columns = parties.map((party) => train[party]);
      const model = await trainTwin({
        columns,
        labels: train.labels,
        parameters: defaultParameters,
        sampling: seededSampling(7),
      });
      const scores = predictTwin(
        model,
        parties.map((party) => held[party]),
        held.labels.length,
        "binary",
      );
      return areaUnderCurve(rank(held.labels, scores))!;
    };
    const [joint, alone] = [await auc(["guest", "host"]), await auc(["guest"])];
    expect(Math.abs(joint - recorded[name].jointAuc)).toBeLessThan(0.01);
    expect(Math.abs(alone - recorded[name].guestAuc)).toBeLessThan(0.01);
    expect(joint).toBeGreaterThan(alone + 0.1);
  },
);
