import { TomboloError } from "@tombolo/base";
import { auc, rank } from "@tombolo/federated/evaluation";
import { expect, test } from "vitest";
import type { TaskTable } from "../component.ts";
import type { FlowDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, keyed } from "../testing/tasks.ts";

const ROWS = 320;
const setting: Setting = { datasets: {}, deadlineMs: 60_000 };

/** Labels that g, h and k tell in part. */
function tables(): Record<string, TaskTable> {
  const rows = Array.from({ length: ROWS }, (_, i) => i);
  const ids = texts(
    "id",
    rows.map((i) => `id-${i}`),
  );
  const [g, h, k, m] = [37, 53, 29, 71].map((step) => rows.map((i) => ((i * step) % 101) / 50 - 1));
  const y = rows.map((i) => (g![i]! + h![i]! - k![i]! + ((i * 17) % 23) / 8 - 1.4 > 0 ? "yes" : "no"));
  return {
    bank: keyed(tableOf(ids, texts("y", y), numbers("g", g!)), "y"),
    telco: keyed(tableOf(ids, numbers("h", h!), numbers("k", k!), numbers("m", m!))),
  };
}

const flow: FlowDraft = {
  version: "1",
  name: "test",
  parties: [
    { party: "bank", role: "guest" },
    { party: "telco", role: "host" },
    { party: "notary", role: "arbiter" },
  ],
  seed: 7,
  tasks: {
    train: {
      component: "regression-train-arbiter",
      inputs: { data: "in.data" },
      parameters: { epochs: 4, tolerance: 1e-7, keyBits: 2048 },
    },
    score: {
      component: "regression-predict",
      parties: ["bank", "telco"],
      inputs: { model: "train.model", data: "in.data" },
    },
  },
};

const keptFor = (own: Record<string, TaskTable>): Record<string, Kept> => ({
  notary: emptyKept(),
  ...Object.fromEntries(
    Object.entries(own).map(([party, data]) => [party, { ...emptyKept(), tables: { "in.data": data } }]),
  ),
});

test("goes on after a crash from the epoch all have; the parts score like any regression's, and the arbiter has neither rows nor model", {
  timeout: 60_000,
}, async () => {
  const kept = keptFor(tables());
  const crash: Setting = {
    ...setting,
    onCheckpoint: (party, count) => {
      if (party === "telco" && count === 3) throw new TomboloError("aborted.crash", "crash");
    },
  };
  await expect(runTask(flow, "train", kept, crash)).rejects.toThrow(/crash/);
  await runTask(flow, "train", kept, setting);
  for (const party of ["bank", "telco"]) {
    expect(kept[party]!.logs).toContain("going on after 2 epochs");
    expect(kept[party]!.reports["train.report"]!.data).toMatchObject({ solver: "sgd", steps: 4, family: "logistic" });
  }
  // Two epochs of one batch, for each owner.
  expect(kept.notary!.logs).toEqual(["decrypted 4 lists of sums under masks"]);
  expect([kept.notary!.models, kept.notary!.tables, kept.notary!.checkpoints]).toEqual([{}, {}, {}]);
  expect(JSON.stringify(kept.telco!.models["train.model"])).not.toContain('"g"');

  await runTask(flow, "score", kept, setting);
  const column = (name: string) => kept.bank!.tables["score.data"]!.columns.find((each) => each.name === name)!;
  const [scores, labels] = [column("score"), column("y")];
  if (scores.kind !== "number" || labels.kind !== "text") return expect.unreachable();
  const yes = Float64Array.from(labels.codes, (code) => (labels.categories[code] === "yes" ? 1 : 0));
  expect(auc(rank(yes, scores.values))).toBeGreaterThan(0.85);
});

test("refuses tables too small for its terms, at every party", { timeout: 60_000 }, async () => {
  const kept = keptFor(tables());
  const { train } = flow.tasks;
  const small = { ...flow, tasks: { train: { ...train!, parameters: { rowsPerTerm: 100 } } } };
  expect((await failureOf(runTask(small, "train", kept, setting))).code).toBe("input.rows");
  const few = { ...flow, tasks: { train: { ...train!, partyParameters: { telco: { columns: ["h"] } } } } };
  expect((await failureOf(runTask(few, "train", kept, setting))).code).toBe("consent.few-columns");
});

test("refuses sums over fewer rows than a party allows", { timeout: 60_000 }, async () => {
  const strict = { ...setting, minimumRows: 21 };
  expect(await failureOf(runTask(flow, "train", keptFor(tables()), strict))).toMatchObject({
    code: "consent.minimum-rows",
    remedy: "Set minimumRows to 21 or more.",
  });
});
