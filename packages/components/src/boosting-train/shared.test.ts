import { fromHex, TomboloError } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import type { TaskDraft } from "../flows.ts";
import { describeModel } from "../model-view.ts";
import { findComponent } from "../registry.ts";
import { emptyKept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, madeUp, PARTIES, runOne } from "../testing/tasks.ts";
import { storedGuestModel, storedHostModel } from "./model.ts";

describe("boosting-train at level shared", () => {
  const parameters = { level: "shared", trees: 2, depth: 2, bins: 4 };
  const task: TaskDraft = { component: "boosting-train", inputs: { data: "in.data" }, parameters };
  const { guest, host } = madeUp(120);
  const tables = { bank: { "in.data": guest }, telco: { "in.data": host } };

  it("leaves parts whose leaves have no weights, and which nothing but totals is made with", async () => {
    const kept = await runOne(task, tables);
    const [bank, telco] = [kept.bank!.models["task.model"], kept.telco!.models["task.model"]];
    for (const [model, check] of [
      [bank, storedGuestModel],
      [telco, storedHostModel],
    ] as const)
      expect(() => check(model)).toThrow(/level shared/);
    expect(JSON.stringify(bank)).not.toContain('"h"');
    expect(JSON.stringify(telco)).not.toContain('"g"');
    const view = describeModel(bank)!;
    const taken = view.importance.reduce((sum, { count }) => sum + count, 0);
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual(2 * 3);
    expect(view.importance.map(({ party }) => party)).toContain("telco");
    expect(describeModel(telco)!.importance.every(({ party }) => party === "telco")).toBe(true);
  });

  it("scores with totals alone, as well as the labels can be told", async () => {
    const score = (form: string): TaskDraft => ({
      component: "boosting-predict",
      parameters: { form },
      inputs: { model: "task.model", data: "in.data" },
    });
    const flow = flowOf({ task, totals: score("sum-only"), branches: score("branches") });
    const kept = { bank: { ...emptyKept(), tables: tables.bank }, telco: { ...emptyKept(), tables: tables.telco } };
    for (const name of ["task", "totals"]) await runTask(flow, name, kept, { datasets: {} });
    const scores = kept.bank.tables["totals.data" as never] as typeof guest;
    const [scored, labels] = [scores, guest].map((table, i) =>
      table.columns.find(({ name }) => name === ["score", "y"][i]),
    );
    if (scored?.kind !== "number" || labels?.kind !== "number") throw new Error("not numbers");
    const right = scored.values.filter((score, row) => score > 0.5 === (labels.values[row] === 1)).length;
    expect(right / 120).toBeGreaterThan(0.8);
    const refused = await failureOf(runTask(flow, "branches", kept, { datasets: {} }));
    expect(refused).toMatchObject({ code: "input.model", remedy: "Set form to sum-only." });
  });

  it.each(["bank", "telco"])("goes on when %s's process ends after a tree", async (crashing) => {
    const kept = { bank: { ...emptyKept(), tables: tables.bank }, telco: { ...emptyKept(), tables: tables.telco } };
    const crash: Setting = {
      datasets: {},
      onCheckpoint: (party, count) => {
        if (party === crashing && count === 2) throw new TomboloError("aborted.crash", "crash");
      },
    };
    await expect(runTask(flowOf({ task }), "task", kept, crash)).rejects.toThrow(/crash/);
    await runTask(flowOf({ task }), "task", kept, { datasets: {} });
    for (const party of ["bank", "telco"] as const) expect(kept[party].logs).toEqual(["going on after 1 tree"]);
  });

  it("drops trees that the partner may grow anew, whose shares would not fit", async () => {
    const kept = { bank: { ...emptyKept(), tables: tables.bank }, telco: { ...emptyKept(), tables: tables.telco } };
    const run = (setting: Partial<Setting>) => runTask(flowOf({ task }), "task", kept, { datasets: {}, ...setting });
    const leaves = (): bigint[] => {
      const [own, other] = [kept.bank, kept.telco].map(({ models }) => {
        const { part } = models["task.model"] as { part: { trees: { leaves: string }[] } };
        return part.trees.flatMap((tree) => [...new BigUint64Array(fromHex(tree.leaves).slice().buffer)]);
      });
      return own!.map((share, i) => BigInt.asIntN(64, share + other![i]!));
    };
    const saved = (party: "bank" | "telco"): number[] =>
      (kept[party].checkpoints.task as { shared: { trees: unknown[] }[] }).shared.map(({ trees }) => trees.length);
    await run({});
    const expected = leaves();
    // The bank kept both trees, the telco one; then the telco keeps the second anew, and the bank does not.
    (kept.telco.checkpoints.task as { shared: unknown[] }).shared.pop();
    const onCheckpoint = (party: string, count: number): void => {
      if (party === "bank" && count === 2) throw new TomboloError("aborted.crash", "crash");
    };
    await expect(run({ onCheckpoint })).rejects.toThrow(/crash/);
    expect([saved("bank"), saved("telco")]).toEqual([[1], [1, 2]]);
    await run({});
    expect(leaves()).toEqual(expected);
  });

  it("refuses by name what this level does not offer, before consent", () => {
    const component = findComponent("boosting-train")!;
    const faultsOf = (more: Record<string, unknown>, parties: number) =>
      component.faults!({
        parameters: component.parameters.parse({ ...parameters, ...more }),
        participants: PARTIES.slice(0, parties),
        written: {},
        inputs: [],
      }).map(({ parameter }) => parameter);
    expect(faultsOf({}, 2)).toEqual([]);
    expect(faultsOf({}, 3)).toEqual(["level"]);
    expect(faultsOf({ objective: "poisson" }, 2)).toEqual(["objective"]);
    expect(faultsOf({ alpha: 1 }, 2)).toEqual(["alpha"]);
    expect(faultsOf({ depth: 9 }, 2)).toEqual(["depth"]);
    expect(faultsOf({ earlyStopping: { rounds: 2, fraction: 0.2 } }, 2)).toEqual(["earlyStopping"]);
  });

  it("refuses weights of a host or not agreed, directions, and children too light for its words", async () => {
    const named = { ...task, partyParameters: { bank: { rising: ["g"] } } };
    expect((await failureOf(runOne(named, tables))).code).toBe("input.columns");
    const weighing = (weight: Record<string, Record<string, unknown>>, weighted: boolean) =>
      failureOf(runOne({ ...task, parameters: { ...parameters, weighted }, partyParameters: weight }, tables));
    expect((await weighing({ telco: { weight: "h" } }, true)).code).toBe("input.weights");
    expect((await weighing({ bank: { weight: "g" } }, false)).code).toBe("input.weights");
    const light = { ...task, parameters: { ...parameters, lambda: 0, minChildWeight: 0 } };
    expect(await failureOf(runOne(light, tables))).toMatchObject({ code: "input.parameter" });
  });
});
