import { expect, test } from "vitest";
import type { ConsentDocument } from "../consent/document.ts";
import { unchangedTasks } from "./reuse.ts";

const HASH = "0".repeat(64);
type Planned = Pick<ConsentDocument, "components" | "datasets"> & { readonly flow: Record<string, unknown> };

const task = (component: string, inputs: Record<string, string>, more: object = {}) => ({ component, inputs, ...more });
const flow = (tasks: Record<string, unknown>, seed = 7) => ({
  version: "1",
  name: "any",
  parties: [
    { party: "bank", role: "guest" },
    { party: "telco", role: "host" },
  ],
  seed,
  tasks,
});
const tasks = {
  read: task("read-table", {}, { partyParameters: { bank: { dataset: "b" }, telco: { dataset: "t" } } }),
  match: task("psi", { data: "read.data" }),
  split: task("split", { data: "match.data" }, { parameters: { testShare: 0.3 } }),
  train: task("boosting-train", { data: "split.train" }, { parameters: { trees: 3 } }),
  score: task("boosting-predict", { data: "split.test", model: "train.model" }),
};
const component = (name: string, version = "1.0.0") => ({
  task: name,
  component: name,
  version,
  protocol: null,
  messages: null,
});
const use = (party: string, snapshot: string, grantId: string | null = null) => ({
  ...{ party, task: "read", datasetId: party[0]!, snapshot, columns: ["x"], grantId, filter: null },
});
const planned = (change: Partial<Planned> = {}): Planned => ({
  flow: flow(tasks),
  components: Object.keys(tasks).map((name) => component(name)),
  datasets: [use("bank", HASH), use("telco", HASH, "g1")],
  ...change,
});
const kept = (now: Partial<Planned>, then: Partial<Planned> = {}): string[] =>
  unchangedTasks(planned(now), planned(then));
const all = ["read", "match", "split", "train", "score"];

test("what is as it was is kept, under another name and grant too", () => {
  expect(kept({})).toEqual(all);
  expect(kept({ flow: { ...flow(tasks), name: "another", description: "of it" } })).toEqual(all);
  expect(kept({ datasets: [use("bank", HASH), use("telco", HASH, "g2")] })).toEqual(all);
  const more = { ...tasks, judge: task("evaluate", { data: "score.data" }, { parties: ["bank"] }) };
  expect(kept({ flow: flow(more), components: [...planned().components, component("judge")] })).toEqual(all);
});

test("a change is a change of the task and of all that comes after it", () => {
  const changed = (name: keyof typeof tasks, more: object): string[] =>
    kept({ flow: flow({ ...tasks, [name]: { ...tasks[name], ...more } }) });
  expect(changed("train", { parameters: { trees: 4 } })).toEqual(["read", "match", "split"]);
  expect(changed("split", { parameters: { testShare: 0.4 } })).toEqual(["read", "match"]);
  expect(changed("score", { inputs: { data: "split.train", model: "train.model" } })).toEqual(all.slice(0, 4));
  expect(changed("split", { parties: ["bank"] })).toEqual(["read", "match"]);
  expect(changed("match", { component: "match-label" })).toEqual(["read"]);
});

test("other rows, columns, filters, seeds, parties and versions of components are changes", () => {
  const [bank] = planned().datasets;
  expect(kept({ datasets: [bank!, use("telco", "1".repeat(64), "g1")] })).toEqual([]);
  expect(kept({ datasets: [bank!, { ...use("telco", HASH, "g1"), columns: ["y"] }] })).toEqual([]);
  expect(kept({ datasets: [bank!, { ...use("telco", HASH, "g1"), filter: "x > 1" }] })).toEqual([]);
  expect(kept({ flow: flow(tasks, 8) })).toEqual([]);
  const swapped = { ...flow(tasks), parties: [...flow(tasks).parties].reverse() };
  expect(kept({ flow: swapped })).toEqual([]);
  const newer = planned().components.map((each) => (each.task === "train" ? component("train", "1.1.0") : each));
  expect(kept({ components: newer })).toEqual(["read", "match", "split"]);
});
