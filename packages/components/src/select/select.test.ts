import { systemSecrets } from "@tombolo/base";
import { type BinningPart, binColumn, countBins, evidence } from "@tombolo/federated/binning";
import { beforeAll, describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { lying } from "../testing/lying.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed } from "../testing/tasks.ts";
import { inChanceOrder } from "./across.ts";
import type { Judged } from "./choice.ts";
import { select } from "./index.ts";

const ROWS = 600;
const rows = Array.from({ length: ROWS }, (_, i) => i);
const noise = (step: number): number[] => rows.map((i) => (((i * step) % 601) / 601) * 2 - 1);
const [g, h, k, m] = [noise(37), noise(53), noise(29), noise(71)] as [number[], number[], number[], number[]];
const label = rows.map((i) => (g[i]! + h[i]! + 0.7 * noise(17)[i]! > 0 ? 1 : 0));
const ids = texts(
  "id",
  rows.map((i) => `id-${i}`),
);
const bank = keyed(
  tableOf(
    ids,
    numbers("y", label),
    numbers("g", g),
    numbers(
      "g2",
      rows.map((i) => 2 * g[i]! + 0.01 * m[i]!),
    ),
    numbers("chance", noise(101)),
    numbers(
      "gap",
      rows.map((i) => (i % 20 === 0 ? 1 : Number.NaN)),
    ),
    numbers(
      "same",
      rows.map(() => 3),
    ),
    texts(
      "serial",
      rows.map((i) => `s${i}`),
    ),
  ),
  "y",
);
const telco = keyed(
  tableOf(
    ids,
    numbers("h", h),
    numbers("k", k),
    numbers(
      "like-g",
      rows.map((i) => g[i]! + 0.05 * k[i]!),
    ),
    numbers("dull", noise(211)),
  ),
);

/** As a bin task would leave them; the host is told no weights. */
function binnings(): Record<string, BinningPart> {
  const smoothing = 0.5;
  const options = { method: "quantile", bins: 5, minimumRows: 50, edges: null, special: [] } as const;
  const binned = ({ columns, keys }: TaskTable, own: boolean) =>
    columns
      .filter(({ name, kind }) => !keys.includes(name) && name !== "y" && name !== "gap" && kind === "number")
      .map((column, id) => {
        const { fine, codes } = binColumn(column, options);
        const counts = countBins(codes, fine.rows.length, Float64Array.from(label));
        const { woe } = evidence(counts, smoothing);
        const groups = fine.rows.map((_, bin) => bin);
        return { id, fine, groups, ones: own ? [...counts.ones] : null, woe: own ? [...woe] : null, counts };
      });
  const common = {
    kind: "binning",
    version: 1,
    mode: "shared",
    smoothing,
    minimumEvents: 5,
    features: [] as { name: string; kind: "number" }[],
  } as const;
  const plain = ({ counts: _, ...column }: ReturnType<typeof binned>[number]) => column;
  const theirs = binned(telco, false).map(({ id, fine, groups, counts }) => ({
    ...{ id, name: null, groups, told: [], woe: [...evidence(counts, smoothing).woe] },
    ...{ rows: [...fine.rows], ones: [...counts.ones] },
    shape: { ordered: true, ordinary: fine.rows.length, special: 0, missing: false },
  }));
  return {
    bank: {
      ...common,
      ...{ party: "bank", columns: binned(bank, true).map(plain), partners: [{ party: "telco", columns: theirs }] },
    },
    telco: { ...common, party: "telco", columns: binned(telco, false).map(plain), partners: [] },
  };
}

const parts = binnings();
const keptFor = (): Record<string, Kept> => ({
  bank: { ...emptyKept(), tables: { "in.data": bank }, models: { "in.binning": parts.bank } },
  telco: { ...emptyKept(), tables: { "in.data": telco }, models: { "in.binning": parts.telco } },
});
const setting: Setting = { datasets: {}, deadlineMs: 110_000 };
const drafted = (parameters: Record<string, unknown>, more: Partial<TaskDraft> = {}): TaskDraft => ({
  component: "select",
  inputs: { data: "in.data", binning: "in.binning" },
  parameters: { missing: null, commonest: null, ...parameters },
  ...more,
});

async function selecting(
  parameters: Record<string, unknown>,
  more: Partial<TaskDraft> = {},
  kept = keptFor(),
  given = setting,
): Promise<Record<string, Kept>> {
  await runTask(flowOf({ task: drafted(parameters, more) }), "task", kept, given);
  return kept;
}

interface Told {
  readonly kept: number;
  readonly columns: readonly Judged[];
  readonly partners: readonly { readonly number: number; readonly rule: string | null }[];
  readonly alike: readonly { readonly number: number; readonly rule: string; readonly with: string | null }[];
}
const toldTo = (kept: Record<string, Kept>, party: string): Told => kept[party]!.reports["task.report"]!.data as Told;
const fellAt = (kept: Record<string, Kept>, party: string): (string | undefined)[][] =>
  toldTo(kept, party).columns.flatMap(({ name, fell }) => (fell === null ? [] : [[name, fell.rule]]));
const stays = (kept: Record<string, Kept>, party: string): string[] =>
  kept[party]!.tables["task.data"]!.columns.map(({ name }) => name);

describe("a selection", () => {
  it("lets own columns fall by what they say for themselves, and keeps or drops what a party names", async () => {
    const kept = await selecting(
      { missing: 0.5, unique: 0.99, commonest: 0.99, variance: 0.01 },
      { partyParameters: { bank: { keep: ["g", "g2", "chance"] }, telco: { keep: ["h", "k"], drop: ["dull"] } } },
    );
    expect(fellAt(kept, "bank")).toEqual([
      ["gap", "missing"],
      ["same", "commonest"],
      ["serial", "unique"],
    ]);
    expect(fellAt(kept, "telco")).toEqual([
      ["like-g", "unique"],
      ["dull", "manual"],
    ]);
    expect(toldTo(kept, "bank").columns.find(({ name }) => name === "g")!.spared).toEqual(["unique"]);
    expect(stays(kept, "bank")).toEqual(["id", "y", "g", "g2", "chance"]);
    expect(kept.telco!.models["task.model"]).toMatchObject({
      kind: "selection",
      fitted: { part: { columns: ["h", "k"] } },
    });
  });

  it("lets columns fall by information value at both, of which the host hears no figure", async () => {
    const kept = await selecting({ informationMin: 0.1 });
    expect(fellAt(kept, "telco")).toEqual([
      ["k", "information-min"],
      ["dull", "information-min"],
    ]);
    expect(fellAt(kept, "bank")).toContainEqual(["chance", "information-min"]);
    expect(stays(kept, "bank")).toEqual(expect.arrayContaining(["g", "g2"]));
    const figures = toldTo(kept, "telco").columns.map((column) => column.figures.information);
    expect(figures.every((figure) => figure === undefined)).toBe(true);
    expect(toldTo(kept, "telco").columns[1]!.fell).toMatchObject({ value: null, limit: 0.1 });
    const strong = await selecting({ informationMax: 0.3 });
    expect(fellAt(strong, "bank")).toContainEqual(["g", "information-max"]);
  });

  it("compares columns of both, keeps those of more information, and says no name", { timeout: 60_000 }, async () => {
    const given = { across: true, correlation: 0.9, informationMin: 0.0001, commonest: 0.99, missing: 0.5 };
    const kept = await selecting(given, { partyParameters: { bank: { drop: ["chance"] } } });
    const [own, theirs] = [fellAt(kept, "bank"), fellAt(kept, "telco")];
    const alike = [...own, ...theirs].filter(([, rule]) => rule === "correlation").map(([name]) => name);
    expect(alike).toHaveLength(2);
    expect(["g", "g2", "like-g"].filter((name) => !alike.includes(name))).toHaveLength(1);
    expect(JSON.stringify(kept.bank!.reports)).not.toContain("like-g");
    const told = toldTo(kept, "bank");
    expect(told.alike.every(({ with: other }) => other === null || !other.includes("like"))).toBe(true);
  });

  it("offers columns in an order that chance decides, under the numbers that the binning gave", () => {
    const columns = ["a", "b", "c"].map((name) => ({ kind: "number", name, values: Float64Array.of(1) }) as const);
    const offers = Array.from({ length: 60 }, () => inChanceOrder(columns, new Map([["b", 4]]), systemSecrets()));
    expect(new Set(offers.map(([first]) => first!.name)).size).toBe(3);
    for (const offer of offers) {
      expect(offer.map(({ name }) => name).sort()).toEqual(["a", "b", "c"]);
      expect(offer.map(({ name, number }, place) => number === (name === "b" ? 4 : 5 + place))).toEqual([
        true,
        true,
        true,
      ]);
    }
  });

  it("alone at each party takes the later of two alike, and what follows from others", async () => {
    const kept = await selecting({ correlation: 0.9, inflation: 10 }, { inputs: { data: "in.data" } });
    expect(fellAt(kept, "bank")).toEqual([["g2", "correlation"]]);
    expect(toldTo(kept, "bank").columns.find(({ name }) => name === "g2")!.fell).toMatchObject({
      with: "g",
      limit: 0.9,
    });
    expect(fellAt(kept, "telco")).toEqual([]);
    const follow = await selecting({ inflation: 10 }, { inputs: { data: "in.data" } });
    expect(fellAt(follow, "bank")).toEqual([["g2", "inflation"]]);
  });

  it("goes by steps at the guest, by movement against another table, and refuses what it cannot go by", async () => {
    const kept = await selecting({ stepwise: "forward", criterion: "bic", missing: 0.5, commonest: 0.99 });
    expect(fellAt(kept, "bank")).toEqual(expect.arrayContaining([["chance", "stepwise"]]));
    expect(stays(kept, "telco")).toContain("dull");
    const drifted = keptFor();
    const far = {
      ...bank,
      columns: bank.columns.map((c) =>
        c.name === "g"
          ? numbers(
              "g",
              g.map((x) => x / 9),
            )
          : c,
      ),
    };
    Object.assign(drifted.bank!.tables, { "in.reference": far });
    Object.assign(drifted.telco!.tables, { "in.reference": telco });
    const moved = await selecting(
      { stability: 0.25 },
      { inputs: { data: "in.data", reference: "in.reference" } },
      drifted,
    );
    expect(fellAt(moved, "bank")).toEqual([["g", "stability"]]);
    const weighed = { kind: "bin", digest: "0".repeat(64), columns: [], part: {} };
    Object.assign(drifted.bank!.tables, { "in.reference": { ...far, pipeline: [weighed] } });
    const raw = { inputs: { data: "in.data", reference: "in.reference" } };
    expect((await failureOf(selecting({}, raw, drifted))).code).toBe("input.pipeline");
    const without = { inputs: { data: "in.data" } };
    for (const rule of ["informationMin", "importance", "pValue", "permutation", "stability"])
      expect((await failureOf(selecting({ [rule]: 0.1 }, without))).code, rule).toBe("input.parameters");
    expect((await failureOf(selecting({}, { partyParameters: { bank: { keep: ["y"] } } }))).code).toBe("input.columns");
  });

  it("believes no guest that lets columns fall which are not there", async () => {
    for (const numbers of [[99], [0, 0], [-1], ["h"], [1e9]]) {
      const lie = () => ({ informationMin: numbers, informationMax: [], importance: [] });
      const meddled: Setting = {
        ...setting,
        meddle: (party, peer) => (party === "bank" ? lying(peer, "fallen", lie) : peer),
      };
      expect((await failureOf(selecting({ informationMin: 0.1 }, {}, keptFor(), meddled))).code).toBe(
        "protocol.malformed",
      );
    }
  });

  it("says what it asks of parameters before consent", () => {
    const faultsOf = (given: Record<string, unknown>, hosts: number) =>
      select.faults!({
        parameters: select.parameters.parse(given),
        participants: [
          { party: "bank", role: "guest" },
          ...Array.from({ length: hosts }, (_, i) => ({ party: `h${i}`, role: "host" })),
        ],
        written: given,
        inputs: [],
      }).map(({ parameter }) => parameter);
    expect(faultsOf({ across: true }, 2)).toEqual(["across"]);
    expect(faultsOf({ across: true }, 1)).toEqual([]);
    expect(faultsOf({ criterion: "p-value", enter: 0.2 }, 1)).toEqual(["leave"]);
  });
});

describe("a selection from models", { timeout: 120_000 }, () => {
  const tasks: Record<string, TaskDraft> = {
    trees: {
      component: "boosting-train",
      inputs: { data: "in.data" },
      parameters: { trees: 4, depth: 2, bins: 8 },
      partyParameters: { bank: { columns: ["g", "chance"] } },
    },
    regression: {
      component: "regression-train",
      inputs: { data: "in.data" },
      parameters: { inference: true },
      partyParameters: { bank: { columns: ["g", "chance"] }, telco: { columns: ["h", "k", "dull"] } },
    },
    scored: {
      component: "regression-predict",
      inputs: { data: "in.data", model: "regression.model" },
      parameters: { contributions: true },
    },
    task: drafted(
      { missing: 0.5, commonest: 0.99, importance: 0.02, pValue: 0.05, permutation: 0.01 },
      {
        inputs: { data: "in.data", trees: "trees.model", regression: "regression.model", scored: "scored.data" },
        partyParameters: { bank: { drop: ["serial"] }, telco: { drop: ["like-g"] } },
      },
    ),
    narrow: {
      component: "regression-train",
      inputs: { data: "task.data" },
      parameters: { iterations: 4, hostTermsMin: 1 },
    },
    raw: {
      component: "regression-predict",
      inputs: { data: "in.data", model: "narrow.model" },
      parameters: { hostColumnsMin: 1 },
    },
    apply: { component: "select-apply", inputs: { data: "in.data", model: "task.model" } },
    again: {
      component: "regression-predict",
      inputs: { data: "apply.data", model: "narrow.model" },
      parameters: { hostColumnsMin: 1 },
    },
  };
  const kept = keptFor();
  beforeAll(async () => {
    for (const name of Object.keys(tasks)) await runTask(flowOf(tasks), name, kept, setting);
  }, 120_000);

  it("goes by importance, p-values and shuffled columns, each party by its own part", () => {
    expect(stays(kept, "bank")).toEqual(["id", "y", "g"]);
    expect(stays(kept, "telco")).toEqual(["id", "h"]);
    const [chance] = toldTo(kept, "bank").columns.filter(({ name }) => name === "chance");
    expect(["importance", "p-value", "permutation"]).toContain(chance!.fell!.rule);
    const [own] = toldTo(kept, "bank").columns.filter(({ name }) => name === "g");
    expect(own!.figures.permutation).toBeGreaterThan(0.05);
    expect(own!.figures["p-value"]).toBeLessThan(0.001);
  });

  it("is done again to raw rows, which get the scores of selected ones", () => {
    const scores = (task: string): number[] => {
      const column = kept.bank!.tables[`${task}.data`]!.columns.find(({ name }) => name === "score")!;
      return column.kind === "number" ? [...column.values] : [];
    };
    expect(scores("raw")).toHaveLength(ROWS);
    expect(scores("raw")).toEqual(scores("again"));
  });

  it("is once in a job over a dataset where it tells another party anything", () => {
    const once = (given: object): boolean => select.oncePerDataset!(select.parameters.parse(given));
    expect(once({ informationMin: 0.02 })).toBe(true);
    expect(once({ importance: 0.01 })).toBe(true);
    expect(once({ correlation: 0.9, across: true })).toBe(true);
    expect(once({ missing: 0.5, correlation: 0.9 })).toBe(false);
  });
});
