import { TomboloError } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { type FlowInput, flowEdges, flowModels } from "./flow.ts";
import { cycles, downstream, topologicalOrder } from "./graph.ts";
import { checkFlowShape, flowToYaml, parseFlow } from "./parse.ts";
import { flowUpTo } from "./plan.ts";
import { withDefaults } from "./resolve.ts";
import { jointFlow, lookup } from "./testing.ts";
import { validateFlow } from "./validate.ts";

const KNOWN = { knownParties: ["bank", "telco", "third"] };
const withTask = (name: string, change: object, base: FlowInput = jointFlow): FlowInput => ({
  ...base,
  tasks: { ...base.tasks, [name]: { ...base.tasks[name], component: base.tasks[name]?.component ?? name, ...change } },
});
const faultsOf = (input: FlowInput, context = KNOWN): string[] =>
  validateFlow(parseFlow(input), lookup, context).map(({ path, message }) => `${path}: ${message}`);

describe("parseFlow", () => {
  it("reads an object, JSON and YAML alike and writes YAML that reads back", () => {
    const flow = parseFlow(jointFlow);
    expect(parseFlow(JSON.stringify(jointFlow))).toEqual(flow);
    expect(parseFlow(flowToYaml(flow))).toEqual(flow);
    expect(flow.tasks.read).not.toHaveProperty("parties");
  });

  it("says line and column of broken YAML", () => {
    const parsed = checkFlowShape('version: "1"\nname: "open\ntasks: {}\n');
    expect(parsed.ok).toBe(false);
    expect(!parsed.ok && parsed.problems[0]!.message).toMatch(/^line \d+, column \d+: /);
  });

  it("reports all faults of shape with their places", () => {
    const parsed = checkFlowShape(
      'version: "2"\nname: x\nparties:\n  - { party: BANK, role: guest }\ntasks:\n  a:\n    component: read\n    colour: red\n',
    );
    const problems = parsed.ok ? [] : parsed.problems;
    expect(problems.map(({ path }) => path).sort()).toEqual(["parties.0.party", "tasks.a", "version"]);
    expect(problems.find(({ path }) => path === "parties.0.party")!.message).toMatch(/^line 4, column 14: /);
  });

  it.each([
    ["aliases", "version: &v '1'\nname: *v\n", /aliases/],
    ["a repeated key", 'version: "1"\nversion: "1"\n', /unique/],
    ["an unknown tag", "version: !!js/function x\n", /tag/i],
    ["too much text", `# ${"x".repeat(200_001)}`, /longer than/],
    ["deep nesting", `name: ${"[".repeat(40)}${"]".repeat(40)}`, /nested too deeply/],
    ["direction characters in a name", JSON.stringify({ ...jointFlow, name: "a\u202eb" }), /direction/],
  ])("refuses %s", (_what, text, message) => {
    const parsed = checkFlowShape(text);
    expect(parsed.ok ? "" : parsed.problems.map((problem) => problem.message).join("\n")).toMatch(message);
  });

  it("refuses aliases that grow without bound, fast", () => {
    const levels = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i === 0 ? "1" : `*a${i - 1}, *a${i - 1}`}]`);
    const started = performance.now();
    expect(checkFlowShape(levels.join("\n")).ok).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("throws one typed error that carries every problem", () => {
    try {
      parseFlow({ version: "1" });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(TomboloError);
      expect((error as TomboloError).code).toBe("input.flow");
      expect((error as TomboloError).detail?.problems).toHaveLength(3);
    }
  });
});

describe("graph", () => {
  it("orders tasks after their inputs", () => {
    const flow = parseFlow(jointFlow);
    expect(topologicalOrder(flow)).toEqual(["read", "match", "split", "train", "score", "evaluate", "alone"]);
    expect(downstream(flow, "train")).toEqual(["score", "evaluate"]);
    expect(flowEdges(flow)).toContainEqual({ from: "split", to: "score", port: "data", output: "test" });
    expect(cycles(flow)).toEqual([]);
  });

  it("finds a cycle with tasks behind it that also wait for others", () => {
    const task = (inputs: Record<string, string>) => ({ component: "any", inputs });
    const flow = parseFlow({
      ...jointFlow,
      tasks: {
        a: task({}),
        b: task({ x: "a.data", y: "c.data" }),
        c: task({ x: "b.data" }),
        d: task({ x: "a.data", y: "c.data" }),
      },
    });
    expect(cycles(flow)).toEqual([["c", "b"]]);
  });
});

describe("flowUpTo", () => {
  it("keeps a task, what it needs, and who takes part in these", () => {
    const flow = parseFlow(jointFlow);
    expect(Object.keys(flowUpTo(flow, "split").tasks)).toEqual(["read", "match", "split"]);
    expect(faultsOf(flowUpTo(flow, "score"))).toEqual([]);
    const alone = flowUpTo(parseFlow(withTask("read", { parties: ["bank"] })), "read");
    expect(alone.parties).toEqual([{ party: "bank", role: "guest" }]);
    expect(() => flowUpTo(flow, "nowhere")).toThrow(/no task "nowhere"/);
  });
});

describe("validateFlow", () => {
  it("accepts the joint flow", () => {
    expect(faultsOf(jointFlow)).toEqual([]);
  });

  it("finds every fault at once", () => {
    const broken: FlowInput = {
      ...jointFlow,
      parties: [...jointFlow.parties, { party: "stranger", role: "arbiter" }],
      tasks: {
        ...jointFlow.tasks,
        train: {
          component: "train",
          inputs: { data: "split.train", extra: "read.data" },
          parameters: { trees: 0, depth: 11 },
        },
        ghost: { component: "ghost", parties: ["nobody"], inputs: { data: "nowhere.data" } },
      },
    };
    const faults = faultsOf(broken).join("\n");
    for (const part of [
      "stranger is not a partner",
      'train has no role "arbiter"',
      'no component "ghost"',
      'no task "nowhere"',
      'train has no input "extra"',
      "tasks.train.parameters.trees",
      "tasks.train.parameters.depth",
    ])
      expect(faults).toContain(part);
  });

  it.each<[string, FlowInput, string]>([
    ["a missing input", withTask("score", { inputs: { data: "split.test" } }), 'needs the input "model" (model)'],
    [
      "a wrong kind",
      withTask("train", { inputs: { data: "match.report" } }),
      "a table is expected, and match.report is a report",
    ],
    ["an unknown output", withTask("train", { inputs: { data: "split.rest" } }), 'split (split) has no output "rest"'],
    [
      "an output the party has not",
      withTask("evaluate", { parties: ["bank", "telco"] }),
      'evaluate has no role "host"',
    ],
    [
      "too few of a role",
      withTask("match", { parties: ["bank"] }),
      "match takes at least 1 with the role host, and 0 take part",
    ],
    [
      "rows not aligned",
      withTask("split", { inputs: { data: "read.data" } }),
      "the rows of bank, telco in read.data are not aligned",
    ],
    [
      "parameters of a stranger",
      withTask("evaluate", { partyParameters: { telco: {} } }),
      "telco takes no part in this task",
    ],
    [
      "missing party parameters",
      withTask("read", { partyParameters: { bank: { dataset: "b" } } }),
      "tasks.read.partyParameters.telco.dataset",
    ],
    ["a cycle", withTask("match", { inputs: { data: "split.train" } }), "split → match → split wait for each other"],
    ["a party twice", { ...jointFlow, parties: [...jointFlow.parties, jointFlow.parties[0]!] }, "bank is listed twice"],
  ])("names %s", (_what, input, message) => {
    expect(faultsOf(input).join("\n")).toContain(message);
  });

  it("wants everyone who holds a part of a model", () => {
    expect(faultsOf(withTask("score", { parties: ["bank"] }))).toEqual([
      "tasks.score.inputs.model: telco holds a part of train.model and takes no part",
    ]);
  });

  it("names what needs aligned rows after a match for one side only, and parameters that do not go together", () => {
    const problems = validateFlow(
      parseFlow(withTask("match", { parameters: { for: "guest", rows: "none" } })),
      lookup,
      KNOWN,
    );
    expect(problems).toContainEqual({
      path: "tasks.match.parameters.rows",
      message: "a match without rows is none",
      remedy: "Set rows to some.",
      zh: { message: "没有行就谈不上求交", remedy: "请将 rows 设为 some。" },
    });
    const split = problems.filter(({ path }) => path === "tasks.split.inputs.data");
    expect(split.map(({ message }) => message)).toEqual([
      "telco takes part but has no match.data",
      "the rows of bank, telco in match.data are not aligned with the others'",
    ]);
    expect(split.every(({ remedy }) => remedy !== undefined)).toBe(true);
    const alone = withTask("match", { parameters: { for: "guest" } });
    const { split: _, score: _score, evaluate: _evaluate, train: _train, ...tasks } = alone.tasks;
    const kept = { ...tasks, alone: { ...tasks.alone!, inputs: { data: "match.data" } } };
    expect(faultsOf({ ...alone, tasks: kept })).toEqual([]);
  });

  it("says in Chinese what it says in English", () => {
    const shape = checkFlowShape('version: "2"\nname: ""\nparties: 7\n');
    const broken = {
      ...withTask("train", { parameters: { trees: 0, depth: "deep" }, partyParameters: { nobody: {} } }),
      parties: [...jointFlow.parties, { party: "stranger", role: "host" }],
    };
    const problems = [...(shape.ok ? [] : shape.problems), ...validateFlow(parseFlow(broken), lookup, KNOWN)];
    expect(problems.length).toBeGreaterThan(6);
    for (const { remedy, zh } of problems) {
      expect(zh.message).toMatch(/\p{Script=Han}/u);
      expect(zh.remedy === undefined).toBe(remedy === undefined);
    }
    const depth = problems.find(({ path }) => path === "tasks.train.parameters.depth");
    expect(depth?.zh.message).not.toContain(depth?.message);
  });

  it("refuses a second count over a party's dataset, whatever came between, and says what to do", () => {
    const counting = (second: object, more: FlowInput["tasks"] = {}): FlowInput => ({
      ...jointFlow,
      parties: [...jointFlow.parties, { party: "third", role: "host" }],
      tasks: {
        read: {
          ...jointFlow.tasks.read!,
          partyParameters: { ...jointFlow.tasks.read!.partyParameters, third: { dataset: "c" } },
        },
        match: { component: "match", inputs: { data: "read.data" } },
        first: { component: "count", parties: ["bank", "telco"], inputs: { data: "read.data" } },
        ...more,
        second: { component: "count", inputs: { data: "read.data" }, ...second },
      },
    });
    const problems = validateFlow(parseFlow(counting({})), lookup, KNOWN);
    expect(problems).toMatchObject([
      {
        path: "tasks.second.component",
        message: expect.stringContaining("the task first tells of bank's dataset b already"),
        remedy: expect.stringContaining("another use of the grant"),
        zh: { message: expect.stringContaining("bank 的数据集 b"), remedy: expect.stringContaining("授权") },
      },
    ]);
    const refused = ["tasks.second.component"];
    const pathsOf = (flow: FlowInput): string[] => validateFlow(parseFlow(flow), lookup, KNOWN).map(({ path }) => path);
    expect(pathsOf(counting({ inputs: { data: "match.data" } }))).toEqual(refused);
    expect(pathsOf(counting({ parties: ["bank", "third"] }))).toEqual(refused);
    expect(pathsOf(counting({ parties: ["bank"] }))).toEqual([]);
    const reading = (dataset: string): FlowInput["tasks"] => ({
      again: {
        component: "read",
        parties: ["bank", "third"],
        partyParameters: { bank: { dataset }, third: { dataset: "c" } },
      },
    });
    const other = { parties: ["bank", "third"], inputs: { data: "again.data" } };
    expect(pathsOf(counting(other, reading("b")))).toEqual(refused);
    expect(pathsOf(counting(other, reading("another")))).toEqual([]);
  });

  it("does not ask one party alone for aligned rows", () => {
    expect(faultsOf(withTask("alone", { inputs: { data: "read.data" } }))).toEqual([]);
  });

  it("wants the alignment to cover everyone", () => {
    const three: FlowInput = {
      ...jointFlow,
      parties: [...jointFlow.parties, { party: "third", role: "host" }],
      tasks: {
        ...withTask("match", { parties: ["bank", "telco"] }).tasks,
        read: {
          ...jointFlow.tasks.read!,
          partyParameters: { ...jointFlow.tasks.read!.partyParameters, third: { dataset: "c" } },
        },
      },
    };
    const faults = faultsOf(three).join("\n");
    expect(faults).toContain("the rows of third in match.data are not aligned");
    expect(faults).toContain("third takes part but has no match.data");
  });

  it("checks datasets, columns and models it knows of", () => {
    const flow = parseFlow(withTask("score", { inputs: { model: "model:job-1.train", data: "split.test" } }));
    expect(flowModels(flow)).toEqual(["job-1.train"]);
    const problems = validateFlow(flow, lookup, {
      ...KNOWN,
      datasetColumns: (party) => (party === "bank" ? ["z"] : null),
      modelParties: () => ["bank"],
    }).map(({ message }) => message);
    expect(problems).toContain('the dataset has no column "x"');
    expect(problems).toContain("telco has no dataset t");
    expect(problems).toContain("telco takes part but has no model:job-1.train");
    const typed = (name: string) => {
      const known = lookup(name);
      return name === "score" && known
        ? { ...known, inputs: { ...known.inputs, model: { ...known.inputs.model!, holds: "trees" } } }
        : known;
    };
    const kinds = ["trees", "lines", null].map((kind) =>
      validateFlow(flow, typed, { ...KNOWN, modelKind: () => kind }).some(({ message }) =>
        message.includes('of the kind "trees"'),
      ),
    );
    expect(kinds).toEqual([false, true, false]);
  });
});

describe("withDefaults", () => {
  it("writes the defaults out", () => {
    const flow = withDefaults(parseFlow(jointFlow), lookup);
    expect(flow.tasks.train!.parameters).toEqual({ trees: 3, depth: 4 });
    expect(flow.tasks.read!.partyParameters.telco).toEqual({ dataset: "t", columns: ["y"] });
    expect(withDefaults(flow, lookup)).toEqual(flow);
  });
});
