/** Scores of rows that the host does not get to know, as callers of a service ask for them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TaskDraft } from "../flows.ts";
import type { ScoreAnswer } from "../score-service/items.ts";
import type { ItemRefusal } from "../service.ts";
import { numbers } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, madeUp } from "../testing/tasks.ts";

const ROWS = 80;
const DAY_MS = 86_400_000;
const UNTIL = "2099-01-01T00:00:00Z";
type Answer = ScoreAnswer & Partial<ItemRefusal>;
type Ask = (batch: readonly unknown[]) => Promise<Answer[]>;

let folder: string;
let kept: Record<string, Kept>;
let rowsOf: { id: string; features: { g: number } }[];
let scores: number[];
let services = 0;
const now = Date.now();

const training = { trees: 5, depth: 3, bins: 8, minimumRows: 5, minChildWeight: 0 };
const tasks: Record<string, TaskDraft> = {
  train: {
    component: "boosting-train",
    parameters: training,
    partyParameters: { telco: { columns: ["h"] } },
    inputs: { data: "in.data" },
  },
  other: { component: "boosting-train", parameters: { ...training, trees: 2 }, inputs: { data: "in.data" } },
  predict: { component: "boosting-predict", inputs: { model: "train.model", data: "in.data" } },
  plain: {
    component: "boosting-tabulate",
    parameters: { padTo: 10 },
    inputs: { model: "train.model", data: "in.data" },
  },
  aged: {
    component: "boosting-tabulate",
    parameters: { padTo: 10, staleAfterHours: 48 },
    partyParameters: { telco: { asOf: "day" } },
    inputs: { model: "train.model", data: "in.data" },
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-hidden-"));
  const { guest, host } = madeUp(ROWS);
  // The features of the last row are of today, those of the one before of yesterday, and so on.
  const days = Array.from({ length: ROWS }, (_, i) => Math.floor(now / DAY_MS) - (ROWS - 1 - i));
  const dated = { ...host, columns: [...host.columns, numbers("day", days)] };
  kept = { bank: emptyKept(), telco: emptyKept() };
  kept.bank!.tables["in.data"] = guest;
  kept.telco!.tables["in.data"] = dated;
  const setting = { datasets: {}, modelFolders: folder, startedAtMs: now };
  for (const task of Object.keys(tasks)) await runTask(flowOf(tasks), task, kept, setting);
  const values = (table: string, name: string) => {
    const column = kept.bank!.tables[table]!.columns.find((each) => each.name === name)!;
    return column.kind === "number" ? [...column.values] : [];
  };
  scores = values("predict.data", "score");
  rowsOf = values("in.data", "g").map((g, i) => ({ id: `id-${i}`, features: { g } }));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Serving {
  readonly catalogue?: string;
  readonly model?: string;
  readonly parameters?: Record<string, unknown>;
  readonly setting?: Partial<Setting>;
}

/** Each is a service of its own; answers what it cost. */
async function serve(
  { catalogue = "plain", model = "train", parameters, setting }: Serving,
  call: (ask: Ask) => unknown,
) {
  const task = {
    component: "boosting-serve-hidden",
    inputs: { model: `${model}.model`, catalogue: `${catalogue}.catalogue` },
    parameters: { until: UNTIL, padTo: 4, ...parameters },
  };
  const name = `serve-${services++}`;
  return runTask(flowOf({ [name]: task }), name, kept, {
    ...{ datasets: {}, modelFolders: folder, startedAtMs: now },
    ...setting,
    call: async (party, answer) => {
      expect(party).toBe("bank");
      const ask = async (batch: readonly unknown[]) => (await answer(batch)) as Answer[];
      while ((await ask([rowsOf[0]]))[0]!.refusal?.code === "transport.missing-host") await new Promise(setImmediate);
      await call(ask);
    },
  });
}

describe("boosting-serve-hidden", () => {
  it("gives the scores of boosting-predict, row by row, in batches of any size and order", () =>
    serve({}, async (ask) => {
      const [one, ...rest] = await Promise.all([ask(rowsOf.slice(0, 1)), ask(rowsOf.slice(1))]);
      expect([...one, ...rest.flat()].map(({ score }) => score)).toEqual(scores);
      expect(new Set(scores).size).toBeGreaterThan(4);
      const mixed = [7, 3, 7, 61, 3];
      expect((await ask(mixed.map((i) => rowsOf[i]))).map(({ score }) => score)).toEqual(mixed.map((i) => scores[i]));
    }));

  it("shows the host as much of an id that it has as of one that it has not, or of one that comes again", async () => {
    const seen = async (batch: readonly unknown[]) => {
      const { byDirection } = await serve({}, (ask) => ask(batch));
      return byDirection;
    };
    const stranger = (i: number) => ({ ...rowsOf[i]!, id: `nobody-${i}` });
    const known = await seen(rowsOf.slice(0, 3));
    expect(await seen([0, 1, 2, 3].map(stranger))).toEqual(known);
    expect(await seen([rowsOf[0], stranger(1), rowsOf[0]])).toEqual(known);
    expect(known["bank->telco"]!.question!.bytes % (4 * 32)).toBe(0);
  });

  it("applies the policies, to unknown ids and to features that are too old, as serving does", async () => {
    const stranger = { id: "nobody", features: { g: 50 } };
    await serve({}, async (ask) => {
      expect(await ask([stranger])).toEqual([
        { refusal: { code: "state.unknown-id", message: "telco does not know the id" } },
      ]);
    });
    const parameters = { unknownId: "default", staleFeature: "default", defaultScore: 0.5 };
    await serve({ catalogue: "aged", parameters }, async (ask) => {
      const [unknown, stale, fresh] = await ask([stranger, rowsOf[70], rowsOf[79]]);
      expect(unknown).toEqual({ score: 0.5, policy: { cause: "unknown-id", party: "telco", instead: "default" } });
      expect(stale).toEqual({ score: 0.5, policy: { cause: "stale-feature", party: "telco", instead: "default" } });
      expect(fresh).toEqual({ score: scores[79] });
    });
    // What was good when the catalogue was made grows too old by itself.
    const setting = { startedAtMs: now + 3 * DAY_MS };
    await serve({ catalogue: "aged", parameters, setting }, async (ask) => {
      expect((await ask([rowsOf[79]]))[0]!.policy?.cause).toBe("stale-feature");
    });
  });

  it("draws on the budget of ids before it answers, and on no more than was agreed", async () => {
    const run = serve({ parameters: { idsMax: 12, drawnAhead: 8 } }, async (ask) => {
      const drawn = (): number => kept.telco!.draws[`serve-${services - 1} bank`] ?? 0;
      expect(drawn()).toBe(8);
      await ask(rowsOf.slice(0, 8));
      expect(drawn()).toBe(12);
      await ask(rowsOf.slice(0, 1));
    });
    expect((await failureOf(run)).code).toBe("consent.rows");
  });

  it("refuses a catalogue of another model, and other questions refuse this one", async () => {
    expect((await failureOf(serve({ model: "other" }, () => {}))).code).toBe("input.model");
    for (const [component, columns] of [
      ["verify-serve", {}],
      ["query-serve", { columns: ["h"] }],
    ] as const) {
      const task = { component, inputs: { catalogue: "plain.catalogue" }, parameters: { until: UNTIL, ...columns } };
      const run = runTask(flowOf({ ask: task }), "ask", kept, { datasets: {}, modelFolders: folder });
      expect((await failureOf(run)).code).toBe("input.model");
    }
  });

  it("asks each of several hosts, each of them under a key of its own", async () => {
    const insurer = { ...madeUp(ROWS).host, aligned: true };
    const all: Record<string, Kept> = { ...kept, insurer: { ...emptyKept(), tables: { "in.data": insurer } } };
    const setting = { datasets: {}, modelFolders: join(folder, "three"), startedAtMs: now };
    const score = { component: "boosting-predict", inputs: { model: "train.model", data: "in.data" } };
    const serving = {
      component: "boosting-serve-hidden",
      inputs: { model: "train.model", catalogue: "plain.catalogue" },
      parameters: { until: UNTIL, padTo: 4 },
    };
    const flow = flowOf({ train: tasks.train!, predict: score, plain: tasks.plain!, serve: serving }, 3);
    for (const task of ["train", "predict", "plain"]) await runTask(flow, task, all, setting);
    const column = all.bank!.tables["predict.data"]!.columns.find(({ name }) => name === "score")!;
    const expected = column.kind === "number" ? [...column.values] : [];
    const call = async (_: string, answer: (batch: readonly unknown[]) => Promise<readonly unknown[]>) => {
      const ask = async (): Promise<Answer[]> => (await answer(rowsOf)) as Answer[];
      let answers = await ask();
      for (; answers[0]!.refusal?.code === "transport.missing-host"; answers = await ask())
        await new Promise(setImmediate);
      expect(answers.map(({ score: each }) => each)).toEqual(expected);
    };
    const { byDirection } = await runTask(flow, "serve", all, { ...setting, call });
    expect(byDirection["insurer->bank"]!.answer!.bytes).toBeGreaterThanOrEqual(32 * ROWS);
    expect(kept.bank!.reports["plain.report"]!.data).toMatchObject({ rows: 180 });
  });
});
