import type { MessageTable, Peer } from "@tombolo/channel";
import { binnedColumns, evidence, mergedCounts, storedBinning } from "@tombolo/federated/binning";
import { beforeAll, describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { describeModel } from "../model-view.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { type Lie, lying } from "../testing/lying.ts";
import { emptyKept, type Kept, runTask } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed, runOne } from "../testing/tasks.ts";
import { bin } from "./index.ts";

const ROWS = 300;
const rows = [...Array(ROWS).keys()];
const ids = texts(
  "id",
  rows.map((i) => `id-${i}`),
);
const AGE = rows.map((i) => (i * 37) % ROWS);
const JOB = rows.map((i) => (i % 5 === 0 ? null : i % 2 === 0 ? "fixed" : i % 7 === 0 ? `rare-${i}` : "none"));
const LABEL = rows.map((i) => Number(((i * 37) % ROWS) / ROWS + ((i * 13) % 10) / 20 > 0.7));
const bank = (label: readonly number[] = LABEL): Record<string, TaskTable> => ({
  "in.data": keyed(
    tableOf(
      ids,
      numbers("y", label),
      numbers(
        "amount",
        rows.map((i) => (i * i) % 97),
      ),
    ),
    "y",
  ),
});
const telco = (): Record<string, TaskTable> => ({
  "in.data": keyed(tableOf(ids, numbers("age", AGE), texts("job", JOB), numbers("flat", Array(ROWS).fill(1)))),
});
const task = (parameters: Record<string, unknown> = {}, own: Record<string, unknown> = {}): TaskDraft => ({
  component: "bin",
  inputs: { data: "in.data" },
  parameters,
  partyParameters: { bank: { fineBins: 5 }, telco: { fineBins: 5, ...own } },
});
const valuesOf = (table: TaskTable, name: string): (number | string | null)[] => {
  const column = table.columns.find((each) => each.name === name)!;
  if (column.kind === "number") return [...column.values];
  return Array.from(column.codes, (code) => column.categories[code] ?? null);
};

describe("bin", () => {
  let kept: Readonly<Record<string, Kept>>;
  beforeAll(async () => {
    kept = await runOne(task(), { bank: bank(), telco: telco() });
  });
  const partOf = (party: string) => storedBinning(kept[party]!.models["task.model"]);

  it("counts labels over a host's bins as if the tables were one, without names or edges", () => {
    const { partners } = partOf("bank");
    const own = partOf("telco").columns;
    expect(partners.map(({ party }) => party)).toEqual(["telco"]);
    for (const { id, fine } of own) {
      const theirs = partners[0]!.columns.find((column) => column.id === id)!;
      expect(theirs).toMatchObject({ name: null, rows: fine.rows });
      expect(JSON.stringify(partners)).not.toContain(fine.name);
    }
    const age = own.find(({ fine }) => fine.name === "age")!;
    const edges = age.fine.kind === "number" ? age.fine.edges : [];
    const binOf = (value: number): number => edges.filter((edge) => edge <= value).length;
    const ones = age.fine.rows.map((_, b) => rows.filter((i) => binOf(AGE[i]!) === b && LABEL[i] === 1).length);
    expect(partners[0]!.columns.find(({ id }) => id === age.id)!.ones).toEqual(ones);
  });

  it("gives each row the weight of its bin, at the host as at the guest, and leaves ids and label", () => {
    const table = kept.telco!.tables["task.data"]!;
    expect(table.columns.map(({ name }) => name)).toEqual(["id", "age", "job", "flat"]);
    expect(table).toMatchObject({ keys: ["id"], aligned: true });
    for (const { id, fine, groups, woe } of partOf("telco").columns) {
      const theirs = partOf("bank").partners[0]!.columns.find((column) => column.id === id)!;
      expect({ groups, woe }).toEqual({ groups: theirs.groups, woe: theirs.woe });
      const weights = evidence(mergedCounts({ rows: theirs.rows, ones: theirs.ones }, groups), 0.5).woe;
      weights.forEach((weight, i) => {
        expect(woe![i]).toBeCloseTo(weight, 3.9);
      });
      expect(new Set(valuesOf(table, fine.name))).toEqual(new Set(woe));
    }
    expect(new Set(valuesOf(table, "flat"))).toEqual(new Set([0]));
    const made = kept.bank!.tables["task.data"]!;
    expect(made.columns.map(({ name }) => name)).toEqual(["id", "y", "amount"]);
    expect(valuesOf(made, "y")).toEqual(LABEL);
  });

  it("is a step on the model page, with own bins by their values", () => {
    const view = describeModel(kept.telco!.models["task.model"])!;
    expect(view.pipeline).toMatchObject([{ kind: "bin", title: { zh: "分箱" } }]);
    expect(view.pipeline[0]!.steps.find((step) => step.startsWith("flat: "))).toBe("flat: (-∞, ∞)");
  });

  it("reports every column at the guest, most information first, and its own at the host", () => {
    const { data } = kept.bank!.reports["task.report"]!;
    const { columns } = data as { columns: { party: string; name: string | null; figures: { iv: number } }[] };
    expect(columns).toHaveLength(4);
    const values = columns.map(({ figures }) => figures.iv);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(binnedColumns(partOf("bank")).map(({ name }) => name)).toEqual(["amount", null, null, null]);
    expect(JSON.stringify(kept.telco!.reports["task.report"])).not.toContain('"ones":[');
    expect(kept.bank!.summaries!["task.model"]).toMatchObject({
      kind: "binning",
      metrics: { columns: 4, iv: values[0] },
    });
  });

  it("keeps the weights at the guest in mode shared, where the host knows its bins by name", async () => {
    const both = await runOne(task({ mode: "shared" }, { showNames: true, special: ["none"] }), {
      bank: bank(),
      telco: telco(),
    });
    const host = storedBinning(both.telco!.models["task.model"]);
    expect(host.columns.map(({ woe }) => woe)).toEqual([null, null, null]);
    expect(JSON.stringify(both.telco)).not.toMatch(/"woe":\[/);
    const guest = storedBinning(both.bank!.models["task.model"]).partners[0]!.columns;
    expect(guest.map(({ name, told }) => ({ name, told }))).toEqual(
      ["age", "job", "flat"].map((name) => ({ name, told: [] })),
    );
    expect(guest[1]!.shape).toMatchObject({ ordered: false, special: 1, missing: true });
    expect(valuesOf(both.telco!.tables["task.data"]!, "age")[0]).toMatch(/^\(-∞, \d+\)$/);
  });

  it("does the same to other rows, once, and counts what the bins were not fixed on", async () => {
    const applying = async (tables: TaskTable, part: unknown = partOf("telco")) => {
      const store: { telco: Kept } = {
        telco: { ...emptyKept(), models: { "task.model": part }, tables: { "in.data": tables } },
      };
      const apply = { component: "bin-apply", inputs: { data: "in.data", model: "task.model" } };
      const flow = { ...flowOf({ again: apply }), parties: [{ party: "telco", role: "host" }] };
      await runTask(flow, "again", store, { datasets: {} });
      return store.telco;
    };
    const raw = telco()["in.data"]!;
    const again = await applying(raw);
    const binned = kept.telco!.tables["task.data"]!;
    expect(again.tables["again.data"]).toEqual(binned);
    expect(again.reports["again.report"]!.data).toMatchObject({
      rows: ROWS,
      notes: [{ column: "job", what: "unseen" }],
    });
    const late = keyed(tableOf(texts("id", ["a"]), numbers("age", [999]), texts("job", ["new"]), numbers("flat", [1])));
    const { notes } = (await applying(late)).reports["again.report"]!.data as { notes: unknown[] };
    expect(notes).toEqual(
      ["age outside", "job unseen"].map((note) => {
        const [column, what] = note.split(" ");
        return { step: 1, column, what, rows: 1, transform: 1 };
      }),
    );
    expect((await failureOf(applying(binned))).code).toBe("input.pipeline");
    // Bins edited since are others, and no more for rows that have weights in the place of values.
    const edited = partOf("telco").columns.map((column) => ({
      ...column,
      groups: column.groups.map(() => 0),
      woe: [0],
    }));
    expect((await failureOf(applying(binned, { ...partOf("telco"), columns: edited }))).code).toBe("input.pipeline");
    const renamed = keyed(tableOf(ids, numbers("years", AGE), texts("job", JOB), numbers("flat", AGE)));
    expect(await failureOf(applying(renamed))).toMatchObject({ code: "input.columns", detail: { column: "age" } });
  });

  it("works at a guest alone", async () => {
    const alone = await runOne(task(), { bank: bank() });
    expect(storedBinning(alone.bank!.models["task.model"])).toMatchObject({ partners: [], columns: [{ id: 0 }] });
  });

  it("refuses labels of one value, too few rows and what a party's minimum forbids, before anything is told", async () => {
    const code = async (given: TaskDraft, own = bank(), minimumRows = 5): Promise<string> =>
      (await failureOf(runOne(given, { bank: own, telco: telco() }, { datasets: {}, minimumRows }))).code;
    expect(await code(task(), bank(Array(ROWS).fill(1)))).toBe("input.label");
    expect(await code(task(), bank(rows.map((i) => i % 3)))).toBe("input.label");
    expect(await code(task(), bank(), 51)).toBe("consent.minimum-rows");
    expect(await code(task({ minimumRows: ROWS + 1 }))).toBe("input.rows");
    expect(await code(task({}, { columns: ["age", "gone"] }))).toBe("input.columns");
    expect(await code(task({}, { edges: [{ column: "gone", edges: [1] }] }))).toBe("input.columns");
  });

  it.each<[string, string, Lie]>([
    ["telco", "columnShapes", (sent: unknown[]) => sent.slice(1)],
    ["telco", "columnShapes", (sent: { ordinary: number }[]) => sent.map((shape) => ({ ...shape, ordinary: 4 }))],
    ["telco", "columnShapes", (sent: object[]) => sent.map((shape) => ({ ...shape, name: "a\u202eb" }))],
    ["telco", "columnShapes", (sent: object[]) => sent.map((shape) => ({ ...shape, name: "a\nb" }))],
    ["bank", "merges", (sent: unknown[]) => sent.slice(1)],
    ["bank", "merges", (sent: object[]) => sent.map((each) => ({ ...each, groups: [0, 1, 0, 1, 0] }))],
    ["bank", "merges", (sent: object[]) => sent.map((each) => ({ ...each, woe: null }))],
  ])("refuses what %s says in %s if it cannot be", async (liar, name, lie) => {
    const setting = {
      datasets: {},
      meddle: <P extends Peer<MessageTable, string>>(party: string, peer: P): P =>
        party === liar ? lying(peer, name, lie) : peer,
    };
    const failure = await failureOf(runOne(task(), { bank: bank(), telco: telco() }, setting));
    expect(failure).toMatchObject({ code: "protocol.malformed", blame: liar });
  });

  it("says in the consent what the mode tells and whose names are shown", () => {
    const participants = [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
    ];
    const told = (mode: string, own: Record<string, unknown> = {}) =>
      bin.discloses({ participants, parameters: bin.parameters.parse({ mode }), partyParameters: { telco: own } });
    const kinds = (mode: string) =>
      told(mode).flatMap(({ recipient, kind }) => (kind === "early-end" ? [] : [`${recipient}: ${kind}`]));
    expect(kinds("host-learns-woe")).toEqual([
      "bank: bin-counts",
      "bank: column-count",
      "telco: merges",
      "telco: event-rates",
    ]);
    expect(kinds("shared")).toEqual(["bank: bin-counts", "bank: column-count", "telco: merges"]);
    expect(told("shared", { showNames: true }).map(({ kind }) => kind)).toContain("column-names");
  });
});
