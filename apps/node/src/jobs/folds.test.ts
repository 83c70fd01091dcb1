import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findComponent } from "@tombolo/components";
import {
  crossValidated,
  type Flow,
  type FlowTask,
  FOLDS,
  isTraining,
  parseFlow,
  validateFlow,
} from "@tombolo/scheduler";
import { expect, test } from "vitest";

const EXAMPLES = join(import.meta.dirname, "../../../../examples");
const example = (file: string): Flow => parseFlow(readFileSync(join(EXAMPLES, `${file}.yaml`), "utf8"));

function folded(
  flow: Flow,
  name: string,
  folds?: number,
): { tasks: Readonly<Record<string, FlowTask>>; told: FlowTask } {
  const made = crossValidated(flow, name, folds);
  if (!made.ok) throw new Error(`${name} has no folds: ${made.why}`);
  const knownParties = flow.parties.map(({ party }) => party);
  expect(validateFlow(made.flow, findComponent, { knownParties })).toEqual([]);
  return { tasks: made.flow.tasks, told: made.flow.tasks[made.task]! };
}

test.each([
  ["credit/flow", "train", "boosting-predict", {}],
  ["credit/prepared", "train", "boosting-predict", {}],
  ["credit/regression", "train", "regression-predict", {}],
  ["credit/shared", "train", "boosting-predict", {}],
  ["credit/regression-arbiter", "train", "regression-predict", {}],
  ["insurance/frequency", "train", "regression-predict", { objective: "regression" }],
  ["churn/contract", "train", "regression-predict", { objective: "multi-class" }],
])("folds of a step of %s make a sound flow", (file, name, predict, parameters) => {
  const flow = example(file);
  expect(isTraining(flow, name)).toBe(true);
  const { tasks, told } = folded(flow, name);
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
  for (const [each, task] of Object.entries(flow.tasks)) expect(tasks[each]).toEqual(task);
});

test("preparation is fitted anew in each fold, as many as are wanted", () => {
  const flow = example("credit/prepared");
  const { tasks } = folded(flow, "train", 3);
  const count = (of: Readonly<Record<string, FlowTask>>): number =>
    Object.values(of).filter(({ component }) => component === "prepare").length;
  expect(count(tasks)).toBe(count(flow.tasks) + 3);
  expect(tasks["train-1"]!.inputs).toEqual({ data: expect.stringMatching(/^.*-1\.data$/) });
  expect(tasks["fold-3"]!.parameters.fold).toEqual({ number: 3, of: 3 });
});

test("a task without rows, one that trains nothing, a flow without a guest and one that would be too long have none", () => {
  const flow = example("credit/flow");
  const { train, ...rest } = flow.tasks;
  const unfed = { ...flow, tasks: { ...rest, train: { ...train!, inputs: {} } } };
  const hosts = { ...flow, parties: flow.parties.map(({ party }) => ({ party, role: "host" })) };
  expect(crossValidated(unfed, "train")).toEqual({ ok: false, why: "no-rows" });
  expect(crossValidated(hosts, "train")).toEqual({ ok: false, why: "no-guest" });
  for (const name of ["split", "nothing", "constructor"])
    expect(crossValidated(flow, name)).toEqual({ ok: false, why: "no-training" });
  let long = flow;
  let times = 0;
  let next = crossValidated(long, "train");
  for (; next.ok; next = crossValidated(long, "train")) {
    long = next.flow;
    times++;
  }
  expect(next).toEqual({ ok: false, why: "too-long" });
  expect(times).toBeGreaterThan(1);
  expect(Object.keys(long.tasks).length).toBeLessThanOrEqual(64);
});
