import { flowSchema } from "@tombolo/scheduler";
import { expect, test } from "vitest";
import { tasksBelow, tasksUsing } from "./reports.ts";

const component = "export";
const flow = flowSchema.parse({
  version: "1",
  name: "Two models",
  parties: [{ party: "bank", role: "guest" }],
  tasks: {
    read: { component },
    train: { component, inputs: { data: "read.data" } },
    other: { component, inputs: { data: "read.data" } },
    score: { component, inputs: { model: "train.model", data: "read.data" } },
    again: { component, inputs: { model: "model:job-1.train", data: "score.data" } },
    evaluate: { component, inputs: { data: "again.data", reference: "score.data" } },
  },
});

test("what a model's reports are looked for in: what comes of it, each task once", () => {
  expect(tasksBelow(flow, ["train"]).sort()).toEqual(["again", "evaluate", "score"]);
  expect(tasksBelow(flow, ["evaluate"])).toEqual([]);
  expect(tasksUsing(flow, "job-1.train").sort()).toEqual(["again", "evaluate"]);
  expect(tasksUsing(flow, "job-1.other")).toEqual([]);
});
