import { registry } from "@tombolo/components";
import { parseFlow } from "@tombolo/scheduler";
import { expect, it } from "vitest";
import { flowDatasets } from "./disclosure.ts";

const flow = (score: Record<string, unknown>) =>
  parseFlow({
    version: "1",
    name: "Train and score",
    parties: [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
    ],
    tasks: {
      read: {
        component: "read-table",
        partyParameters: {
          bank: { dataset: "b", keys: ["phone"], label: "default", columns: ["x"] },
          telco: { dataset: "t", keys: ["phone"], columns: ["y"] },
        },
      },
      match: { component: "psi", inputs: { data: "read.data" } },
      train: { component: "boosting-train", inputs: { data: "match.data" } },
      score: { component: "boosting-predict", inputs: { data: "match.data", ...score } },
    },
  });
const usesOf = (model: string) =>
  flowDatasets(flow({ model }), (name) => registry.get(name)).find(({ party }) => party === "telco")?.uses;

it("takes trying a model on its own rows as part of training", () => {
  expect(usesOf("train.model")).toEqual(["train"]);
});

it("does not let a training beside hide the scoring with an earlier model", () => {
  expect(usesOf("model:job-0123456789abcdef.train")).toEqual(["train", "score"]);
});
