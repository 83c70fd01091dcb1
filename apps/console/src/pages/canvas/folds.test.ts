import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findComponent } from "@tombolo/components";
import { parseFlow, validateFlow } from "@tombolo/scheduler";
import { expect, test } from "vitest";
import type { Draft } from "./draft.ts";
import { crossValidated, FOLDS, isTraining } from "./folds.ts";

const EXAMPLES = join(import.meta.dirname, "../../../../../examples");
const drawn = (file: string): Draft => ({
  flow: parseFlow(readFileSync(join(EXAMPLES, `${file}.yaml`), "utf8")),
  places: {},
});

test.each([
  ["credit/flow", "train", "boosting-predict", {}],
  ["credit/prepared", "train", "boosting-predict", {}],
  ["credit/regression", "train", "regression-predict", {}],
  ["credit/shared", "train", "boosting-predict", {}],
  ["credit/regression-arbiter", "train", "regression-predict", {}],
  ["insurance/frequency", "train", "regression-predict", { objective: "regression" }],
  ["churn/contract", "train", "regression-predict", { objective: "multi-class" }],
])("folds of a step of %s make a sound flow", (file, name, predict, parameters) => {
  const draft = drawn(file);
  expect(isTraining(draft, name)).toBe(true);
  const made = crossValidated(draft, name)!;
  const { tasks } = made.draft.flow;
  const knownParties = draft.flow.parties.map(({ party }) => party);
  expect(validateFlow(made.draft.flow, findComponent, { knownParties })).toEqual([]);
  const told = tasks[made.name]!;
  expect([told.component, told.parameters]).toEqual(["cross-validate", parameters]);
  const scores = Object.values(told.inputs).map((text) => tasks[text.split(".")[0]!]!);
  expect(scores).toHaveLength(FOLDS);
  const folds = scores.map(({ component, inputs }) => {
    expect(component).toBe(predict);
    const [model, fold] = [inputs.model!, inputs.data!].map((text) => text.split(".")[0]!);
    const train = tasks[model!]!;
    expect(train).toMatchObject({ component: tasks[name]!.component, parameters: tasks[name]!.parameters });
    return tasks[fold!]!.parameters.fold;
  });
  expect(folds).toEqual([1, 2, 3, 4, 5].map((number) => ({ number, of: FOLDS })));
  // What was drawn stays as it was.
  for (const [each, task] of Object.entries(draft.flow.tasks)) expect(tasks[each]).toEqual(task);
});

test("preparation is fitted anew in each fold", () => {
  const draft = drawn("credit/prepared");
  const { tasks } = crossValidated(draft, "train")!.draft.flow;
  const count = (flow: Record<string, { component: string }>): number =>
    Object.values(flow).filter(({ component }) => component === "prepare").length;
  expect(count(tasks)).toBe(count(draft.flow.tasks) + FOLDS);
  expect(tasks["train-1"]!.inputs).toEqual({ data: expect.stringMatching(/^.*-1\.data$/) });
});

test("a step without rows, one that trains nothing and a flow that would be too long have none", () => {
  const draft = drawn("credit/flow");
  const { train, ...rest } = draft.flow.tasks;
  const unfed = { ...draft, flow: { ...draft.flow, tasks: { ...rest, train: { ...train!, inputs: {} } } } };
  expect(crossValidated(unfed, "train")).toBeUndefined();
  expect(crossValidated(draft, "split")).toBeUndefined();
  expect(crossValidated(draft, "nothing")).toBeUndefined();
  let long = draft;
  let times = 0;
  for (let next = crossValidated(long, "train"); next !== undefined; next = crossValidated(long, "train")) {
    long = next.draft;
    times++;
  }
  expect(times).toBeGreaterThan(1);
  expect(Object.keys(long.flow.tasks).length).toBeLessThanOrEqual(64);
});
