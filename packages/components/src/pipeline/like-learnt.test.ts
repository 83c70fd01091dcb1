/** Bins and steps say nothing of rows that did not come the same way: edges of scaled values put raw ones into wrong bins. */
import { beforeAll, describe, expect, it } from "vitest";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed } from "../testing/tasks.ts";

const ROWS = 200;
const rows = [...Array(ROWS).keys()];
const data = keyed(
  tableOf(
    texts(
      "id",
      rows.map((row) => `id-${row}`),
    ),
    numbers(
      "y",
      rows.map((row) => Number((row * 7) % 20 < 8)),
    ),
    numbers("x", rows),
    numbers(
      "z",
      rows.map((row) => (row * 37) % 101),
    ),
  ),
  "y",
);
const scale = { bank: { steps: [{ kind: "scale", columns: ["x"], method: "min-max" }] } };
const tasks: Record<string, TaskDraft> = {
  prepare: { component: "prepare", inputs: { data: "in.data" }, partyParameters: scale },
  bin: { component: "bin", inputs: { data: "prepare.data" }, partyParameters: { bank: { fineBins: 4 } } },
  select: { component: "select", inputs: { data: "bin.data" }, parameters: { missing: 0.5 } },
  prepared: { component: "prepare-apply", inputs: { data: "in.data", model: "prepare.model" } },
};
const applying = (what: string, from: string): TaskDraft => ({
  component: `${what}-apply`,
  inputs: { data: from, model: `${what}.model` },
});

describe("what was learnt of prepared rows", () => {
  const kept: Record<string, Kept> = { bank: { ...emptyKept(), tables: { "in.data": data } } };
  const run = async (name: string, task: TaskDraft): Promise<unknown> =>
    runTask(flowOf({ [name]: task }, 1), name, kept, { datasets: {} });
  beforeAll(async () => {
    for (const [name, task] of Object.entries(tasks)) await run(name, task);
  });

  it("is not applied to rows as they were read", async () => {
    expect(await failureOf(run("raw", applying("bin", "in.data")))).toMatchObject({
      code: "input.pipeline",
      detail: { kind: "bin", steps: 0, learntAfter: 1 },
    });
    const twice: TaskDraft = { component: "prepare", inputs: { data: "prepared.data" }, partyParameters: scale };
    await run("twice", twice);
    expect((await failureOf(run("late", applying("bin", "twice.data")))).code).toBe("input.pipeline");
  });

  it("is applied to rows that went through the same", async () => {
    await run("binned", applying("bin", "prepared.data"));
    expect(kept.bank!.tables["binned.data"]!.columns).toEqual(kept.bank!.tables["bin.data"]!.columns);
  });

  it("is applied as before where it is not kept what came first, and where names alone count", async () => {
    const { after: _, ...old } = kept.bank!.models["bin.model"] as Record<string, unknown>;
    kept.bank!.models["older.model"] = old;
    await run("as-before", { component: "bin-apply", inputs: { data: "in.data", model: "older.model" } });
    await run("names", applying("select", "in.data"));
    expect(kept.bank!.tables["names.data"]!.columns.map(({ name }) => name)).toEqual(["id", "y", "x", "z"]);
  });
});
