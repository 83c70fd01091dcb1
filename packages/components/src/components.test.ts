import { TomboloError } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import type { TaskTable } from "./component.ts";
import type { FlowDraft, TaskDraft } from "./flows.ts";
import { labelsOf } from "./labels.ts";
import { describeComponent, findComponent, registry } from "./registry.ts";
import { numbers, tableOf, texts } from "./testing/examples.ts";
import { emptyKept, type Finished, type Kept, runFlow, runTask, type Setting } from "./testing/run-flow.ts";

const PARTIES = [
  { party: "bank", role: "guest" },
  { party: "telco", role: "host" },
  { party: "insurer", role: "host" },
];
const flowOf = (tasks: Record<string, TaskDraft>, count = 2): FlowDraft => ({
  version: "1",
  name: "test",
  parties: PARTIES.slice(0, count),
  seed: 7,
  tasks,
});

/** Runs one task on tables given as the outputs "in.data", and so on, of each party. */
async function runOne(
  task: TaskDraft,
  tables: Readonly<Record<string, Readonly<Record<string, TaskTable>>>>,
  setting: Setting = { datasets: {} },
): Promise<Readonly<Record<string, Kept>>> {
  const kept = Object.fromEntries(
    Object.entries(tables).map(([party, own]) => [party, { ...emptyKept(), tables: { ...own } }]),
  );
  await runTask(flowOf({ task }, Object.keys(tables).length), "task", kept, setting);
  return kept;
}

const failureOf = async (run: Promise<unknown>): Promise<TomboloError> => {
  try {
    await run;
  } catch (error) {
    const cause = (error as Error).cause;
    if (cause instanceof TomboloError) return cause;
    throw error;
  }
  return expect.unreachable("it succeeded");
};

const keyed = (table: TaskTable, label: string | null = null): TaskTable => ({
  ...table,
  keys: ["id"],
  label,
  aligned: true,
});
const idsOf = (table: TaskTable): (string | null)[] => {
  const column = table.columns.find(({ name }) => name === "id")!;
  return column.kind === "text" ? Array.from(column.codes, (code) => column.categories[code] ?? null) : [];
};

/** `count` made-up rows; y depends on the guest's g and the host's h. */
function madeUp(count: number): { guest: TaskTable; host: TaskTable } {
  const ids = texts(
    "id",
    Array.from({ length: count }, (_, i) => `id-${i}`),
  );
  const g = Array.from({ length: count }, (_, i) => (i * 37) % 101);
  const h = Array.from({ length: count }, (_, i) => (i * 53) % 97);
  const y = g.map((value, i) => (value / 101 + h[i]! / 97 > 1 ? 1 : 0));
  return {
    guest: keyed(tableOf(ids, numbers("y", y), numbers("g", g)), "y"),
    host: keyed(tableOf(ids, numbers("h", h))),
  };
}

describe("read-table", () => {
  const dataset = tableOf(texts("id", ["a", "b", "c"]), numbers("y", [1, Number.NaN, 0]), numbers("x", [1, 2, 3]));
  const read = (parameters: Record<string, unknown>, own: Record<string, unknown>): Promise<Finished> =>
    runFlow(
      {
        ...flowOf(
          {
            read: {
              component: "read-table",
              parameters,
              partyParameters: { bank: { dataset: "d", keys: ["id"], ...own } },
            },
          },
          1,
        ),
      },
      { datasets: { d: dataset } },
    );

  it("reads the columns named and leaves out rows without a label", async () => {
    const { kept } = await read({}, { label: "y", columns: ["x"] });
    const data = kept.bank!.tables["read.data"]!;
    expect([data.keys, data.label, data.aligned, data.rowCount]).toEqual([["id"], "y", false, 2]);
    expect(idsOf(data)).toEqual(["a", "c"]);
    expect(kept.bank!.logs).toEqual(["1 rows without a label are left out"]);
    expect((await read({}, {})).kept.bank!.tables["read.data"]!.columns.map(({ name }) => name)).toEqual(["id"]);
  });

  it("refuses them on request", async () => {
    expect((await failureOf(read({ missingLabel: "refuse" }, { label: "y" }))).code).toBe("input.label");
  });
});

describe("psi", () => {
  const unaligned = (ids: readonly string[]): { "in.data": TaskTable } => ({
    "in.data": {
      ...keyed(
        tableOf(
          texts("id", ids),
          numbers(
            "n",
            ids.map((_, i) => i),
          ),
        ),
      ),
      aligned: false,
    },
  });
  const task = (parameters: Record<string, unknown> = {}): TaskDraft => ({
    component: "psi",
    inputs: { data: "in.data" },
    parameters,
  });

  it("keeps what all of three parties have, each reporting only what it may know", async () => {
    const kept = await runOne(task(), {
      bank: unaligned(["a", "b", "c", "d"]),
      telco: unaligned(["d", "c", "b", "x", "y"]),
      insurer: unaligned(["z", "c", "d"]),
    });
    const order = idsOf(kept.bank!.tables["task.data"]!);
    expect(order.toSorted()).toEqual(["c", "d"]);
    for (const own of Object.values(kept)) {
      expect(idsOf(own.tables["task.data"]!)).toEqual(order);
      expect(own.tables["task.data"]!.aligned).toBe(true);
    }
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({
      matched: 2,
      rows: { bank: 4, telco: 5, insurer: 3 },
    });
    expect(kept.telco!.reports["task.report"]!.data).toMatchObject({ matched: 2, rows: { telco: 5, bank: 4 } });
    expect(JSON.stringify(kept.telco!.reports)).not.toContain("insurer");
  });

  it("normalises as the flow says", async () => {
    const phones = { normalise: { phone: { format: "international" } } };
    const kept = await runOne(task(phones), {
      bank: unaligned(["+86 138-0000-0001", "13800000002"]),
      telco: unaligned(["13800000001", "008613800000002"]),
    });
    expect(kept.bank!.tables["task.data"]!.rowCount).toBe(2);
  });

  it("refuses duplicates and empty ids with row numbers, or removes them on request", async () => {
    const tables = { bank: unaligned(["a", "a", ""]), telco: unaligned(["a"]) };
    const failure = await failureOf(runOne(task(), tables));
    expect(failure.code).toBe("input.empty-id");
    expect(failure.detail).toMatchObject({ rowNumbers: [3] });
    const kept = await runOne(task({ duplicates: "remove", empty: "remove" }), tables);
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({ matched: 1, removed: { empty: 1, duplicates: 1 } });
  });

  it("says so when nothing matches, and refuses too few rows first", async () => {
    const tables = { bank: unaligned(["a", "b"]), telco: unaligned(["c"]) };
    expect((await failureOf(runOne(task(), tables))).code).toBe("input.no-match");
    expect((await failureOf(runOne(task({ partnerRowsMin: 2 }), tables))).code).toBe("consent.rows");
  });
});

describe("split", () => {
  const task = (parameters: Record<string, unknown> = {}): TaskDraft => ({
    component: "split",
    inputs: { data: "in.data" },
    parameters,
  });
  const rows = { testShare: 0.25 };

  it("gives the same parts to the same data in any row order, and others to another seed", async () => {
    const { guest, host } = madeUp(200);
    const order = Array.from({ length: 200 }, (_, i) => (i * 77) % 200);
    const turned = (table: TaskTable): TaskTable => ({
      ...table,
      columns: table.columns.map((column) =>
        column.kind === "number"
          ? { ...column, values: Float64Array.from(order, (row) => column.values[row]!) }
          : { ...column, codes: Int32Array.from(order, (row) => column.codes[row]!) },
      ),
    });
    const first = await runOne(task(rows), { bank: { "in.data": guest }, telco: { "in.data": host } });
    const second = await runOne(task(rows), { bank: { "in.data": turned(guest) }, telco: { "in.data": turned(host) } });
    const test = idsOf(first.bank!.tables["task.test"]!);
    expect(idsOf(second.bank!.tables["task.test"]!).toSorted()).toEqual(test.toSorted());
    expect(idsOf(first.telco!.tables["task.test"]!)).toEqual(test);
    const kept = {
      bank: { ...emptyKept(), tables: { "in.data": guest } },
      telco: { ...emptyKept(), tables: { "in.data": host } },
    };
    await runTask({ ...flowOf({ task: task(rows) }), seed: 8 }, "task", kept, { datasets: {} });
    expect(idsOf((kept.bank as Kept).tables["task.test"]!).toSorted()).not.toEqual(test.toSorted());
  });

  it("does not follow the labels when not asked to, and takes numbers by deciles", async () => {
    const { guest, host } = madeUp(100);
    const plain = await runOne(task({ ...rows, stratify: false }), {
      bank: { "in.data": guest },
      telco: { "in.data": host },
    });
    expect(plain.bank!.tables["task.test"]!.rowCount).toBe(25);
    const deciles = await runOne(task({ testShare: 0.5 }), {
      bank: { "in.data": { ...guest, label: "g" } },
      telco: { "in.data": host },
    });
    const column = deciles.bank!.tables["task.test"]!.columns.find(({ name }) => name === "g")!;
    const low = column.kind === "number" ? column.values.filter((value) => value < 50).length : 0;
    expect(Math.abs(low - 25)).toBeLessThanOrEqual(5);
  });

  it("refuses rows that are not aligned, or of another number", async () => {
    const { guest, host } = madeUp(50);
    const loose = { bank: { "in.data": { ...guest, aligned: false } }, telco: { "in.data": host } };
    expect((await failureOf(runOne(task(), loose))).code).toBe("input.not-aligned");
    const other = { bank: { "in.data": guest }, telco: { "in.data": madeUp(60).host } };
    const failure = await failureOf(runOne(task(), other));
    expect(failure.code).toBe("protocol.rows");
  });
});

describe("boosting-train", () => {
  const task: TaskDraft = {
    component: "boosting-train",
    inputs: { data: "in.data" },
    parameters: { trees: 3, depth: 2, bins: 8 },
  };
  const { guest, host } = madeUp(300);
  const tables = { bank: { "in.data": guest }, telco: { "in.data": host } };
  const partOf = (kept: Kept): unknown => {
    const { modelId: _, ...part } = (kept.models["task.model"] as { part: Record<string, unknown> }).part;
    return part;
  };

  it("goes on after a crash from the trees both have, to the same model", async () => {
    const whole = await runOne(task, tables);
    for (const crashing of ["bank", "telco"]) {
      const kept = { bank: { ...emptyKept(), tables: tables.bank }, telco: { ...emptyKept(), tables: tables.telco } };
      const crash: Setting = {
        datasets: {},
        onCheckpoint: (party, count) => {
          if (party === crashing && count === 2) throw new TomboloError("aborted.crash", "crash");
        },
      };
      await expect(runTask(flowOf({ task }), "task", kept, crash)).rejects.toThrow(/crash/);
      expect(kept.bank.checkpoints).toHaveProperty("task");
      await runTask(flowOf({ task }), "task", kept, { datasets: {} });
      expect(partOf(kept.bank)).toEqual(partOf(whole.bank!));
      expect(partOf(kept.telco)).toEqual(partOf(whole.telco!));
      expect((kept.bank as Kept).logs).toEqual([expect.stringMatching(/^going on after [12] trees$/)]);
    }
  });

  it("trains and scores with two hosts, also when one message is on the way at a time", async () => {
    const three = {
      ...tables,
      insurer: {
        "in.data": keyed(
          tableOf(
            host.columns[0]!,
            numbers(
              "z",
              Array.from({ length: 300 }, (_, i) => i % 7),
            ),
          ),
        ),
      },
    };
    const kept: Record<string, Kept> = Object.fromEntries(
      Object.entries(three).map(([party, own]) => [party, { ...emptyKept(), tables: { ...own } }]),
    );
    const flow = flowOf(
      { task, score: { component: "boosting-predict", inputs: { model: "task.model", data: "in.data" } } },
      3,
    );
    for (const name of ["task", "score"]) await runTask(flow, name, kept, { datasets: {}, window: 1 });
    const scores = kept.bank!.tables["score.data"]!.columns.find(({ name }) => name === "score")!;
    const labels = guest.columns.find(({ name }) => name === "y")!;
    if (scores.kind !== "number" || labels.kind !== "number") throw new Error("not numbers");
    const right = scores.values.filter((score, row) => score > 0.5 === (labels.values[row] === 1)).length;
    expect(right / 300).toBeGreaterThan(0.9);
  });

  it("holds to the party's own minimum", async () => {
    const failure = await failureOf(runOne(task, tables, { datasets: {}, minimumRows: 6 }));
    expect(failure).toMatchObject({ code: "consent.minimum-rows", remedy: "Set minimumRows to 6 or more." });
  });

  it("trains on chosen columns only and refuses ids and labels as features", async () => {
    const chosen = { ...task, partyParameters: { telco: { columns: [] } } };
    const kept = await runOne(chosen, tables);
    expect(JSON.stringify(kept.telco!.models["task.model"])).not.toContain('"h"');
    const key = { ...task, partyParameters: { telco: { columns: ["id"] } } };
    expect((await failureOf(runOne(key, tables))).code).toBe("input.columns");
  });

  it("stops early, and predicts numbers", async () => {
    const regression = {
      ...task,
      parameters: {
        ...task.parameters,
        objective: "regression",
        trees: 8,
        earlyStopping: { rounds: 1, fraction: 0.3 },
      },
    };
    const values = { ...guest, label: "g" };
    const kept = await runOne(regression, { bank: { "in.data": values }, telco: { "in.data": host } });
    const { evaluations, loss } = kept.bank!.reports["task.report"]!.data as {
      evaluations: { validation: unknown }[];
      loss: string;
    };
    expect(loss).toBe("rmse");
    expect(evaluations[0]!.validation).toBeDefined();
  });

  it("scores only with the parties it was trained with", async () => {
    const { bank } = await runOne(task, tables);
    const kept = { bank: bank! };
    const alone: TaskDraft = { component: "boosting-predict", inputs: { model: "task.model", data: "in.data" } };
    const failure = await failureOf(runTask(flowOf({ alone }, 1), "alone", kept, { datasets: {} }));
    expect(failure).toMatchObject({ code: "input.model", remedy: "Score with exactly these hosts: telco." });
  });
});

describe("evaluate and export", () => {
  const scored = (scores: readonly number[], labels: readonly number[]): TaskTable =>
    keyed(tableOf(texts("id", scores.map(String)), numbers("y", labels), numbers("score", scores)), "y");

  it("reports figures of yes/no and of numbers, and the drift from a reference", async () => {
    const data = scored([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
    const task: TaskDraft = { component: "evaluate", inputs: { data: "in.data", reference: "in.data" } };
    const binary = (await runOne(task, { bank: { "in.data": data } })).bank!.reports["task.report"]!;
    expect(binary).toMatchObject({ kind: "binary-evaluation", data: { auc: 0.75, rows: 4, stability: { index: 0 } } });
    const regression = { component: "evaluate", inputs: { data: "in.data" }, parameters: { objective: "regression" } };
    const report = (await runOne(regression, { bank: { "in.data": scored([1, 2, 4], [1, 3, 4]) } })).bank!.reports[
      "task.report"
    ]!;
    expect(report).toMatchObject({ kind: "regression-evaluation", data: { mae: 1 / 3, rows: 3 } });
  });

  it("exports the columns chosen in their order", async () => {
    const task: TaskDraft = {
      component: "export",
      inputs: { data: "in.data" },
      partyParameters: { bank: { columns: ["score", "id"] } },
    };
    const { bank } = await runOne(task, { bank: { "in.data": scored([0.5], [1]) } });
    const data = bank!.tables["task.data"]!;
    expect([data.columns.map(({ name }) => name), data.keys, data.label]).toEqual([["score", "id"], ["id"], null]);
  });
});

describe("labelsOf", () => {
  const table = (column: ReturnType<typeof numbers> | ReturnType<typeof texts>): TaskTable => ({
    ...tableOf(column),
    label: "y",
  });
  it.each([
    ["zeros and ones as they are", numbers("y", [0, 1, 1]), [0, 1, 1], null],
    ["yes and no", texts("y", ["no", "Yes", "no"]), [0, 1, 0], "Yes"],
    ["other words by order", texts("y", ["b", "a"]), [1, 0], "b"],
    ["other numbers by size", numbers("y", [10, 9]), [1, 0], "10"],
  ])("reads %s", (_what, column, values, positive) => {
    expect(labelsOf(table(column), "binary")).toEqual({ values: Float64Array.from(values), positive });
  });
  it("refuses three values, missing ones, and text for a regression", () => {
    for (const [column, objective] of [
      [numbers("y", [0, 1, 2]), "binary"],
      [numbers("y", [0, Number.NaN]), "binary"],
      [texts("y", ["a", null]), "binary"],
      [texts("y", ["a", "b"]), "regression"],
    ] as const)
      expect(() => labelsOf(table(column), objective)).toThrow(expect.objectContaining({ code: "input.label" }));
  });
});

describe("the registry", () => {
  it("describes every component completely, in both languages", () => {
    expect([...registry.keys()]).toEqual([
      "read-table",
      "psi",
      "split",
      "boosting-train",
      "boosting-predict",
      "evaluate",
      "export",
    ]);
    for (const component of registry.values()) {
      const described = describeComponent(component);
      expect(Object.keys(component.run).sort()).toEqual(Object.keys(component.roles).sort());
      const shown = JSON.parse(JSON.stringify(described)) as Record<
        string,
        { properties?: Record<string, { text?: unknown }> }
      >;
      for (const schema of [shown.parameters!, shown.partyParameters!])
        for (const [name, field] of Object.entries(schema.properties ?? {}))
          expect(field.text, `${component.name}.${name}`).toMatchObject({
            title: { en: expect.any(String), zh: expect.stringMatching(/\p{Script=Han}/u) },
            help: { en: expect.any(String), zh: expect.stringMatching(/\p{Script=Han}/u) },
          });
      for (const { means } of described.messages) expect(means.en && means.zh).toBeTruthy();
    }
    expect(findComponent("constructor")).toBeUndefined();
  });
});

describe("disclosures", () => {
  const itemsOf = (name: string, count: number, parameters: Record<string, unknown> = {}) => {
    const component = findComponent(name)!;
    const participants = PARTIES.slice(0, count);
    const parsed = component.parameters.parse(parameters);
    return component.discloses({ parameters: parsed, partyParameters: {}, participants });
  };
  const shortOf = (name: string, count: number): string[] =>
    itemsOf(name, count).map(({ recipient, about, kind }) => `${recipient} < ${about}: ${kind}`);

  it("name for each party what it learns, and of whom", () => {
    expect(shortOf("psi", 2)).toEqual([
      "bank < telco: row-count",
      "bank < telco: matched-rows",
      "telco < bank: row-count",
      "telco < bank: matched-rows",
      "telco < bank: early-end",
      "bank < telco: early-end",
    ]);
    expect(shortOf("psi", 3).filter((line) => line.startsWith("telco < insurer"))).toEqual([
      "telco < insurer: matched-rows",
      "telco < insurer: early-end",
    ]);
    expect(shortOf("split", 3)).toEqual(["telco < bank: split-assignment", "insurer < bank: split-assignment"]);
    expect(shortOf("boosting-train", 2)).toEqual([
      "bank < telco: node-sums",
      "bank < telco: row-branches",
      "bank < telco: column-count",
      "telco < bank: row-nodes",
      "telco < bank: own-splits",
    ]);
    expect(shortOf("boosting-train", 3)).toContain("telco < insurer: row-nodes");
    expect(shortOf("boosting-predict", 2)).toEqual([
      "bank < telco: scores",
      "bank < telco: row-branches",
      "telco < bank: row-count",
    ]);
  });

  it("say nothing where a party works alone, and change with what changes the leakage", () => {
    for (const name of registry.keys()) expect(shortOf(name, 1), name).toEqual([]);
    expect(shortOf("evaluate", 1)).toEqual([]);
    const texts = (parameters: Record<string, unknown>): string =>
      JSON.stringify(itemsOf("boosting-train", 2, parameters));
    for (const change of [{ trees: 51 }, { depth: 5 }, { minimumRows: 6 }, { textEncoding: "category" }])
      expect(texts(change)).not.toBe(texts({}));
  });

  it("speak both languages, without a name of ours", () => {
    for (const name of ["read-table", "psi", "split", "boosting-train", "boosting-predict"])
      for (const { text } of itemsOf(name, 3)) {
        expect(text.zh).toMatch(/\p{Script=Han}/u);
        expect(text.en).not.toMatch(/undefined|NaN|guest|host/);
      }
  });
});
