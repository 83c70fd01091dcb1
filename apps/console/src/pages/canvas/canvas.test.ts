import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeComponent, findComponent, registry } from "@tombolo/components";
import { type Flow, flowSchema, parseFlow, parseInputRef, validateFlow } from "@tombolo/scheduler";
import type { Component } from "@tombolo/sdk";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sameTask } from "./changed.ts";
import { asText, copied, paste, read } from "./clipboard.ts";
import { columnsAt } from "./columns.ts";
import {
  addTask,
  changeTask,
  type Draft,
  emptyDraft,
  moveTasks,
  removeTasks,
  renameTask,
  setInput,
  setParticipants,
  setParties,
} from "./draft.ts";
import { faultsOf, within } from "./faults.ts";
import { groupOf, searched } from "./groups.ts";
import { begin, record, redo, undo } from "./history.ts";
import { dropDraft, keepDraft, keptDrafts } from "./kept.ts";
import { feedFrom, inputFor, inputsOf, misfit, outputsOf, sourcesFor, wiresOf } from "./ports.ts";
import { chosenTable } from "./tables.ts";
import { castAs } from "./templates.ts";

const list = [...registry.values()].map(describeComponent) as Component[];
const components = new Map(list.map((each) => [each.name, each]));
const EXAMPLES = join(import.meta.dirname, "../../../../../examples");
const FILES = [
  "credit/flow",
  "credit/prepared",
  "credit/regression",
  "churn/flow",
  "churn/lookalike",
  "insurance/frequency",
];
const example = (name: string): string => readFileSync(join(EXAMPLES, `${name}.yaml`), "utf8");

const two = (): Draft =>
  setParties(
    emptyDraft("Drawn", "bank"),
    [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
    ],
    list,
  );

/** One stroke of a hand: numbers choose among what there is. */
type Stroke = readonly [
  kind: "add" | "remove" | "rename" | "wire" | "feed" | "set" | "move" | "cut",
  a: number,
  b: number,
];
const stroke: fc.Arbitrary<Stroke> = fc.tuple(
  fc.constantFrom("add", "add", "add", "remove", "rename", "wire", "wire", "feed", "set", "move", "cut"),
  fc.nat(1000),
  fc.nat(1000),
);
const pick = <T>(items: readonly T[], n: number): T | undefined => items[n % Math.max(1, items.length)];

function drawn(draft: Draft, [kind, a, b]: Stroke): Draft {
  const names = Object.keys(draft.flow.tasks);
  const name = pick(names, a);
  if (kind === "add") return addTask(draft, pick(list, a)!, { x: a, y: b }).draft;
  if (name === undefined) return draft;
  const other = pick(names, b)!;
  switch (kind) {
    case "remove":
      return removeTasks(draft, new Set([name]));
    case "rename":
      return renameTask(draft, name, `step-${b}`);
    case "feed":
      return feedFrom(draft, components, name, other);
    case "set":
      return changeTask(draft, name, { parameters: { trees: b, text: `ü: "${b}" #` } });
    case "move":
      return moveTasks(draft, { [name]: { x: b, y: a } });
    default: {
      const port = pick(Object.keys(inputsOf(draft.flow, components, name)), b);
      const source = port && pick(sourcesFor(draft, components, { task: name, port }), a + b);
      if (port === undefined || (source === undefined && kind === "wire")) return draft;
      return setInput(draft, name, port, kind === "cut" || !source ? undefined : `${source.task}.${source.port}`);
    }
  }
}
const drawing = fc.array(stroke, { maxLength: 25 }).map((strokes) => strokes.reduce(drawn, two()));

describe("edits", () => {
  test("whatever is drawn: wires come from steps that are there and fit, places belong to steps, the text reads back", () => {
    fc.assert(
      fc.property(drawing, (draft) => {
        const { flow, places } = draft;
        for (const { from, to } of wiresOf(flow)) {
          expect(outputsOf(flow, components, from.task)).toHaveProperty(from.port);
          expect(inputsOf(flow, components, to.task)).toHaveProperty(to.port);
        }
        for (const task of Object.values(flow.tasks))
          for (const text of Object.values(task.inputs)) {
            const ref = parseInputRef(text);
            expect(ref.kind === "task" && ref.task in flow.tasks).toBe(true);
          }
        expect(Object.keys(places).sort()).toEqual(Object.keys(flow.tasks).sort());
        if (Object.keys(flow.tasks).length > 0) expect(parseFlow(asText(draft))).toEqual(flow);
      }),
    );
  });

  test("all of it can be taken back and made again", () => {
    fc.assert(
      fc.property(fc.array(stroke, { maxLength: 20 }), (strokes) => {
        const first = two();
        let history = begin(first);
        for (const each of strokes) history = record(history, drawn(history.present, each));
        const last = history.present;
        const steps = history.past.length;
        for (let i = 0; i < steps; i++) history = undo(history);
        expect(history.present).toBe(first);
        expect(undo(history)).toBe(history);
        for (let i = 0; i < steps; i++) history = redo(history);
        expect(history.present).toBe(last);
      }),
    );
  });

  test("what is typed in one go is one step; what was taken back is gone once something else is done", () => {
    let history = begin("");
    for (const text of ["a", "ab", "abc"]) history = record(history, text, "name");
    history = record(history, "abc d", "other");
    expect(undo(history).present).toBe("abc");
    expect(undo(undo(history)).present).toBe("");
    expect(record(undo(history), "x").future).toEqual([]);
  });

  test("a renamed step is read from as before and stands where it stood", () => {
    const draft = feedFrom(two(), components, "", "");
    const read = addTask(draft, components.get("read-table")!, { x: 1, y: 2 });
    const match = addTask(read.draft, components.get("psi")!, { x: 3, y: 4 });
    const wired = setInput(match.draft, "match", "data", "read.data");
    const renamed = renameTask(wired, "read", "load");
    expect(Object.keys(renamed.flow.tasks)).toEqual(["load", "match"]);
    expect(renamed.flow.tasks.match!.inputs).toEqual({ data: "load.data" });
    expect(renamed.places.load).toEqual({ x: 1, y: 2 });
    for (const to of ["match", "Load", "9", ""]) expect(renameTask(wired, "read", to)).toBe(wired);
  });

  test("parties: those a component has no role for are left out, and whoever leaves takes its parameters along", () => {
    const judge = addTask(two(), components.get("evaluate")!, { x: 0, y: 0 }).draft;
    expect(judge.flow.tasks.judge!.parties).toEqual(["bank"]);
    const read = addTask(judge, components.get("read-table")!, { x: 0, y: 0 }).draft;
    expect(read.flow.tasks.read).not.toHaveProperty("parties");
    const own = changeTask(read, "read", { partyParameters: { bank: { dataset: "b" }, telco: { dataset: "t" } } });
    const alone = setParticipants(own, "read", ["bank"]);
    expect(alone.flow.tasks.read).toMatchObject({ parties: ["bank"], partyParameters: { bank: { dataset: "b" } } });
    expect(setParticipants(alone, "read", ["bank", "telco"]).flow.tasks.read).not.toHaveProperty("parties");
    const left = setParties(own, [{ party: "bank", role: "guest" }], list);
    expect(left.flow.tasks.read!.partyParameters).toEqual({ bank: { dataset: "b" } });
    const more = setParties(own, [...own.flow.parties, { party: "shop", role: "host" }], list);
    expect(more.flow.tasks.read).not.toHaveProperty("parties");
    expect(more.flow.tasks.judge!.parties).toEqual(["bank"]);
  });
});

describe("ports", () => {
  /** What the node's validation says of this one wire. */
  const refused = (flow: Flow, to: string, port: string): boolean =>
    validateFlow(flow, findComponent, { knownParties: ["bank", "telco"] }).some(
      ({ path, message }) =>
        (path === `tasks.${to}.inputs.${port}` && /is expected, and/.test(message)) ||
        /wait for each other/.test(message),
    );

  test("a wire fits here if and only if the node's validation has nothing against its ports", () => {
    fc.assert(
      fc.property(drawing, fc.nat(), fc.nat(), (draft, a, b) => {
        const ends = Object.keys(draft.flow.tasks);
        const [from, to] = [pick(ends, a), pick(ends, b)];
        if (from === undefined || to === undefined) return;
        const output = pick(Object.keys(outputsOf(draft.flow, components, from)), a);
        const input = pick(Object.keys(inputsOf(draft.flow, components, to)), b);
        if (output === undefined || input === undefined) return;
        const why = misfit(draft, components, { task: from, port: output }, { task: to, port: input });
        const wired = setInput(draft, to, input, `${from}.${output}`);
        expect(why !== undefined, JSON.stringify(why)).toBe(refused(wired.flow, to, input));
      }),
    );
  });

  test("say which kind is wanted, and find the input that takes an output", () => {
    const draft = FILES.slice(0, 1).map((name) => ({ flow: parseFlow(example(name)), places: {} }))[0]!;
    const from = (task: string, port: string) => ({ task, port });
    expect(misfit(draft, components, from("match", "report"), from("train", "data"))).toEqual({
      why: "kind",
      wanted: "table",
      given: "report",
    });
    expect(misfit(draft, components, from("train", "model"), from("train", "start"))).toEqual({ why: "own" });
    expect(misfit(draft, components, from("split", "test"), from("match", "data"))).toEqual({ why: "cycle" });
    expect(misfit(draft, components, from("split", "nothing"), from("match", "data"))).toEqual({ why: "unknown" });
    expect(inputFor(draft, components, from("train", "model"), "score")).toBe("model");
    const { draft: more } = addTask(draft, components.get("regression-predict")!, { x: 0, y: 0 });
    expect(misfit(more, components, from("train", "model"), from("score-2", "model"))?.why).toBe("model");
  });
});

describe("text", () => {
  test.each(FILES)("%s is the same flow after it was drawn", (name) => {
    const parsed = read(example(name));
    expect(parsed).toEqual({ ok: true, flow: parseFlow(example(name)) });
    if (!parsed.ok) return;
    expect(parseFlow(asText({ flow: parsed.flow, places: {} }))).toEqual(parsed.flow);
  });

  test("what is copied is pasted under free names, wired as it was", () => {
    fc.assert(
      fc.property(drawing, fc.nat(), (draft, seed) => {
        const names = new Set(Object.keys(draft.flow.tasks).filter((_, i) => (seed >> (i % 8)) % 2 === 0));
        if (names.size === 0) return;
        const parsed = read(copied(draft, names));
        expect(parsed.ok).toBe(true);
        if (!parsed.ok) return;
        const pasted = paste(draft, parsed.flow, {});
        expect(pasted.names).toHaveLength(names.size);
        for (const name of Object.keys(draft.flow.tasks))
          expect(pasted.draft.flow.tasks[name]).toEqual(draft.flow.tasks[name]);
        const inner = (flow: Flow, within: ReadonlySet<string>): number =>
          wiresOf(flow).filter(({ from, to }) => within.has(from.task) && within.has(to.task)).length;
        expect(inner(pasted.draft.flow, new Set(pasted.names))).toBe(inner(draft.flow, names));
        const empty = paste({ ...draft, flow: { ...draft.flow, tasks: {} } }, parsed.flow, {});
        expect([...empty.names]).toEqual([...names]);
      }),
    );
  });

  test("any other text is no flow, and says where it is wrong", () => {
    for (const text of ["", "hello", "version: '2'", "[1, 2]"]) expect(read(text).ok).toBe(false);
    const broken = read("version: '1'\nname: x\nparties: []\ntasks: {}\n");
    expect(broken.ok ? [] : broken.problems.map(({ path }) => path)).toContain("parties");
  });
});

test("templates are cast with the parties there are, more or fewer, and leave the tables to them", () => {
  for (const name of FILES)
    for (const hosts of [["telco"], ["telco", "shop"], []]) {
      const parties = [{ party: "own", role: "guest" }, ...hosts.map((party) => ({ party, role: "host" }))];
      const flow = castAs(parseFlow(example(name)), parties);
      if (hosts.length > 0) expect(flow.parties).toEqual(parties);
      expect(flowSchema.safeParse(flow).success).toBe(true);
      for (const { partyParameters } of Object.values(flow.tasks))
        for (const own of Object.values(partyParameters)) expect(own).not.toHaveProperty("dataset");
      if (hosts.length > 0) expect(flow.tasks.judge!.parties).toEqual(["own"]);
    }
});

test("faults are told to the step and field they are of", () => {
  const of = (path: string) => ({ path, message: path });
  const faults = faultsOf([
    of("tasks.read.parameters.a.b"),
    of("parties.0"),
    of("tasks.read-2.inputs"),
    of("tasks.read.inputs"),
  ]);
  expect(faults.ofFlow.map(({ path }) => path)).toEqual(["parties.0"]);
  expect(faults.ofTask("read")).toHaveLength(2);
  expect(faults.ofTask("other")).toEqual([]);
  expect(within(faults.all, "read", "parameters.a")).toHaveLength(1);
  expect(within(faults.all, "read", "parameters.ab")).toEqual([]);
});

test("columns at a step are those its party reads and makes before it", () => {
  const flow = parseFlow(example("credit/prepared"));
  expect(columnsAt(flow, "train", "bank")).toEqual([
    "phone",
    "default",
    "time",
    "amount",
    "price",
    "debt",
    "home",
    "share",
  ]);
  expect(columnsAt(flow, "prepare", "telco")).toContain("income");
  expect(columnsAt(flow, "prepare")).toContain("debt");
  expect(columnsAt(flow, "nowhere")).toEqual([]);
});

test("a chosen table fills in what its owner says of the columns, and keeps what it has of what was asked", () => {
  const column = (name: string, role: "id" | "label" | "feature" | "ignored") => ({
    name,
    role,
    type: "number" as const,
    meaning: "",
    unit: "",
    fillRate: null,
    distinct: null,
    statistics: null,
    top: null,
  });
  const table = {
    id: "t1",
    columns: [
      column("id", "id"),
      column("y", "label"),
      column("a", "feature"),
      column("b", "feature"),
      column("c", "ignored"),
    ],
  };
  expect(chosenTable(table, {}, { label: true, granted: [] })).toEqual({
    dataset: "t1",
    keys: ["id"],
    label: "y",
    columns: ["a", "b"],
  });
  expect(chosenTable(table, { label: "gone" }, { label: false, granted: ["id", "b"] })).toEqual({
    dataset: "t1",
    keys: ["id"],
    columns: ["b"],
  });
  expect(chosenTable(table, { columns: ["c"], keys: ["a"], label: "b" }, { label: true, granted: [] })).toEqual({
    dataset: "t1",
    keys: ["a"],
    label: "b",
    columns: ["c"],
  });
});

test("drafts are kept the latest first, and what cannot be read is left out", () => {
  const held = new Map<string, string>();
  const shelf = {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
  };
  const draft = addTask(two(), components.get("read-table")!, { x: 0, y: 0 }).draft;
  const kept = (id: string, of: Draft = draft) => ({
    id,
    savedAt: 1,
    projectId: null,
    jobId: null,
    draft: of,
    node: null,
  });
  expect(keepDraft(shelf, "bank", kept("a"))).toBe(true);
  expect(keepDraft(shelf, "bank", kept("b"))).toBe(true);
  expect(keepDraft(shelf, "bank", kept("a"))).toBe(true);
  expect(keepDraft(shelf, "bank", kept("empty", two()))).toBe(false);
  expect(keptDrafts(shelf, "bank").map(({ id }) => id)).toEqual(["a", "b"]);
  expect(keptDrafts(shelf, "telco")).toEqual([]);
  dropDraft(shelf, "bank", "a");
  expect(keptDrafts(shelf, "bank")[0]!.draft).toEqual(draft);
  for (const text of ["no json", "{}", '[{"id":1}]']) {
    held.set("tombolo.canvas.bank", text);
    expect(keptDrafts(shelf, "bank")).toEqual([]);
  }
});

test("a step is changed once any of it is", () => {
  const flow = parseFlow(example("credit/flow"));
  const copy = JSON.parse(JSON.stringify(flow)) as unknown;
  expect(sameTask(flow.tasks.split, copy, "split")).toBe(true);
  expect(sameTask({ ...flow.tasks.split!, parameters: { testShare: 0.2 } }, copy, "split")).toBe(false);
  expect(sameTask(flow.tasks.split, copy, "train")).toBe(false);
  expect(sameTask(undefined, copy, "split")).toBe(false);
});

test("components are found by their words in both languages, and stand in groups", () => {
  expect(searched(list, "隐私求交")[0]!.name).toBe("psi");
  expect(searched(list, "boosted train")[0]!.name).toBe("boosting-train");
  expect(searched(list, "no such thing")).toEqual([]);
  const groups = Object.groupBy(list, groupOf);
  const names = (group: keyof typeof groups) => groups[group]?.map(({ name }) => name);
  expect(names("data")).toEqual(expect.arrayContaining(["read-table", "split", "export"]));
  expect(names("match")).toEqual(
    expect.arrayContaining(["psi", "match-count", "match-sum", "match-label", "joint-count"]),
  );
  expect(names("train")).toEqual(
    expect.arrayContaining(["boosting-train", "regression-train", "regression-train-arbiter"]),
  );
  expect(names("serve")).toEqual(expect.arrayContaining(["boosting-serve", "query-serve-hidden"]));
  expect(names("judge")).toEqual(["evaluate", "cross-validate"]);
});
